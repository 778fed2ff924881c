import { CHECKSUMS, type Digest, md5Digest, sha256Digest } from "./checksums.ts";
import { dechunk } from "./chunked.ts";
import type { ObjectFacts } from "./object-file.ts";
import { S3Refusal } from "./refused.ts";
import type { S3Request } from "./request.ts";

const MAX_OBJECT_BYTES = 5 * 1024 ** 3;
const MAX_METADATA_BYTES = 2 * 1024;
const KEPT = ["content-type", "content-disposition", "content-language", "cache-control", "expires"];
/** Understood here; every other `x-amz-` header asks for something that the stand-in cannot do. */
const KNOWN =
  /^x-amz-(?:meta-.+|checksum-(?:crc32|sha1|sha256)|content-sha256|date|user-agent|security-token|trailer|decoded-content-length|sdk-checksum-algorithm|tagging)$/;

/** Throws what S3 would say before it reads the body. */
export function checkPut({ headers, header, payload }: S3Request) {
  const unknown = headers.find(([name]) => (name.startsWith("x-amz-") && !KNOWN.test(name)) || name === "if-match");
  if (unknown) throw new S3Refusal("NotImplemented", unknown[0]);
  if ((header("if-none-match") ?? "*") !== "*") throw new S3Refusal("NotImplemented", "if-none-match takes * only");
  const bytes = header(payload === "chunked" ? "x-amz-decoded-content-length" : "content-length");
  if (bytes === undefined || !/^\d+$/.test(bytes)) throw new S3Refusal("MissingContentLength");
  if (Number(bytes) > MAX_OBJECT_BYTES) throw new S3Refusal("EntityTooLarge");
  if (!areTags(header("x-amz-tagging") ?? "")) throw new S3Refusal("InvalidArgument", "x-amz-tagging");
  const metadata = headers.filter(([name]) => name.startsWith("x-amz-meta-"));
  if (Buffer.byteLength(metadata.flat().join("")) > MAX_METADATA_BYTES) throw new S3Refusal("MetadataTooLarge");
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html; they steer the lifecycle, which nothing here has. */
function areTags(text: string): boolean {
  const tags = [...new URLSearchParams(text)];
  const names = new Set(tags.map(([name]) => name));
  return (
    names.size === tags.length &&
    tags.length <= 10 &&
    tags.every(([k, v]) => k !== "" && k.length <= 128 && v.length <= 256)
  );
}

/** The headers of an object: aws-chunked is how it travelled, not what it is. */
function keptHeaders({ headers, header }: S3Request): Record<string, string> {
  const encoding = header("content-encoding")
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "aws-chunked")
    .join(",");
  return {
    "content-type": "application/octet-stream",
    ...(encoding && { "content-encoding": encoding }),
    ...Object.fromEntries(headers.filter(([name]) => KEPT.includes(name) || name.startsWith("x-amz-meta-"))),
  };
}

/** The object's bytes, and at the end their facts; throws when length or any checksum is not as announced. */
export async function* receive(request: S3Request, now: () => Date): AsyncGenerator<Buffer, ObjectFacts> {
  const { header, payload } = request;
  const announced = header("x-amz-trailer")?.toLowerCase();
  const checksumName =
    announced ?? request.headers.map(([name]) => name).find((name) => name.startsWith("x-amz-checksum-"));
  const createChecksum = checksumName === undefined ? undefined : CHECKSUMS[checksumName];
  if (checksumName !== undefined && !createChecksum) throw new S3Refusal("NotImplemented", checksumName);

  const md5 = md5Digest();
  const sha256 = sha256Digest();
  const checksum = createChecksum?.();
  const digests: Digest[] = [md5, ...(payload === "signed" ? [sha256] : []), ...(checksum ? [checksum] : [])];
  let bytes = 0;
  let trailers: Record<string, string> = {};
  const content = payload === "chunked" ? dechunk(request.body) : withoutTrailers(request.body);
  for (let next = await content.next(); ; next = await content.next()) {
    if (next.done) {
      trailers = next.value;
      break;
    }
    for (const digest of digests) digest.update(next.value);
    bytes += next.value.length;
    yield next.value;
  }

  const expected = header(payload === "chunked" ? "x-amz-decoded-content-length" : "content-length");
  if (bytes !== Number(expected)) throw new S3Refusal("IncompleteBody");
  if (payload === "signed" && sha256.hex() !== header("x-amz-content-sha256"))
    throw new S3Refusal("XAmzContentSHA256Mismatch");
  if ((header("content-md5") ?? md5.base64()) !== md5.base64()) throw new S3Refusal("BadDigest");
  const given = checksumName && (announced ? trailers[announced] : header(checksumName));
  if (checksum && given !== checksum.base64()) throw new S3Refusal("BadDigest", `The ${checksumName} did not match.`);
  return {
    bytes,
    etag: `"${md5.hex()}"`,
    lastModified: now().toISOString(),
    headers: keptHeaders(request),
    ...(checksumName && checksum && { checksum: [checksumName, checksum.base64()] }),
  };
}

async function* withoutTrailers(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, Record<string, string>> {
  yield* body;
  return {};
}
