import { fileStarts, patchBytes } from "../diff/file-starts.ts";
import { type PatchPart, readPatch } from "../diff/read-patch.ts";
import { plural } from "../text/counts.ts";
import { clip } from "../text/cut.ts";

/** How much of a patch people see at a glance. */
export type HunkRoom = { lines: number; chars: number };

const MAX_LINE = 160;
const LEAST_LINES_A_FILE = 6;
const MAX_NAME = 200;

type FileDiff = { name: string; lines: string[]; more: number };

/**
 * The first hunks of every file of a patch (`git diff`), as far as there is room; what is left out is counted. Text as
 * it is: the view makes hidden characters visible.
 */
export function firstHunks(patch: Uint8Array, room: HunkRoom): string {
  const all = [...fileStarts(patchBytes(patch))].length;
  const { files, isWhole } = filesOf(patch, Math.max(LEAST_LINES_A_FILE, Math.floor(room.lines / Math.max(1, all))));
  const shown: string[] = [];
  let chars = 0;
  for (const [i, { name, lines, more }] of files.entries()) {
    const left = more > 0 ? [`… ${plural(more, "more line")} of it`] : [];
    const part = [name, ...lines, ...left].join("\n");
    if (chars + part.length > room.chars && shown.length > 0)
      return [...shown, `… ${plural(all - i, "more file")}`].join("\n\n");
    shown.push(clip(part, room.chars));
    chars += part.length + 2;
  }
  return [...shown, ...(isWhole ? [] : ["… the rest of the patch cannot be read; download it"])].join("\n\n");
}

function filesOf(patch: Uint8Array, linesAFile: number): { files: FileDiff[]; isWhole: boolean } {
  const files: FileDiff[] = [];
  for (const part of readPatch(patch)) {
    if (part.kind === "unread") return { files: files.map(orWhatItIs), isWhole: false };
    if (part.kind === "file") files.push({ name: clip(part.head.path, MAX_NAME), lines: [], more: 0 });
    else {
      const file = files.at(-1)!;
      if (file.lines.length < linesAFile) file.lines.push(clip(lineOf(part), MAX_LINE));
      else file.more += 1;
    }
  }
  return { files: files.map(orWhatItIs), isWhole: true };
}

const orWhatItIs = (file: FileDiff): FileDiff =>
  file.lines.length > 0 ? file : { ...file, lines: ["(only its name or mode)"] };

type Body = Exclude<PatchPart, { kind: "file" | "unread" }>;

function lineOf(part: Body): string {
  switch (part.kind) {
    case "hunk":
      return part.header;
    case "binary":
      return "(binary)";
    case "no-newline":
      return "\\ No newline at end of file";
    default:
      return `${MARKS[part.kind]}${part.text}`;
  }
}

const MARKS = { same: " ", added: "+", removed: "-" };
