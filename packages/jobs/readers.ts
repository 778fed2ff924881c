import { z } from "zod";
import type { Job } from "./job.ts";

/** Who may read a job. The person who started it and admins may read it under each setting. */
export const JobReaders = z.enum(["everybody", "channel", "requester"]);
export type JobReaders = z.infer<typeof JobReaders>;

/** `channels`: in which the person is; needed where the members of a channel may read alone. */
export type Reader = { userId: string; isAdmin: boolean; channels: ReadonlySet<string> };

/** Pure: prompt, conversation, patches, verdicts and decisions of a job are for these people. */
export function isReadableBy(
  { userId, channelId }: Pick<Job, "userId" | "channelId">,
  reader: Reader,
  readers: JobReaders,
) {
  if (readers === "everybody" || reader.isAdmin || reader.userId === userId) return true;
  return readers === "channel" && reader.channels.has(channelId);
}
