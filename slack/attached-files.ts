import { createHash } from "node:crypto";
import { imageIn } from "../packages/encoding/image.ts";
import { textFileOf } from "../packages/encoding/text-file.ts";
import { isWholeImage } from "../packages/encoding/whole-image.ts";
import {
  type Attachment,
  MAX_ATTACHED_BYTES,
  MAX_ATTACHMENTS,
  MAX_IMAGE_BYTES,
  MAX_IMAGE_SIDE,
  MAX_JOB_ATTACHED_BYTES,
  MAX_TEXT_BYTES,
} from "../packages/jobs/attachment.ts";
import { attachedKey } from "../packages/store/keys.ts";
import type { SlackDeps } from "./deps.ts";
import { type FileFailure, nameOfFile, type SlackFile } from "./read-file.ts";

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Why a file does not go along. `todo`: for a person who still has the form open. */
type Fault = { what: string; todo: string };

const inForm = ({ what, todo }: Fault) => `${what}: ${todo}.`;
const afterwards = ({ what }: Fault) => `${what}.`;

/** What is wrong before anything is fetched, by what Slack says of the files. */
function faultOfFiles(files: readonly SlackFile[]): Fault | undefined {
  if (files.length > MAX_ATTACHMENTS)
    return {
      what: `A job takes ${MAX_ATTACHMENTS} files, and these are ${files.length}`,
      todo: `take ${files.length - MAX_ATTACHMENTS} out`,
    };
  const all = files.reduce((sum, { size }) => sum + size, 0);
  if (all > MAX_ATTACHED_BYTES)
    return {
      what: `The files have ${megabytes(all)}, and all together may have ${megabytes(MAX_ATTACHED_BYTES)}`,
      todo: "attach smaller or fewer ones",
    };
  return undefined;
}

type Kind = Pick<Attachment, "kind" | "mediaType">;

/** By its bytes alone: a name can say anything. */
function kindOfFile(name: string, bytes: Uint8Array): Kind | Fault {
  const image = imageIn(bytes);
  if (image) {
    if (image.width === 0 || image.height === 0 || !isWholeImage(bytes, image))
      return { what: `${name} is damaged, so no model can read it`, todo: "attach it anew, or take it out" };
    if (bytes.length > MAX_IMAGE_BYTES)
      return {
        what: `${name} has ${megabytes(bytes.length)}, and an image may have ${megabytes(MAX_IMAGE_BYTES)}`,
        todo: "make it smaller",
      };
    if (Math.max(image.width, image.height) > MAX_IMAGE_SIDE)
      return {
        what: `${name} has ${image.width} x ${image.height} pixels, and a side may have ${MAX_IMAGE_SIDE}`,
        todo: "make it smaller",
      };
    return { kind: "image", mediaType: image.type };
  }
  if (bytes.length === 0) return { what: `${name} is empty`, todo: "take it out" };
  if (!textFileOf(bytes))
    return {
      what: `${name} is neither text nor a PNG, JPEG, GIF or WebP image`,
      todo: "take it out, or attach it as one of these",
    };
  if (bytes.length > MAX_TEXT_BYTES)
    return {
      what: `${name} has ${bytes.length.toLocaleString("en")} bytes, and a text file may have ${MAX_TEXT_BYTES.toLocaleString("en")}`,
      todo: "attach the part that matters",
    };
  return { kind: "text" };
}

const failed = (name: string, why: FileFailure): Fault =>
  ({
    late: { what: `Slack did not hand over ${name} in time`, todo: "try again" },
    forbidden: {
      what: `Slack did not let Cody read ${name}, whose app has to be given the scope files:read by the people who run Cody`,
      todo: "take the file out to start without it",
    },
    elsewhere: { what: `${name} is not kept in Slack itself`, todo: "download it, and attach the copy" },
  })[why];

/** A file that may go along; nothing of it is stored yet. */
export type ReadFile = { name: string; bytes: Uint8Array } & Kind;

async function readOne({ files }: Pick<SlackDeps, "files">, file: SlackFile): Promise<ReadFile | Fault> {
  const name = nameOfFile(file);
  const read = await files.read(file);
  if ("failed" in read) return failed(name, read.failed);
  const kind = kindOfFile(name, read.bytes);
  return "what" in kind ? kind : { name, bytes: read.bytes, ...kind };
}

/** What a person attached in the form: all of it, or a sentence for the form. */
export async function readFiles(
  deps: Pick<SlackDeps, "files">,
  files: readonly SlackFile[],
): Promise<{ read: ReadFile[] } | { refusal: string }> {
  const fault = faultOfFiles(files);
  if (fault) return { refusal: inForm(fault) };
  const found = await Promise.all(files.map((file) => readOne(deps, file)));
  const faults = found.flatMap((one) => ("what" in one ? [inForm(one)] : []));
  return faults.length > 0
    ? { refusal: faults.join(" ") }
    : { read: found.flatMap((one) => ("what" in one ? [] : [one])) };
}

/**
 * The same for files of a message, which no form can take out any more: one that is refused, or has no room beside
 * those of the form and those that the job has already, is left out, and the card says so.
 */
export async function readMessageFiles(
  deps: Pick<SlackDeps, "files">,
  { files, beside = [], before = 0 }: { files: readonly SlackFile[]; beside?: readonly SlackFile[]; before?: number },
): Promise<{ read: ReadFile[]; leftOut: string[] }> {
  const taken = [...beside];
  const found = await Promise.all(
    files.map((file): Promise<ReadFile | Fault> | Fault => {
      const all = [...taken, file];
      const bytes = all.reduce((sum, { size }) => sum + size, before);
      if (faultOfFiles(all) || bytes > MAX_JOB_ATTACHED_BYTES) return noRoom(nameOfFile(file));
      taken.push(file);
      return readOne(deps, file);
    }),
  );
  return {
    read: found.flatMap((one) => ("what" in one ? [] : [one])),
    leftOut: found.flatMap((one) => ("what" in one ? [afterwards(one)] : [])),
  };
}

const noRoom = (name: string): Fault => ({
  what: `${name} has no room beside the other files: a message takes ${MAX_ATTACHMENTS} and ${megabytes(MAX_ATTACHED_BYTES)}, a job with its follow-ups ${megabytes(MAX_JOB_ATTACHED_BYTES)}`,
  todo: "take it out",
});

/**
 * Stores what was read, once nothing is left to refuse, and before the row that names it: no row ever stands there
 * without its files, and the same request again finds the same objects.
 */
export const storeFiles = (
  { artifacts }: Pick<SlackDeps, "artifacts">,
  jobId: string,
  read: readonly ReadFile[],
): Promise<Attachment[]> =>
  Promise.all(
    read.map(async ({ name, bytes, ...kind }) => {
      const key = attachedKeyOf(jobId, bytes);
      await artifacts.putOnce(key, bytes, kind.mediaType ?? "text/plain");
      return { key, name, ...kind, bytes: bytes.length };
    }),
  );

const attachedKeyOf = (jobId: string, bytes: Uint8Array) =>
  attachedKey(jobId, createHash("sha256").update(bytes).digest("hex"));

/** As a row says it. */
export const toldOf = (attachments: readonly Attachment[], leftOut: readonly string[]) => ({
  ...(attachments.length > 0 && { attachments: [...attachments] }),
  ...(leftOut.length > 0 && { leftOut: [...leftOut] }),
});
