import type { IncomingMessage } from "node:http";
import { queryOf, type SignatureRules, verifySignature } from "../aws/signature.ts";
import { S3Refusal } from "./refused.ts";

export type S3Request = {
  method: string;
  bucket: string;
  /** "" for a request to the bucket itself. */
  key: string;
  query: Map<string, string>;
  header(name: string): string | undefined;
  headers: [string, string][];
  payload: "signed" | "unsigned" | "chunked";
  body: AsyncIterable<Buffer>;
};

const MAX_KEY_BYTES = 1024;
const PAYLOADS: Record<string, S3Request["payload"]> = {
  "UNSIGNED-PAYLOAD": "unsigned",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": "chunked",
};

const decode = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Refusal("InvalidURI");
  }
};

/** A verified request with path-style address. The path is taken as it came: `new URL()` would fold `..`. */
export function readRequest(request: IncomingMessage, rules: SignatureRules): S3Request {
  const [path = ""] = (request.url ?? "").split("?");
  const [, bucket = "", ...rest] = path.split("/");
  const key = decode(rest.join("/"));
  if (!path.startsWith("/") || key.includes("\0")) throw new S3Refusal("InvalidURI");
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Refusal("KeyTooLongError");

  const header = (name: string) => request.headersDistinct[name]?.join(",");
  const hash = header("x-amz-content-sha256");
  const presigned = header("authorization") === undefined;
  if (hash === undefined && !presigned)
    throw new S3Refusal("InvalidArgument", "Missing required header for this request: x-amz-content-sha256");
  verifySignature(request, hash ?? "UNSIGNED-PAYLOAD", rules);

  const payload = hash === undefined ? "unsigned" : /^[0-9a-f]{64}$/.test(hash) ? "signed" : PAYLOADS[hash];
  if (!payload) throw new S3Refusal("NotImplemented", `x-amz-content-sha256: ${hash}`);
  return {
    method: request.method ?? "",
    bucket: decode(bucket),
    key,
    query: new Map(queryOf(request)),
    header,
    headers: Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(",") ?? ""]),
    payload,
    body: request,
  };
}
