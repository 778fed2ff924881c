import { type PatchFile, patchFiles } from "../../diff/patch-files.ts";
import { plural } from "../../text/counts.ts";
import { clip } from "../../text/cut.ts";
import { withoutTerminalCodes } from "../../text/terminal-codes.ts";

const MAX_LINES = 40;
const MAX_WIDTH = 160;

/** What a patch changes, as lines for a terminal: its files and what is taken out and put in, without context. */
export function shortDiff(patch: Uint8Array, maxLines = MAX_LINES): string[] {
  const all = patchFiles(patch).files.flatMap(linesOf);
  const left = all.length - maxLines;
  return left > 0 ? [...all.slice(0, maxLines), `... ${plural(left, "more line")}`] : all;
}

function linesOf(file: PatchFile): string[] {
  const head = `${file.path}  +${file.additions} -${file.deletions}${file.binary ? "  (binary)" : ""}`;
  const changed = file.hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind !== "same"));
  return [head, ...changed.map(({ kind, text }) => `  ${kind === "added" ? "+" : "-"}${fit(text)}`)];
}

/** A file may hold what moves a terminal's cursor. */
const fit = (text: string) => clip(withoutTerminalCodes(text), MAX_WIDTH);
