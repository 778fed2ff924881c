import { patchBytes } from "./file-starts.ts";

export type Lines = {
  /** Where the next line begins. */
  at(): number;
  /** undefined at the end. */
  next(): string | undefined;
  peek(): string | undefined;
};

/** The lines of a patch, one string at a time, and no copy of the whole. Only LF ends a line. */
export function patchLines(patch: Uint8Array): Lines {
  const bytes = patchBytes(patch);
  let at = 0;
  let peeked: { line: string; end: number } | undefined;
  function read() {
    if (at >= bytes.length) return undefined;
    const found = bytes.indexOf(10, at);
    const end = found === -1 ? bytes.length : found;
    return { line: bytes.toString("utf8", at, end), end };
  }
  return {
    at: () => at,
    peek() {
      peeked ??= read();
      return peeked?.line;
    },
    next() {
      const one = peeked ?? read();
      peeked = undefined;
      if (one) at = one.end + 1;
      return one?.line;
    },
  };
}
