import { type FileHead, headOf } from "./file-head.ts";
import { FILE_START } from "./file-starts.ts";
import { type Lines, patchLines } from "./lines.ts";

type ContentLine = { kind: "same" | "added" | "removed"; text: string; oldNumber: number; newNumber: number };

export type PatchPart =
  | { kind: "file"; head: FileHead }
  /** `lines` stand at the content, for a reader that wants it. */
  | { kind: "binary"; lines: Lines }
  | { kind: "hunk"; header: string; heading: string }
  | ContentLine
  /** The line before has no line end. */
  | { kind: "no-newline" }
  /** The rest is not understood. `from` is the byte where it begins, a broken hunk as a whole; `lines` stand behind what was given of that. */
  | { kind: "unread"; from: number; lines: Lines };

const BINARY = "GIT binary patch";
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;

/**
 * Reads what `git diff` wrote, line by line; no more than a line of it is held. A hunk has exactly the lines that its
 * header counts, and only LF ends a line: nothing in a file's content can end a hunk early, begin another file, or fall
 * between two lines. What is not understood is handed over as `unread`, never passed over.
 */
export function* readPatch(patch: Uint8Array): Generator<PatchPart> {
  const lines = patchLines(patch);
  while (lines.peek()?.startsWith(FILE_START)) {
    yield { kind: "file", head: readHead(lines) };
    if (lines.peek() === BINARY) {
      lines.next();
      yield { kind: "binary", lines };
      while (lines.peek() !== undefined && !lines.peek()!.startsWith(FILE_START)) lines.next();
    }
    while (lines.peek()?.startsWith("@@ ")) {
      const from = lines.at();
      const isWhole = yield* readHunk(lines);
      if (isWhole) continue;
      yield { kind: "unread", from, lines };
      return;
    }
  }
  if (lines.peek() !== undefined) yield { kind: "unread", from: lines.at(), lines };
}

const isBody = (line: string) => line.startsWith("@@ ") || line === BINARY || line.startsWith(FILE_START);

function readHead(lines: Lines): FileHead {
  const first = lines.next()!;
  const rest: string[] = [];
  while (lines.peek() !== undefined && !isBody(lines.peek()!)) rest.push(lines.next()!);
  return headOf(first, rest);
}

/** Gives its lines; false when there is one that its header does not allow, at which `lines` stand. */
function* readHunk(lines: Lines): Generator<PatchPart, boolean> {
  const header = HUNK.exec(lines.peek()!);
  if (!header) return false;
  let [oldNumber, oldLeft, newNumber, newLeft] = header.slice(1, 5).map((figure) => Number(figure ?? 1)) as [
    number,
    number,
    number,
    number,
  ];
  yield { kind: "hunk", header: lines.next()!, heading: header[5]! };
  for (let given = 0; oldLeft > 0 || newLeft > 0 || lines.peek()?.startsWith("\\"); given++) {
    const line = lines.peek();
    if (line === undefined) return false;
    const mark = line[0];
    if (mark === "\\" && given > 0) yield { kind: "no-newline" };
    else if (mark === " " && oldLeft > 0 && newLeft > 0) {
      yield { kind: "same", text: line.slice(1), oldNumber, newNumber };
      oldLeft--;
      newLeft--;
      oldNumber++;
      newNumber++;
    } else if (mark === "-" && oldLeft > 0) {
      yield { kind: "removed", text: line.slice(1), oldNumber, newNumber };
      oldLeft--;
      oldNumber++;
    } else if (mark === "+" && newLeft > 0) {
      yield { kind: "added", text: line.slice(1), oldNumber, newNumber };
      newLeft--;
      newNumber++;
    } else return false;
    lines.next();
  }
  return true;
}
