import { visible, visibleName } from "../../encoding/visible.ts";
import { clip, head, part } from "../../text/cut.ts";
import { firstLine } from "../../text/lines.ts";
import { TreeError } from "../tree.ts";

const MAX_LINE_CHARS = 2_000;

/** Characters that cannot be seen are shown escaped; an edit takes such an escape for what it stands for. */
export const cutLine = (line: string, max = MAX_LINE_CHARS) =>
  line.length > max
    ? `${visible(head(line, max))} [... line cut, ${line.length.toLocaleString("en")} characters]`
    : visible(line);

/** A line from a column on, which count from 1, and how to see the rest of a long one. */
export function columns(line: string, from: number, max: number): string {
  if (from === 1 && line.length <= max) return visible(line);
  const shown = part(line, from - 1, Math.min(line.length, from - 1 + max));
  const next = from + shown.length;
  const before = from > 1 ? `[from column ${from.toLocaleString("en")}] ` : "";
  const after =
    next <= line.length
      ? ` [... line cut, ${line.length.toLocaleString("en")} characters; go on with from_column ${next}]`
      : "";
  return before + visible(shown) + after;
}

/** What cannot be seen in a name could hide what it is; it is shown escaped, and such an escape finds the file. */
export const showName = visibleName;

const MAX_SPELLED_OUT = 100;

/** Braces spelled out, because git's pathspecs do not know them: `*.{ts,js}` is `*.ts` and `*.js`. */
export function spelledOut(glob: string): string[] {
  let globs = [glob];
  while (globs.some((one) => BRACES.test(one))) {
    globs = globs.flatMap((one) => {
      const [braces, inner] = BRACES.exec(one) ?? [];
      return braces === undefined ? [one] : inner!.split(",").map((part) => one.replace(braces, () => part));
    });
    // Each pair doubles them.
    if (globs.length > MAX_SPELLED_OUT) refuse("The braces of that glob stand for too many names. Use fewer of them.");
  }
  return globs;
}
const BRACES = /\{([^{}]*,[^{}]*)\}/;

const MAX_WORDS = 160;

/** The first line of what may be long, for people. */
export const inShort = (text: string, max = MAX_WORDS) => clip(firstLine(text), max);

export function refuse(sentence: string): never {
  throw new TreeError(sentence);
}

/** As many of these lines as an answer may hold, but one at least: names can be thousands of bytes long. */
export function fitting(lines: readonly string[], maxChars: number): string[] {
  let chars = 0;
  return lines.filter((line, i) => {
    chars += line.length + 1;
    return chars <= maxChars || i === 0;
  });
}
