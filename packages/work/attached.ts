import type { Attached } from "../agent/attached.ts";
import type { Redact } from "../agent/redact.ts";
import { textFileOf } from "../encoding/text-file.ts";
import { visibleName } from "../encoding/visible.ts";
import type { Job } from "../jobs/job.ts";
import type { Records } from "../store/records.ts";
import { withoutHidden } from "../text/hidden.ts";
import { listed } from "../text/lists.ts";

/** What the requester attached, as the model is given it: without secrets where it is text. `facts`: what is not there. */
export async function attachedOf(
  { attachments = [] }: Pick<Job, "attachments">,
  { readAttached }: Pick<Records, "readAttached">,
  redact: Redact,
): Promise<Attached & { facts: string[] }> {
  const attached: Attached = { texts: [], images: [] };
  const gone: string[] = [];
  for (const { key, name: given, kind, mediaType } of attachments) {
    const name = visibleName(await redact(given));
    const bytes = await readAttached(key);
    if (!bytes) gone.push(name);
    else if (kind === "image") attached.images.push({ key, name, mediaType: mediaType!, data: base64(bytes) });
    else attached.texts.push({ name, text: await redact(withoutHidden(textFileOf(bytes)?.text ?? "")) });
  }
  const facts =
    gone.length > 0 ? [`The requester also attached ${listed(gone)}, which could not be read any more.`] : [];
  return { ...attached, facts };
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
