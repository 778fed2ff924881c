export type Lines = {
  /** undefined at the end. */
  next(): string | undefined;
  peek(): string | undefined;
};

/** The lines of a patch, one string at a time. */
export function linesOf(patch: Uint8Array): Lines {
  const bytes = Buffer.from(patch.buffer, patch.byteOffset, patch.byteLength);
  let at = 0;
  const endOf = () => {
    const end = bytes.indexOf(10, at);
    return end === -1 ? bytes.length : end;
  };
  return {
    peek: () => (at < bytes.length ? bytes.toString("utf8", at, endOf()) : undefined),
    next() {
      if (at >= bytes.length) return undefined;
      const end = endOf();
      const line = bytes.toString("utf8", at, end);
      at = end + 1;
      return line;
    },
  };
}
