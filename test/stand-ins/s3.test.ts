import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUCKET, CREDENTIALS, connect, rawRequest, type S3World, startWorld } from "./s3-world.ts";

const put = (Key: string, Body: NonNullable<PutObjectCommandInput["Body"]>, rest = {}) =>
  new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...rest });
const get = (Key: string, rest = {}) => new GetObjectCommand({ Bucket: BUCKET, Key, ...rest });
const textOf = async (s3: S3Client, key: string, rest = {}) =>
  (await s3.send(get(key, rest))).Body!.transformToString();

describe("the S3 stand-in with the SDK's own defaults", () => {
  let world: S3World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("keeps bytes, types, metadata and checksums", async () => {
    const { s3 } = world;
    const bytes = Buffer.from([0, 13, 10, 255, 128, 0]);
    const stored = await s3.send(put("a/b.bin", bytes, { ContentType: "x/y", Metadata: { attempt: "2" } }));
    const read = await s3.send(get("a/b.bin"));
    expect(Buffer.from(await read.Body!.transformToByteArray())).toEqual(bytes);
    expect(read).toMatchObject({ ContentType: "x/y", Metadata: { attempt: "2" }, ContentLength: 6, ETag: stored.ETag });
    expect(read.ChecksumCRC32).toBeDefined();
    expect(await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "a/b.bin" }))).toMatchObject({
      ContentLength: 6,
    });
    await s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
  });

  it("takes streams in aws-chunked form, empty ones too, and stores what was meant", async () => {
    const { s3 } = world;
    const large = Buffer.alloc(300_000, "0123456789\r\n");
    const chunks = [large.subarray(0, 70_000), large.subarray(70_000, 70_001), large.subarray(70_001)];
    await s3.send(put("stream", Readable.from(chunks), { ContentLength: large.length }));
    expect(await textOf(s3, "stream")).toBe(large.toString());
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "stream" }));
    expect(head.ContentEncoding).toBeUndefined();
    await s3.send(put("empty", "", { ContentLength: 0 }));
    expect(await textOf(s3, "empty")).toBe("");
  });

  it.each(["CRC32", "SHA1", "SHA256"] as const)("checks a %s", async (ChecksumAlgorithm) => {
    await world.s3.send(put(ChecksumAlgorithm, "content", { ChecksumAlgorithm }));
    expect(await textOf(world.s3, ChecksumAlgorithm)).toBe("content");
    const wrong = { [`Checksum${ChecksumAlgorithm}`]: Buffer.alloc(4).toString("base64") };
    await expect(world.s3.send(put("wrong", "content", wrong))).rejects.toMatchObject({ name: "BadDigest" });
    await expect(textOf(world.s3, "wrong")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it.each([
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
    ["bytes=5-2", "0123456789", undefined],
    ["lines=1-2", "0123456789", undefined],
  ])("answers to the range %s", async (Range, text, ContentRange) => {
    await world.s3.send(put("digits", "0123456789"));
    const answer = await world.s3.send(get("digits", { Range }));
    expect(answer.ContentRange).toBe(ContentRange);
    expect(await answer.Body!.transformToString()).toBe(text);
    await expect(world.s3.send(get("digits", { Range: "bytes=10-" }))).rejects.toMatchObject({ name: "InvalidRange" });
  });

  it("holds to conditions: of a hundred who put a new object one succeeds, and its content stays", async () => {
    const tries = Array.from({ length: 100 }, async (_, i) => {
      try {
        await world.s3.send(put("once", `writer ${i}`, { IfNoneMatch: "*" }));
        return [i];
      } catch (cause) {
        expect(cause).toMatchObject({ name: "PreconditionFailed" });
        return [];
      }
    });
    const winners = (await Promise.all(tries)).flat();
    expect(winners).toHaveLength(1);
    expect(await textOf(world.s3, "once")).toBe(`writer ${winners[0]}`);
    const { ETag } = await world.s3.send(put("twice", "1"));
    await expect(world.s3.send(get("twice", { IfNoneMatch: ETag }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await world.s3.send(put("twice", "2"));
    await expect(world.s3.send(get("twice", { IfMatch: ETag }))).rejects.toMatchObject({ name: "PreconditionFailed" });
    await world.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "once" }));
    await world.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "once" }));
    await world.s3.send(put("once", "again", { IfNoneMatch: "*" }));
  });

  it("lists by prefix, in pages, in the order of UTF-8 bytes, with folders", async () => {
    const keys = ["l/b", "l/a", "l/a/2", "l/a/10", "l/a//x", "l/\u{1F600}", "l/\uFF5E", "l/Ä&<>", "l/A", "lx"];
    for (const key of keys) await world.s3.send(put(key, key));
    const inOrder = keys
      .filter((key) => key.startsWith("l/"))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await world.s3.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "l/", MaxKeys: 4, ContinuationToken }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(4);
      listed.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(listed).toEqual(inOrder);
    const folders = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "l/a", Delimiter: "/" }));
    expect(folders.Contents).toMatchObject([{ Key: "l/a", Size: 3, ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) }]);
    expect(folders.CommonPrefixes).toEqual([{ Prefix: "l/a/" }]);
    const none = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "none/" }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it("keeps every key apart from every other one and inside its folder", async () => {
    await using apart = await startWorld();
    const part = fc.oneof(
      fc.constantFrom(
        "",
        ".",
        "..",
        "a",
        "A",
        "a@",
        "a~",
        "%",
        "%41",
        "con",
        "é",
        "e\u0301",
        "\\",
        ":",
        "x".repeat(201),
        " ",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    );
    const key = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("/"))
      .filter((text) => text !== "" && !text.includes("\0") && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 2, maxLength: 6 }), async (keys) => {
        for (const name of keys) await apart.s3.send(put(name, name));
        for (const name of keys) expect(await textOf(apart.s3, name)).toBe(name);
        for (const name of keys) await apart.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: name }));
      }),
      { numRuns: 10 },
    );
    const outside = (await readdir(apart.folder)).filter((name) => !name.startsWith("lock"));
    expect(outside).toEqual([BUCKET]);
  });
});

