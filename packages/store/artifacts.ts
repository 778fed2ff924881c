import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { LINK_SECONDS } from "../jobs/job.ts";

/** S3 answers 409 while another conditional write of the same key is under way; its documentation says to try again. */
const CONFLICT_RETRIES = 5;
const CONFLICT_PAUSE_MS = 100;

/**
 * Turns and snapshots serve a resume and are in the conversation afterwards: the bucket's lifecycle ends what is tagged
 * so.
 */
const isScratch = (key: string) => /\/(?:turns\/|snapshot-)[^/]+$/.test(key);

/** Below this, a gzip header costs about as much as it saves. */
const LEAST_PACKED_BYTES = 1_024;

/**
 * JSON and pages travel and rest compressed, which every browser undoes: a conversation is kept three times, as turns,
 * whole and as a page. Patches stay as they are, for tools that take bytes as they come.
 */
async function packed(body: Uint8Array | string, contentType: string) {
  const isPacked =
    /^(?:application\/json|text\/html)\b/.test(contentType) && Buffer.byteLength(body) >= LEAST_PACKED_BYTES;
  return isPacked ? { Body: await promisify(gzip)(body), ContentEncoding: "gzip" } : { Body: body };
}

/** Into one buffer of the length that was announced: a patch of 50 MB is not held twice. */
async function bytesOf(body: AsyncIterable<Uint8Array>, announced: number): Promise<Uint8Array> {
  let bytes = Buffer.alloc(announced);
  let length = 0;
  for await (const chunk of body) {
    if (length + chunk.length > bytes.length) bytes = Buffer.concat([bytes.subarray(0, length)], length + chunk.length);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  return bytes.subarray(0, length);
}

/** RFC 6266: a plain name for old clients, the real one in UTF-8. */
const attachment = (fileName: string) =>
  `attachment; filename="${fileName.replace(/[^\w.-]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )}`;

/** Objects are written once and never rewritten. */
export const createArtifacts = ({ s3, bucket }: { s3: S3Client; bucket: string }) => ({
  /** "exists" also answers a repeat of our own write whose answer was lost: read back what counts. */
  async putOnce(key: string, body: Uint8Array | string, contentType: string): Promise<"stored" | "exists"> {
    const content = await packed(body, contentType);
    const object = {
      Bucket: bucket,
      Key: key,
      ...content,
      // The SDK sends none for an empty body, and warns.
      ContentLength: Buffer.byteLength(content.Body),
      ContentType: contentType,
      IfNoneMatch: "*",
      ...(isScratch(key) && { Tagging: "cody=scratch" }),
    };
    for (let conflicts = 0; ; conflicts++) {
      try {
        await s3.send(new PutObjectCommand(object));
        return "stored";
      } catch (cause) {
        const status = cause instanceof S3ServiceException ? cause.$metadata.httpStatusCode : undefined;
        if (status === 412) return "exists";
        if (status !== 409 || conflicts === CONFLICT_RETRIES) throw cause;
        await sleep(CONFLICT_PAUSE_MS * 2 ** conflicts);
      }
    }
  },

  async read(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body, ContentEncoding, ContentLength } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key }),
      );
      const bytes = Body && (await bytesOf(Body as AsyncIterable<Uint8Array>, ContentLength ?? 0));
      return bytes && ContentEncoding === "gzip" ? await promisify(gunzip)(bytes) : bytes;
    } catch (cause) {
      if (cause instanceof NoSuchKey) return undefined;
      throw cause;
    }
  },

  /** Keys in the order of their UTF-8 bytes. */
  async *list(prefix: string): AsyncGenerator<string> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix }))
      for (const { Key } of Contents) if (Key !== undefined) yield Key;
  },

  /**
   * A link that opens for every holder: sign on click, never store it. At most 15 minutes. It downloads; `inline` shows
   * a page that cannot run anything.
   */
  link(
    key: string,
    { fileName, seconds = LINK_SECONDS, inline = false }: { fileName: string; seconds?: number; inline?: boolean },
  ): Promise<string> {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ResponseContentDisposition: inline ? "inline" : attachment(fileName),
    });
    return getSignedUrl(s3, command, { expiresIn: Math.min(seconds, LINK_SECONDS) });
  },
});
export type Artifacts = ReturnType<typeof createArtifacts>;
