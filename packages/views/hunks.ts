import { clip } from "../text/cut.ts";

/** How much of a patch people see at a glance. */
export type HunkRoom = { lines: number; chars: number };

const MAX_LINE = 160;
const LEAST_LINES_A_FILE = 6;
const MAX_NAME = 200;

type FileDiff = { name: string; lines: string[] };

function fileOf(diff: string): FileDiff {
  const lines = diff.trimEnd().split("\n");
  const first = (prefix: string) =>
    lines.find((line) => line.startsWith(prefix) && !line.endsWith("/dev/null"))?.slice(prefix.length);
  const name = first("+++ b/") ?? first("rename to ") ?? first("--- a/") ?? lines[0]!.slice("diff --git ".length);
  const hunks = lines.findIndex((line) => line.startsWith("@@"));
  const what = lines.some((line) => line === "GIT binary patch") ? "(binary)" : "(only its name or mode)";
  return {
    name: clip(name, MAX_NAME),
    lines: hunks === -1 ? [what] : lines.slice(hunks).map((line) => clip(line, MAX_LINE)),
  };
}

/**
 * The first hunks of every file of a patch (`git diff`), as far as there is room; what is left out is counted. Text as
 * it is: whoever shows it makes hidden characters visible.
 */
export function firstHunks(patch: string, room: HunkRoom): string {
  const files = patch
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith("diff --git "))
    .map(fileOf);
  const linesAFile = Math.max(LEAST_LINES_A_FILE, Math.floor(room.lines / Math.max(1, files.length)));
  const shown: string[] = [];
  let chars = 0;
  for (const [i, { name, lines }] of files.entries()) {
    const left = lines.length - linesAFile;
    const part = [name, ...lines.slice(0, linesAFile), ...(left > 0 ? [`… ${left} more lines of it`] : [])].join("\n");
    if (chars + part.length > room.chars && shown.length > 0) {
      return [...shown, `… ${files.length - i} more files`].join("\n\n");
    }
    shown.push(clip(part, room.chars));
    chars += part.length + 2;
  }
  return shown.join("\n\n");
}
