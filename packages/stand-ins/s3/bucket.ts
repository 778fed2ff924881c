import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { syncFolder } from "../aws/durable.ts";
import { encodeRfc3986 } from "../aws/signature.ts";
import { listKeys, readListQuery } from "./list.ts";
import { type ObjectFacts, openObject, storeObject } from "./object-file.ts";
import { folderOf, keyOfPath, objectPath } from "./object-path.ts";
import { checkPut, receive } from "./put.ts";
import { S3Refusal } from "./refused.ts";
import type { S3Request } from "./request.ts";
import { element, parent, xmlDocument } from "./xml.ts";

/** One bucket in a folder: `objects`, and `uploads` for what is not complete. */
export async function openBucketFolder({ name, folder, now }: { name: string; folder: string; now: () => Date }) {
  const objects = join(folder, "objects");
  const uploads = join(folder, "uploads");
  await rm(uploads, { recursive: true, force: true });
  for (const path of [objects, uploads]) await mkdir(path, { recursive: true });
  const pathOf = (key: string) => join(objects, objectPath(key));

  async function keysUnder(prefix: string): Promise<string[]> {
    const base = join(objects, folderOf(prefix));
    if (!existsSync(base)) return [];
    const entries = await readdir(base, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => keyOfPath(relative(objects, join(entry.parentPath, entry.name))))
      .filter((key) => key !== undefined);
  }

  async function factsOf(key: string): Promise<ObjectFacts | undefined> {
    const found = await openObject(pathOf(key));
    await found?.handle.close();
    return found?.facts;
  }

  return {
    async put(request: S3Request): Promise<ObjectFacts> {
      checkPut(request);
      const upload = {
        temporary: join(uploads, crypto.randomUUID()),
        path: pathOf(request.key),
        onlyIfAbsent: request.header("if-none-match") !== undefined,
      };
      const stored = await storeObject(upload, () => receive(request, now));
      if (stored === "exists") throw new S3Refusal("PreconditionFailed");
      return stored;
    },

    async open(key: string) {
      const found = await openObject(pathOf(key));
      if (!found) throw new S3Refusal("NoSuchKey");
      return found;
    },

    async remove(key: string): Promise<void> {
      const path = pathOf(key);
      if (!existsSync(path)) return;
      await rm(path, { force: true });
      await syncFolder(join(path, ".."));
    },

    /** ListObjectsV2's answer. */
    async list(query: Map<string, string>): Promise<string> {
      const wanted = readListQuery(query);
      const { keys, prefixes, last } = listKeys(await keysUnder(wanted.prefix), wanted);
      const shown =
        query.get("encoding-type") === "url" ? (text: string) => encodeRfc3986(text) : (text: string) => text;
      const contents = await Promise.all(keys.map(async (key) => ({ key, facts: await factsOf(key) })));
      return xmlDocument(
        parent("ListBucketResult", [
          element("Name", name),
          element("Prefix", shown(wanted.prefix)),
          element("KeyCount", keys.length + prefixes.length),
          element("MaxKeys", wanted.maxKeys),
          element("IsTruncated", last !== undefined),
          ...(last === undefined ? [] : [element("NextContinuationToken", Buffer.from(last).toString("base64url"))]),
          ...contents.flatMap(({ key, facts }) =>
            facts
              ? parent("Contents", [
                  element("Key", shown(key)),
                  element("LastModified", facts.lastModified),
                  element("ETag", facts.etag),
                  element("Size", facts.bytes),
                  element("StorageClass", "STANDARD"),
                ])
              : [],
          ),
          ...prefixes.map((prefix) => parent("CommonPrefixes", [element("Prefix", shown(prefix))])),
        ]),
      );
    },
  };
}
export type BucketFolder = Awaited<ReturnType<typeof openBucketFolder>>;
