import { S3Refusal } from "./refused.ts";

const CRLF = Buffer.from("\r\n");

/** Reads a stream by lines and by counts. */
function createReader(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function more() {
    const { done, value } = await chunks.next();
    if (done) throw new S3Refusal("IncompleteBody");
    rest = Buffer.concat([rest, value]);
  }
  return {
    async line(): Promise<string> {
      let end = rest.indexOf(CRLF);
      for (; end < 0; end = rest.indexOf(CRLF)) await more();
      const line = rest.toString("latin1", 0, end);
      rest = rest.subarray(end + CRLF.length);
      return line;
    },
    async *take(bytes: number): AsyncGenerator<Buffer> {
      for (let left = bytes; left > 0; ) {
        if (rest.length === 0) await more();
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        yield part;
      }
    },
  };
}

/**
 * `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks of `size CRLF bytes CRLF`, an empty one, then trailing headers. Returns those.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* dechunk(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, Record<string, string>> {
  const reader = createReader(body);
  for (;;) {
    const header = await reader.line();
    if (!/^[0-9a-f]{1,8}$/i.test(header)) throw new S3Refusal("InvalidArgument", "A chunk's size is malformed.");
    const bytes = Number.parseInt(header, 16);
    if (bytes === 0) break;
    yield* reader.take(bytes);
    if ((await reader.line()) !== "") throw new S3Refusal("IncompleteBody");
  }
  const trailers: Record<string, string> = {};
  for (let line = await reader.line(); line !== ""; line = await reader.line()) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new S3Refusal("InvalidArgument", "A trailer is malformed.");
    trailers[name.toLowerCase()] = value;
  }
  return trailers;
}
