import { headBytes, tailBytes } from "../text/bytes.ts";
import { withoutTerminalCodes } from "../text/terminal-codes.ts";

/** Keeps the first and the last half of `maxBytes`; what a flood prints in between costs no memory. */
export function createCapture(maxBytes: number) {
  const half = Math.max(1, Math.floor(maxBytes / 2));
  const head: Buffer[] = [];
  let headLength = 0;
  let tail: Buffer[] = [];
  let tailLength = 0;
  let total = 0;
  return {
    add(chunk: Buffer) {
      total += chunk.length;
      const toHead = chunk.subarray(0, half - headLength);
      if (toHead.length) head.push(Buffer.from(toHead));
      headLength += toHead.length;
      const rest = chunk.subarray(toHead.length);
      if (!rest.length) return;
      tail.push(Buffer.from(rest));
      tailLength += rest.length;
      if (tailLength > half * 2) {
        tail = [Buffer.from(Buffer.concat(tail).subarray(-half))];
        tailLength = half;
      }
    },
    /** Text without terminal codes; a line says how much is missing. */
    text(): string {
      const [first, last] = [Buffer.concat(head), Buffer.concat(tail).subarray(-half)];
      if (first.length + last.length === total) return plainText(Buffer.concat([first, last]).toString("utf8"));
      const [before, after] = [withoutLastLine(first), withoutFirstLine(last)];
      const missing = (total - before.length - after.length).toLocaleString("en");
      return plainText(`${before.toString("utf8")}\n[... ${missing} bytes left out ...]\n${after.toString("utf8")}`);
    },
  };
}

/**
 * The line that the gap cuts in two goes as a whole, as half a secret is not known as one; of a longer line goes what
 * lies next to the gap.
 */
const mostDropped = (bytes: Buffer) => Math.min(1_024, bytes.length >> 2);

const withoutLastLine = (bytes: Buffer) =>
  headBytes(bytes, Math.max(bytes.lastIndexOf(10), bytes.length - mostDropped(bytes)));

function withoutFirstLine(bytes: Buffer) {
  const line = bytes.indexOf(10) + 1;
  return tailBytes(bytes, bytes.length - Math.min(line === 0 ? bytes.length : line, mostDropped(bytes)));
}

/** Colours, cursor moves, titles and links (OSC 8, OSC 52) are for terminals, and some of them are attacks on one. */
export const plainText = (text: string) =>
  withoutTerminalCodes(text)
    .replace(/\r\n?/g, "\n")
    .replace(/(?![\n\t])\p{Cc}/gu, "");
