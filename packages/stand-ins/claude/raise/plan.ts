import type { Hit, KnownFile } from "../conversation.ts";

/** A place where a version is written. */
export type VersionPlace = { path: string; line: number; what: string; version: string; enough: boolean };

/** Replace `length` characters at `at` of the file's known text. */
export type Replacement = { path: string; at: number; length: number; replacement: string };

export type RaisePlan = {
  findings: VersionPlace[];
  changes: Replacement[];
  /** Literal texts to search for, because something is defined elsewhere. */
  needs: string[];
  /** Line ranges to read. */
  reads: { path: string; from: number; to: number }[];
  /** What a reviewer must know. */
  remarks: string[];
};

export const nothing = (): RaisePlan => ({ findings: [], changes: [], needs: [], reads: [], remarks: [] });

/** What the script has seen before it changes anything. */
export type SeenFiles = {
  files: Map<string, KnownFile>;
  searched: Set<string>;
  hits: Hit[];
};

/** The text of a file from its first known line on, as far as lines follow each other. */
export function knownText(file: KnownFile, from = 1): string {
  const lines: string[] = [];
  for (let line = from; file.lines.has(line); line++) lines.push(file.lines.get(line)!);
  return lines.join("\n");
}

export const lineAt = (text: string, at: number) => text.slice(0, at).split("\n").length;
