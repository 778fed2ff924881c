import { createHash } from "node:crypto";
import { imageIn } from "../packages/encoding/image.ts";
import { textFileOf } from "../packages/encoding/text-file.ts";
import {
  type Attachment,
  MAX_ATTACHED_BYTES,
  MAX_ATTACHMENTS,
  MAX_IMAGE_BYTES,
  MAX_IMAGE_SIDE,
  MAX_TEXT_BYTES,
} from "../packages/jobs/attachment.ts";
import { attachedKey } from "../packages/store/keys.ts";
import type { SlackDeps } from "./deps.ts";
import { type FileFailure, nameOfFile, type SlackFile } from "./read-file.ts";

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** What is wrong before anything is fetched, by what Slack says of the files. */
function refusalOfFiles(files: readonly SlackFile[]): string | undefined {
  if (files.length > MAX_ATTACHMENTS)
    return `Attach at most ${MAX_ATTACHMENTS} files; take ${files.length - MAX_ATTACHMENTS} out.`;
  const all = files.reduce((sum, { size }) => sum + size, 0);
  if (all > MAX_ATTACHED_BYTES)
    return `The files have ${megabytes(all)}, and all together may have ${megabytes(MAX_ATTACHED_BYTES)}: attach smaller or fewer ones.`;
  return undefined;
}

type Kind = Pick<Attachment, "kind" | "mediaType">;

/** By its bytes alone: a name can say anything. */
function kindOfFile(file: SlackFile, bytes: Uint8Array): Kind | { refusal: string } {
  const name = nameOfFile(file);
  const image = imageIn(bytes);
  if (image) {
    if (image.width === 0 || image.height === 0)
      return { refusal: `${name} is damaged: no size stands in it. Attach it anew, or take it out.` };
    if (bytes.length > MAX_IMAGE_BYTES)
      return {
        refusal: `${name} has ${megabytes(bytes.length)}, and an image may have ${megabytes(MAX_IMAGE_BYTES)}: make it smaller.`,
      };
    if (Math.max(image.width, image.height) > MAX_IMAGE_SIDE)
      return {
        refusal: `${name} has ${image.width} x ${image.height} pixels, and a side may have ${MAX_IMAGE_SIDE}: make it smaller.`,
      };
    return { kind: "image", mediaType: image.type };
  }
  if (bytes.length === 0) return { refusal: `${name} is empty: take it out.` };
  if (!textFileOf(bytes))
    return {
      refusal: `${name} is neither text nor a PNG, JPEG, GIF or WebP image: take it out, or attach it as one of these.`,
    };
  if (bytes.length > MAX_TEXT_BYTES)
    return {
      refusal: `${name} has ${bytes.length.toLocaleString("en")} bytes, and a text file may have ${MAX_TEXT_BYTES.toLocaleString("en")}: attach the part that matters.`,
    };
  return { kind: "text" };
}

/**
 * Fetches the files and keeps them with the job, before its row is written: a job never stands there without them, and
 * the same submit again finds the same objects. A sentence where one is refused; then nothing has begun.
 */
export async function keepFiles(
  { files: source, artifacts }: Pick<SlackDeps, "files" | "artifacts">,
  jobId: string,
  files: readonly SlackFile[],
): Promise<{ attachments: Attachment[] } | { refusal: string }> {
  const refusal = refusalOfFiles(files);
  if (refusal) return { refusal };
  const found = await Promise.all(
    files.map(async (file) => {
      const read = await source.read(file);
      if ("failed" in read) return { refusal: failedWords(nameOfFile(file), read.failed) };
      const kind = kindOfFile(file, read.bytes);
      return "refusal" in kind ? kind : { file, bytes: read.bytes, ...kind };
    }),
  );
  const refused = found.flatMap((one) => ("refusal" in one ? [one.refusal] : []));
  if (refused.length > 0) return { refusal: refused.join(" ") };
  const good = found.flatMap((one) => ("refusal" in one ? [] : [one]));
  const attachments = await Promise.all(
    good.map(async ({ file, bytes, ...kind }): Promise<Attachment> => {
      const key = attachedKey(jobId, createHash("sha256").update(bytes).digest("hex"));
      await artifacts.putOnce(key, bytes, kind.mediaType ?? "text/plain");
      return { key, name: nameOfFile(file), ...kind, bytes: bytes.length };
    }),
  );
  return { attachments };
}

/**
 * The same for files of the message that became the prompt: one that is refused, or has no room beside those of the form,
 * is left out, and the job says so.
 */
export async function keepMessageFiles(
  deps: Pick<SlackDeps, "files" | "artifacts">,
  jobId: string,
  { files, beside }: { files: readonly SlackFile[]; beside: readonly SlackFile[] },
): Promise<{ attachments: Attachment[]; leftOut: string[] }> {
  const taken = [...beside];
  const all = await Promise.all(
    files.map((file) => {
      if (refusalOfFiles([...taken, file])) return { refusal: noRoomWords(nameOfFile(file)) };
      taken.push(file);
      return keepFiles(deps, jobId, [file]);
    }),
  );
  return {
    attachments: all.flatMap((one) => ("refusal" in one ? [] : one.attachments)),
    leftOut: all.flatMap((one) => ("refusal" in one ? [one.refusal] : [])),
  };
}

const noRoomWords = (name: string) =>
  `${name} has no room beside the other files: a job takes ${MAX_ATTACHMENTS}, and ${megabytes(MAX_ATTACHED_BYTES)} together.`;

const failedWords = (name: string, why: FileFailure) =>
  ({
    late: `Slack did not hand over ${name} in time. Try again.`,
    forbidden: `Slack did not let Cody read ${name}: the people who run Cody give its app the scope files:read. Take the file out to start without it.`,
    elsewhere: `${name} is not kept in Slack itself: download it, and attach the copy.`,
  })[why];
