/** Keeps the first and the last half of `maxBytes`; what a flood prints in between costs no memory. */
export function createCapture(maxBytes: number) {
  const half = Math.max(1, Math.floor(maxBytes / 2));
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let total = 0;
  return {
    add(chunk: Buffer) {
      total += chunk.length;
      const toHead = chunk.subarray(0, half - headBytes);
      if (toHead.length) head.push(Buffer.from(toHead));
      headBytes += toHead.length;
      const rest = chunk.subarray(toHead.length);
      if (!rest.length) return;
      tail.push(Buffer.from(rest));
      tailBytes += rest.length;
      if (tailBytes > half * 2) {
        tail = [Buffer.from(Buffer.concat(tail).subarray(-half))];
        tailBytes = half;
      }
    },
    /** Text without terminal codes; a line says how much is missing. */
    text(): string {
      const last = Buffer.concat(tail).subarray(-half);
      const missing = total - headBytes - last.length;
      const parts = missing
        ? [Buffer.concat(head), Buffer.from(`\n[... ${missing.toLocaleString("en")} bytes left out ...]\n`), last]
        : [Buffer.concat(head), last];
      return plainText(Buffer.concat(parts).toString("utf8"));
    },
  };
}

// No part can begin inside another, so it stays linear on hostile output; node:util's own takes seconds on 100 KB of it.
const TERMINAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with control characters
  /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g;

/** Colours, cursor moves, titles and links (OSC 8, OSC 52) are for terminals, and some of them are attacks on one. */
export const plainText = (text: string) =>
  text
    .replace(TERMINAL, "")
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])\p{Cc}/gu, "");
