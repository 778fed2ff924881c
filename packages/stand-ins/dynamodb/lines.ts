import { createReadStream } from "node:fs";

const NEWLINE = 10;

/**
 * The complete lines of a file without their newline, and where each begins. What stands after the last newline is
 * left out. By bytes: node:readline also splits at U+2028, which JSON may hold.
 */
export async function* completeLines(file: string): AsyncGenerator<{ offset: number; line: Buffer }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield { offset: offset + start, line: bytes.subarray(start, end) };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    offset += start;
  }
}
