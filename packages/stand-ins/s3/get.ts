import type { ObjectFacts } from "./object-file.ts";
import { S3Refusal } from "./refused.ts";
import type { S3Request } from "./request.ts";

export type ObjectAnswer = { status: number; headers: Record<string, string | number>; start: number; bytes: number };

/** Only `bytes=a-b`, `bytes=a-` and `bytes=-n`; S3 ignores what it cannot read. */
function rangeOf(range: string | undefined, total: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const start = first === "" ? Math.max(0, total - Number(last)) : Number(first);
  const end = first === "" || last === "" ? total : Math.min(total, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  if (start >= end) throw new S3Refusal("InvalidRange", undefined, { "content-range": `bytes */${total}` });
  return { start, end };
}

const names = (list: string) => list.split(",").map((name) => name.trim());

/** What to answer to GET or HEAD of an object. Throws what its conditions call for. */
export function objectAnswerOf({ header, query }: S3Request, facts: ObjectFacts): ObjectAnswer {
  const { etag, bytes: total } = facts;
  const matches = (list: string) => list === "*" || names(list).includes(etag);
  const ifMatch = header("if-match");
  const ifNoneMatch = header("if-none-match");
  if (ifMatch !== undefined && !matches(ifMatch)) throw new S3Refusal("PreconditionFailed");
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) throw new S3Refusal("NotModified", undefined, { etag });
  if (header("if-modified-since") ?? header("if-unmodified-since"))
    throw new S3Refusal("NotImplemented", "if-modified-since and if-unmodified-since");

  const range = rangeOf(header("range"), total);
  const { start, end } = range ?? { start: 0, end: total };
  const overrides = [...query].filter(([name]) => name.startsWith("response-"));
  const wantsChecksum = (header("x-amz-checksum-mode") ?? query.get("x-amz-checksum-mode")) === "ENABLED";
  return {
    status: range ? 206 : 200,
    headers: {
      ...facts.headers,
      ...Object.fromEntries(overrides.map(([name, value]) => [name.slice("response-".length), value])),
      etag,
      "last-modified": new Date(facts.lastModified).toUTCString(),
      "accept-ranges": "bytes",
      "content-length": end - start,
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${total}` }),
      ...(wantsChecksum && !range && facts.checksum && { [facts.checksum[0]]: facts.checksum[1] }),
    },
    start,
    bytes: end - start,
  };
}
