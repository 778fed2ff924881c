import { z } from "zod";

/** Files that come with a request: as many as a person attaches to explain it, and no archive. */
export const MAX_ATTACHMENTS = 5;
/** Claude takes 5 MB of base64: https://platform.claude.com/docs/en/build-with-claude/vision */
export const MAX_IMAGE_BYTES = 3_932_160;
export const MAX_IMAGE_SIDE = 8_000;
export const MAX_TEXT_BYTES = 50_000;
/** All together: they are fetched while a person waits for the form to close. */
export const MAX_ATTACHED_BYTES = 6_000_000;

/**
 * A job and its follow-ups may have so much together: the images of a conversation go with each of its requests, and
 * Claude takes requests of 32 MB, in which three bytes are four characters.
 */
export const MAX_JOB_ATTACHED_BYTES = 18_000_000;

export const Attachment = z.object({
  /** The object's key, made from its content. */
  key: z.string().min(1),
  name: z.string().min(1).max(200),
  kind: z.enum(["image", "text"]),
  /** What an image is by its bytes, one of those that Claude takes; absent for text. */
  mediaType: z.string().startsWith("image/").optional(),
  bytes: z.number().int().positive(),
});
export type Attachment = z.infer<typeof Attachment>;
