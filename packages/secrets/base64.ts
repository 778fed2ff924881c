/** A run on one line; several lines of `MIN_LINE_CHARS` and what is left of the last one are one run, too. */
const MIN_RUN_CHARS = 24;
const MIN_LINE_CHARS = 40;
const LINE_END = /\r?\n[ \t]*/y;

const ALPHABET = new Uint8Array(128).map((_, code) => (/[A-Za-z0-9+/_-]/.test(String.fromCharCode(code)) ? 1 : 0));

/** What may be base64, with its place. */
export function* base64Runs(text: string): Generator<{ run: string; start: number; end: number }> {
  const endOfRun = (from: number) => {
    let end = from;
    while (end < text.length && ALPHABET[text.charCodeAt(end)] === 1) end++;
    return end;
  };
  for (let start = 0; start < text.length; start++) {
    let end = endOfRun(start);
    if (end - start >= MIN_RUN_CHARS) {
      for (let line = start; end - line >= MIN_LINE_CHARS; ) {
        LINE_END.lastIndex = end;
        if (!LINE_END.test(text)) break;
        line = LINE_END.lastIndex;
        if (endOfRun(line) === line) break;
        end = endOfRun(line);
      }
      for (let pads = 0; pads < 2 && text[end] === "="; pads++) end++;
      yield { run: text.slice(start, end), start, end };
    }
    start = end;
  }
}

const PRINTABLE = /^[\t\r\n\x20-\x7e]*$/;

/** undefined: bytes, hashes and words that only look like base64. */
export function textInBase64(run: string): string | undefined {
  // The first bytes tell in nearly every case, and a lock file holds thousands of hashes.
  if (!PRINTABLE.test(Buffer.from(run.slice(0, 16), "base64").toString("latin1"))) return undefined;
  const decoded = Buffer.from(run.replace(/\s/g, ""), "base64").toString("utf8");
  return decoded.length >= 16 && PRINTABLE.test(decoded) ? decoded : undefined;
}
