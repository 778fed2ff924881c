import { TreeError } from "../tree.ts";

const MAX_LINE_CHARS = 2_000;

/** Head and tail are what matters of a long output; the middle is left out with a count. */
export function headAndTail(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const half = Math.floor(maxChars / 2);
  const left = text.length - 2 * half;
  return `${text.slice(0, half)}\n[... ${left.toLocaleString("en")} characters left out ...]\n${text.slice(-half)}`;
}

export const cutLine = (line: string, max = MAX_LINE_CHARS) =>
  line.length > max ? `${line.slice(0, max)} [... line cut, ${line.length.toLocaleString("en")} characters]` : line;

/** Control, bidi and zero-width characters in a name could hide what it is; they are shown escaped. */
export const showName = (name: string) =>
  name.replace(/[\p{Cc}\p{Cf}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);

/** git calls a file binary when one of its first 8,000 bytes is NUL; so do we. */
export const isBinary = (bytes: Uint8Array) => bytes.subarray(0, 8_000).includes(0);

export const decode = (bytes: Uint8Array) => new TextDecoder("utf-8").decode(bytes);

/** A pattern without a slash is meant for file names anywhere, as in .gitignore. */
export const anywhere = (glob: string) => (glob.includes("/") ? glob.replace(/^\.?\//, "") : `**/${glob}`);

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
  return globs.map(anywhere);
}
const BRACES = /\{([^{}]*,[^{}]*)\}/;

export const count = (n: number, thing: string) => `${n.toLocaleString("en")} ${thing}${n === 1 ? "" : "s"}`;

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
