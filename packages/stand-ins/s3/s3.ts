import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { lockFolder } from "../aws/folder-lock.ts";
import type { AwsStandInOptions, OnDisk } from "../aws/options.ts";
import { SignatureRefused } from "../aws/signature.ts";
import { listen } from "../loopback/listen.ts";
import { type BucketFolder, openBucketFolder } from "./bucket.ts";
import { objectAnswerOf } from "./get.ts";
import { isEveryday, S3Refusal, SIGNATURE_CODES } from "./refused.ts";
import { readRequest, type S3Request } from "./request.ts";
import { element, parent, xmlDocument } from "./xml.ts";

export type S3Options = AwsStandInOptions & OnDisk & { buckets: string[] };

export type S3 = { url: string; stop(): Promise<void> };

/** Query parameters beside those of ListObjectsV2 that change nothing here; any other one is a subresource. */
const OBJECT_METHODS = ["GET", "HEAD", "PUT", "DELETE"];
const BUCKET_METHODS = ["GET", "HEAD"];
const HARMLESS = /^(?:X-Amz-.+|x-id|x-amz-checksum-mode|response-.+)$/;
const LISTING = /^(?:list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner)$/;

/** S3's API on loopback with path-style addresses: signed requests only, objects on disk before the answer. */
export async function startS3(options: S3Options): Promise<S3> {
  const { folder, region = "us-east-1", now = () => new Date(), log } = options;
  await using opening = new AsyncDisposableStack();
  opening.adopt(lockFolder(folder), (lock) => lock.release());
  const buckets = new Map<string, BucketFolder>();
  for (const name of options.buckets)
    buckets.set(name, await openBucketFolder({ name, folder: join(folder, name), now }));
  const rules = { credentials: options, service: "s3", region, now };
  const server = await listen(
    "s3",
    async (incoming, response) => {
      response.setHeader("x-amz-request-id", crypto.randomUUID());
      try {
        await serve(buckets, readRequest(incoming, rules), response);
      } catch (cause) {
        const refused = refusalOf(cause);
        if (!isEveryday(refused))
          log(`s3: refused ${incoming.method} ${incoming.url?.split("?")[0]}: ${refused.code}: ${refused.message}`);
        incoming.resume();
        if (response.headersSent) response.destroy();
        else sendRefusal(incoming, response, refused);
      }
    },
    options,
  );
  opening.adopt(server, (server) => server.stop());
  const running = opening.move();
  return { url: server.url, stop: () => running.disposeAsync() };
}

async function serve(buckets: Map<string, BucketFolder>, request: S3Request, response: ServerResponse): Promise<void> {
  const { method, key, query } = request;
  const listing = key === "" && method === "GET";
  const subresource = [...query.keys()].find((name) => !HARMLESS.test(name) && !(listing && LISTING.test(name)));
  if (subresource !== undefined) throw new S3Refusal("NotImplemented", `?${subresource}`);
  const object = key !== "";
  if (!(object ? OBJECT_METHODS : BUCKET_METHODS).includes(method))
    throw new S3Refusal("NotImplemented", `${method} of ${object ? "an object" : "a bucket"}`);
  const bucket = buckets.get(request.bucket);
  if (!bucket) throw new S3Refusal("NoSuchBucket");

  if (listing) {
    const body = await bucket.list(query);
    response.writeHead(200, XML).end(body);
  } else if (!object) {
    response.writeHead(200).end();
  } else if (method === "PUT") {
    const { etag } = await bucket.put(request);
    response.writeHead(200, { etag }).end();
  } else if (method === "DELETE") {
    await bucket.remove(key);
    response.writeHead(204).end();
  } else {
    await sendObject(bucket, request, response);
  }
}

async function sendObject(bucket: BucketFolder, request: S3Request, response: ServerResponse): Promise<void> {
  const { handle, facts } = await bucket.open(request.key);
  try {
    const { status, headers, start, bytes } = objectAnswerOf(request, facts);
    response.writeHead(status, headers);
    if (request.method === "HEAD" || bytes === 0) response.end();
    else await pipeline(handle.createReadStream({ start, end: start + bytes - 1, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}

const XML = { "content-type": "application/xml" };

function refusalOf(cause: unknown): S3Refusal {
  if (cause instanceof S3Refusal) return cause;
  if (cause instanceof SignatureRefused) return new S3Refusal(SIGNATURE_CODES[cause.problem], cause.message);
  if (cause instanceof URIError) return new S3Refusal("InvalidURI");
  return new S3Refusal("InternalError", String(cause));
}

function sendRefusal(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, code, message, headers }: S3Refusal,
) {
  response.writeHead(status, { ...XML, ...headers });
  const error = xmlDocument(parent("Error", [element("Code", code), element("Message", message)]));
  response.end(method === "HEAD" || status === 304 ? undefined : error);
}