describe("what the S3 stand-in refuses", () => {
  let world: S3World;
  beforeAll(async () => {
    world = await startWorld();
    await world.s3.send(put("secret", "content"));
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each([
    ["another secret", { credentials: { ...CREDENTIALS, secretAccessKey: "wrong" } }, "SignatureDoesNotMatch"],
    ["an unknown key", { credentials: { ...CREDENTIALS, accessKeyId: "AKIA" } }, "InvalidAccessKeyId"],
    ["another region", { region: "eu-west-1" }, "AuthorizationHeaderMalformed"],
    ["a clock that is 20 minutes off", { systemClockOffset: 20 * 60_000 }, "RequestTimeTooSkewed"],
  ])("%s", async (_, config, name) => {
    const stranger = connect(world.url, config);
    await expect(stranger.send(get("secret"))).rejects.toMatchObject({ name });
    expect(world.logged.at(-1)).toContain(name);
    stranger.destroy();
  });

  it("every request without a signature", async () => {
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    for (const path of [`/${BUCKET}/secret`, `/${BUCKET}?list-type=2`, "/", `/${BUCKET}/../${BUCKET}/secret`]) {
      expect(await rawRequest(world.url, path)).toMatchObject({ status: 403 });
      expect(await rawRequest(world.url, path, { method: "PUT", headers }, "x")).toMatchObject({ status: 403 });
    }
    expect(await textOf(world.s3, "secret")).toBe("content");
  });

  it("a link that was changed, moved, used otherwise, or is too old", async () => {
    const link = await getSignedUrl(world.s3, get("secret", { ResponseContentDisposition: "attachment" }), {
      expiresIn: 60,
    });
    const fetched = await fetch(link);
    expect(fetched.headers.get("content-disposition")).toBe("attachment");
    expect(await fetched.text()).toBe("content");
    const { pathname, search } = new URL(link);
    const broken = [
      [pathname.replace("secret", "secre"), search],
      [`/${BUCKET}/x/../secret`, search],
      [pathname, search.replace("attachment", "inline")],
      [pathname, search.replace("Expires=60", "Expires=600")],
      [pathname, search.replace(/X-Amz-Signature=[0-9a-f]{8}/, "X-Amz-Signature=00000000")],
      [pathname, `${search}&response-content-type=text%2Fhtml`],
    ];
    for (const [path, query] of broken) {
      const answer = await rawRequest(world.url, `${path}${query}`);
      expect(answer.text).toContain("SignatureDoesNotMatch");
    }
    expect((await rawRequest(world.url, `${pathname}${search}`, { method: "DELETE" })).status).toBe(403);
    expect(
      (await rawRequest(world.url, `${pathname}${search}`, { headers: { "x-amz-acl": "public" } })).text,
    ).toContain("not signed: x-amz-acl");
    const signingDate = new Date(Date.now() - 61_000);
    const old = await getSignedUrl(world.s3, get("secret"), { expiresIn: 60, signingDate });
    expect(await (await fetch(old)).text()).toContain("Request has expired");
  });

  it("bytes that are not those that were signed, cut short, or of a checksum in the trailer that is wrong", async () => {
    const tamper = (name: string, change: (request: { body: unknown; headers: Record<string, string> }) => void) => {
      const client = connect(world.url);
      client.middlewareStack.add(
        (next) => (args) => {
          change(args.request as Parameters<typeof change>[0]);
          return next(args);
        },
        { step: "finalizeRequest", priority: "low", name },
      );
      return client;
    };
    const swapped = tamper("swap", (request) => {
      request.body = Buffer.from("tampered");
    });
    await expect(swapped.send(put("swapped", "original"))).rejects.toMatchObject({ name: "XAmzContentSHA256Mismatch" });
    const trailing = tamper("trailer", (request) => {
      const crc = "AAAAAA==";
      request.body = `4\r\nabcd\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`;
    });
    await expect(trailing.send(put("trailing", Readable.from(["abcd"]), { ContentLength: 4 }))).rejects.toMatchObject({
      name: "BadDigest",
    });
    const short = tamper("short", (request) => {
      request.body = "4\r\nab";
    });
    await expect(short.send(put("short", Readable.from(["abcd"]), { ContentLength: 4 }))).rejects.toMatchObject({
      name: "IncompleteBody",
    });
    for (const key of ["swapped", "trailing", "short"])
      await expect(textOf(world.s3, key)).rejects.toMatchObject({ name: "NoSuchKey" });
    for (const client of [swapped, trailing, short]) client.destroy();
  });

  it.each([
    [
      "a bucket that is not there",
      () => new PutObjectCommand({ Bucket: "other", Key: "a", Body: "x" }),
      "NoSuchBucket",
    ],
    ["a key of more than 1,024 bytes", () => put("ä".repeat(513), "x"), "KeyTooLongError"],
    ["metadata of more than 2 KB", () => put("m", "x", { Metadata: { a: "x".repeat(2_100) } }), "MetadataTooLarge"],
    ["an ACL", () => put("acl", "x", { ACL: "public-read" }), "NotImplemented"],
    ["making a bucket", () => new CreateBucketCommand({ Bucket: "mine" }), "NotImplemented"],
    [
      "copying",
      () => new CopyObjectCommand({ Bucket: BUCKET, Key: "copy", CopySource: `${BUCKET}/secret` }),
      "NotImplemented",
    ],
    ["the old listing", () => new ListObjectsCommand({ Bucket: BUCKET }), "NotImplemented"],
  ])("%s", async (_, command, name) => {
    await expect(world.s3.send(command() as PutObjectCommand)).rejects.toMatchObject({ name });
    expect(world.logged.at(-1)).toContain(name);
  });

  it("a second process on its folder", async () => {
    await expect(startWorld({ folder: world.folder })).rejects.toThrow("is in use by process");
  });
});

describe("objects over SIGKILL", () => {
  it("every acknowledged one is there and whole, and no half one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-s3-"));
    const acknowledged = new Map<string, string>();
    for (let life = 0; life < 3; life++) {
      const program = join(import.meta.dirname, "s3-process.ts");
      const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
      const [url] = await once(createInterface(child.stdout), "line");
      const s3 = connect(url);
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; ; i++) {
          const key = `jobs/${life}/${writer}/${i}`;
          const content = `${key} `.repeat(2_000);
          try {
            await s3.send(put(key, content, { IfNoneMatch: "*" }));
          } catch {
            return;
          }
          acknowledged.set(key, content);
        }
      });
      const enough = acknowledged.size + 20 + Math.random() * 20;
      while (acknowledged.size < enough) await sleep(1);
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await Promise.all([...writers, exit]);
      s3.destroy();
    }
    await using world = await startWorld({ folder });
    for (const [key, content] of acknowledged) expect(await textOf(world.s3, key)).toBe(content);
    const { Contents = [] } = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    for (const { Key = "" } of Contents) expect(await textOf(world.s3, Key)).toBe(`${Key} `.repeat(2_000));
    expect(await readdir(join(folder, BUCKET, "uploads"))).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
