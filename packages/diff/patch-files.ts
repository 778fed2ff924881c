import type { FileHead } from "./file-head.ts";
import { patchBytes } from "./file-starts.ts";
import { readPatch } from "./read-patch.ts";

export type PatchLine = {
  kind: "same" | "added" | "removed";
  text: string;
  oldNumber?: number;
  newNumber?: number;
  noNewline?: true;
};
export type Hunk = { heading: string; lines: PatchLine[] };
export type PatchFile = FileHead & { binary: boolean; additions: number; deletions: number; hunks: Hunk[] };

/** A whole patch as values, and the text of what is not understood, from its hunk on. */
export function patchFiles(patch: Uint8Array): { files: PatchFile[]; unread: string } {
  const files: PatchFile[] = [];
  let file: PatchFile | undefined;
  let hunk: Hunk | undefined;
  let unread = "";
  for (const part of readPatch(patch)) {
    switch (part.kind) {
      case "file":
        file = { ...part.head, binary: false, additions: 0, deletions: 0, hunks: [] };
        files.push(file);
        hunk = undefined;
        break;
      case "binary":
        file!.binary = true;
        break;
      case "hunk":
        hunk = { heading: part.heading, lines: [] };
        file!.hunks.push(hunk);
        break;
      case "same":
        hunk!.lines.push(part);
        break;
      case "added":
        hunk!.lines.push({ kind: part.kind, text: part.text, newNumber: part.newNumber });
        break;
      case "removed":
        hunk!.lines.push({ kind: part.kind, text: part.text, oldNumber: part.oldNumber });
        break;
      case "no-newline":
        hunk!.lines.at(-1)!.noNewline = true;
        break;
      case "unread": {
        const rest = patchBytes(patch).toString("utf8", part.from);
        unread = rest.endsWith("\n") ? rest.slice(0, -1) : rest;
        // A broken hunk is not shown.
        if (part.lines.at() > part.from) file!.hunks.pop();
      }
    }
  }
  for (const one of files) {
    const all = one.hunks.flatMap(({ lines }) => lines);
    one.additions = all.filter(({ kind }) => kind === "added").length;
    one.deletions = all.filter(({ kind }) => kind === "removed").length;
  }
  return { files, unread };
}
