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

/** Braces spelled out, because git's pathspecs do not know them: `*.{ts,js}` is `*.ts` and `*.js`. */
export function spelledOut(glob: string): string[] {
  const [braces, inner] = /\{([^{}]*,[^{}]*)\}/.exec(glob) ?? [];
  if (braces === undefined) return [anywhere(glob)];
  return inner!.split(",").flatMap((one) => spelledOut(glob.replace(braces, () => one)));
}

/** git's glob magic: a star stays within a folder, `**` does not, and a leading dot is a letter like any other. */
export function matches(path: string, glob: string): boolean {
  return spelledOut(glob).some((pattern) => {
    const source = pattern.replace(/\*\*\/|\/\*\*$|\*\*|\*|\?|\[!?[^\]]+\]|[.+^${}()|[\]\\]/g, (part) => {
      if (part === "**/") return "(?:.*/)?";
      if (part === "/**") return "/.*";
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      if (part === "?") return "[^/]";
      return part.startsWith("[") && part.length > 2 ? part.replace(/^\[!/, "[^").replaceAll("\\", "") : `\\${part}`;
    });
    try {
      return new RegExp(`^${source}$`, "su").test(path);
    } catch {
      return refuse(`${glob} is not a valid glob. Use *, **, ?, [abc] and {a,b}.`);
    }
  });
}

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
