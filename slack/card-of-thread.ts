import type { webApi } from "@slack/bolt";
import { z } from "zod";
import { JobId } from "../packages/jobs/ids.ts";

export type Thread = { channelId: string; ts: string };

const Card = z.object({
  user: z.string(),
  metadata: z.object({ event_type: z.literal("cody_card"), event_payload: z.object({ job_id: JobId }) }),
});

/**
 * The job whose card a thread hangs on, by what we wrote on the card. Its users compare the job's own card too:
 * metadata alone could be forged by another app.
 */
export async function jobOfThread(
  { conversations }: Pick<webApi.WebClient, "conversations">,
  { channelId, ts }: Thread,
  botUserId: string | undefined,
): Promise<string | undefined> {
  const { messages = [] } = await conversations.replies({
    channel: channelId,
    ts,
    limit: 1,
    include_all_metadata: true,
  });
  const card = Card.safeParse(messages[0]);
  return card.success && card.data.user === botUserId ? card.data.metadata.event_payload.job_id : undefined;
}
