const ESCAPES: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** git quotes a path with bytes outside of printable ASCII like C does, byte by byte in octal. */
export function unquoted(path: string): string {
  if (!/^".*"$/s.test(path)) return path;
  const bytes = [...path.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)].flatMap(([, octal, letter, rest]) =>
    octal ? [Number.parseInt(octal, 8)] : letter ? [ESCAPES[letter] ?? 63] : [...Buffer.from(rest!)],
  );
  return Buffer.from(bytes).toString();
}
