import { z } from "zod";
import { JobId } from "./ids.ts";
import { Timestamp } from "./job.ts";

/** Row `JOB#id / CARD`: the one live Slack message of a job. */
export const Card = z.object({
  jobId: JobId,
  channelId: z.string(),
  /** Absent between the claim and the post: look for our metadata in the channel before posting. */
  ts: z.string().optional(),
  claimedAt: Timestamp,
  /** Of what is shown now; the same hash needs no update. */
  hash: z.string().optional(),
  shownAt: Timestamp.optional(),
  /** Closing replies by round number: the ts of each. */
  replies: z.record(z.string(), z.string()).default({}),
});
export type Card = z.infer<typeof Card>;
