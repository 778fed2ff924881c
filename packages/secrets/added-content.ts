import { decodeBinaryHunk } from "./binary-hunk.ts";

/** What a patch adds to one file, without the `+`. `lines[i]` is the number in the new file of line i of `text`. */
export type AddedContent = { path: string; text: string; lines: number[] };

/** Reads `git diff --binary --full-index` (any prefix). Removed and unchanged lines are no part of it. */
export function addedContent(patch: Uint8Array): AddedContent[] {
  const lines = Buffer.from(patch).toString("utf8").split("\n");
  const files: { path: string; added: string[]; numbers: number[] }[] = [];
  const current = () => files.at(-1);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (line.startsWith("diff --git ")) files.push({ path: pathOf(line.slice(11)), added: [], numbers: [] });
    else if (line.startsWith("+++ ") && !line.startsWith("+++ /dev/null"))
      Object.assign(current() ?? {}, { path: withoutPrefix(line.slice(4)) });
    else if (line.startsWith("rename to ")) Object.assign(current() ?? {}, { path: unquoted(line.slice(10)) });
    else if (line === "GIT binary patch") {
      const content = decodeBinaryHunk(lines, i + 1);
      current()?.added.push(content);
      current()?.numbers.push(0);
    } else if (hunk) i = readHunk(lines, i, hunk, current());
  }
  return files.map(({ path, added, numbers }) => ({ path, text: added.join("\n"), lines: numbers }));
}

/** By the counts of its header, so that content which looks like a header is content. Gives its last line. */
function readHunk(
  lines: string[],
  start: number,
  header: RegExpExecArray,
  file?: { added: string[]; numbers: number[] },
) {
  let [removed, number, added] = [Number(header[1] ?? 1), Number(header[2]), Number(header[3] ?? 1)];
  let i = start;
  while ((removed > 0 || added > 0) && i + 1 < lines.length) {
    const line = lines[++i] ?? "";
    if (line.startsWith("\\")) continue;
    if (line.startsWith("-")) removed--;
    else if (line.startsWith("+")) {
      file?.added.push(line.slice(1));
      file?.numbers.push(number++);
      added--;
    } else {
      removed--;
      added--;
      number++;
    }
  }
  return i;
}

/** `a/x b/x`, of which only the second half is wanted; quoted when a name has odd characters. */
function pathOf(names: string): string {
  const quoted = /"((?:[^"\\]|\\.)*)"$/.exec(names);
  return quoted ? withoutPrefix(quoted[0]) : withoutPrefix(names.slice(Math.ceil(names.length / 2)));
}

const withoutPrefix = (name: string) => unquoted(name.replace(/\t$/, "")).replace(/^[a-z]\//, "");

const unquoted = (name: string) =>
  name.startsWith('"') ? name.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => unescaped(code)) : name;

const unescaped = (code: string) =>
  /^[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : ({ n: "\n", t: "\t" }[code] ?? code);
