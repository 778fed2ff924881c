import type { JobRecord } from "../jobs/job-record.ts";
import type { Round } from "../jobs/round.ts";
import { politely } from "./client.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { renderReply } from "./reply.ts";
import { CLAIM_MS, MS_BETWEEN_LOOKS, QUIET, type ShownCard, type ThreadDeps } from "./thread.ts";

/** In place of a message's ts while it is being posted: when that began. */
const claimOf = (at: Date) => `claimed ${at.toISOString()}`;
const claimedAt = (known: string) => (known.startsWith("claimed") ? Date.parse(known.slice(8)) || 0 : undefined);

/** The one closing reply of a round: claimed in the card's row, posted, remembered; found again after a crash. */
export async function closeRound(deps: ThreadDeps, record: JobRecord, card: ShownCard, round: Round): Promise<void> {
  const { jobId, channelId: channel, ts: thread } = card;
  const marker: Marker = { event_type: "cody_closing", event_payload: { job_id: jobId, round: round.round } };

  async function post() {
    await deps.pace.untilPost(channel);
    const { ts } = await politely(deps.sleep, () =>
      deps.slack.chat.postMessage({
        channel,
        thread_ts: thread,
        ...renderReply(record, round),
        ...QUIET,
        metadata: marker,
      }),
    );
    if (ts) await deps.store.keepReply(jobId, round.round, ts);
  }

  let known = (record.card ?? card).replies[round.round];
  for (;;) {
    if (known === undefined) {
      if ((await deps.store.claimReply(jobId, round.round, claimOf(deps.now()))) === "claimed") return post();
    } else {
      const since = claimedAt(known);
      if (since === undefined) return;
      const found = await findMessage(deps.slack, { channel, since: thread, thread }, marker);
      if (found) return deps.store.keepReply(jobId, round.round, found);
      if (deps.now().getTime() - since > CLAIM_MS) return post();
      await deps.sleep(MS_BETWEEN_LOOKS);
    }
    known = (await deps.store.readJob(jobId))?.card?.replies[round.round];
  }
}
