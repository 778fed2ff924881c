import type { Hit, KnownFile } from "../conversation.ts";

/** A place where a version is written. */
export type VersionPlace = { path: string; line: number; what: string; version: string; enough: boolean };

/** Replace `length` characters at `at` of the file's text. */
export type Replacement = { path: string; at: number; length: number; replacement: string };

export type RaisePlan = {
  findings: VersionPlace[];
  changes: Replacement[];
  /** Names to search for, because they are defined elsewhere. */
  needs: string[];
  /** What a reviewer must know. */
  remarks: string[];
};

export const nothing = (): RaisePlan => ({ findings: [], changes: [], needs: [], remarks: [] });

/** What the script has seen before it changes anything. */
export type SeenFiles = {
  files: Map<string, KnownFile>;
  searched: Set<string>;
  hits: Hit[];
};

/** The text of a file, as far as its lines follow each other from the first one on. */
export function knownText(file: KnownFile): string {
  const lines: string[] = [];
  for (let line = 1; file.lines.has(line); line++) lines.push(file.lines.get(line)!);
  return lines.join("\n");
}

export const lineAt = (text: string, at: number) => text.slice(0, at).split("\n").length;
