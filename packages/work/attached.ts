import { type Attached, type Images, imagesOf } from "../agent/attached.ts";
import type { Redact } from "../agent/redact.ts";
import { hasOpaque } from "../encoding/opaque.ts";
import { textFileOf } from "../encoding/text-file.ts";
import { visible, visibleName } from "../encoding/visible.ts";
import type { Attachment } from "../jobs/attachment.ts";
import type { Records } from "../store/records.ts";
import { listed } from "../text/lists.ts";

type Given = {
  /** Goes with the message that this round begins with. */
  now: readonly Attachment[];
  /** Went with an earlier one: its images are sent again with that. */
  earlier: readonly Attachment[];
};

/**
 * What people attached, as the model is given it: without secrets where it is text. `facts`: what is not there.
 * `images`: the bytes of all images of the conversation.
 */
export async function attachedOf(
  { now, earlier }: Given,
  { readAttached }: Pick<Records, "readAttached">,
  redact: Redact,
): Promise<{ attached: Attached; images: Images; facts: string[] }> {
  const found = await read(now);
  const before = await read(earlier.filter(({ kind }) => kind === "image"));
  const facts = [
    ...(found.gone.length > 0
      ? [`The requester also attached ${listed(found.gone)}, which could not be read any more.`]
      : []),
    ...found.notes,
  ];
  return { attached: found, images: new Map([...imagesOf(before), ...imagesOf(found)]), facts };

  async function read(attachments: readonly Attachment[]) {
    const attached: Attached & { gone: string[]; notes: string[] } = { texts: [], images: [], gone: [], notes: [] };
    for (const { key, name: given, kind, mediaType } of attachments) {
      const name = visibleName(await redact(given));
      const bytes = await readAttached(key);
      if (!bytes) attached.gone.push(name);
      else if (kind === "image") attached.images.push({ key, name, mediaType: mediaType!, data: base64(bytes) });
      else {
        const text = textFileOf(bytes)?.text ?? "";
        attached.texts.push({ name, text: await redact(visible(text.replace(/\r\n?/g, "\n"))) });
        if (hasOpaque(text))
          attached.notes.push(`${name} is not UTF-8: its bytes that are no text stand there as \\xNN.`);
      }
    }
    return attached;
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
