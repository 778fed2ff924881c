import type { Card, JobRecord } from "../jobs/job-record.ts";
import { CARD_RENDERINGS } from "../views/card.ts";
import type { Posted } from "./message-rows.ts";
import { isShown, type ShownMessage } from "./shown-message.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** Where the card of a job is in Slack. */
export type ShownCard = Pick<Card, "jobId"> & Posted;

export const cardOf = ({ store }: Pick<ThreadDeps, "store">, jobId: string): ShownMessage<JobRecord> => ({
  id: jobId,
  called: "card",
  marker: { event_type: "cody_card", event_payload: { job_id: jobId } },
  renderings: CARD_RENDERINGS,
  kept: store.cards,
  async read() {
    const record = await store.readJob(jobId);
    if (!record) return undefined;
    const { channelId, userId } = record.job;
    return { channelId, userId, message: record.card, rows: async () => record };
  },
});

export const isCardShown = (card: ShownMessage<JobRecord>, record: JobRecord) =>
  isShown(card, record, record.card?.hash);

export async function readRows(deps: Pick<ThreadDeps, "store">, jobId: string): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} has gone.`);
  return record;
}
