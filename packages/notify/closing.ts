import type { JobRecord } from "../jobs/job-record.ts";
import type { Round } from "../jobs/round.ts";
import type { CardContent } from "../views/card.ts";
import { renderReply, replyAsText } from "../views/reply.ts";
import { inFuture, isDeadClaim, MS_BETWEEN_LOOKS, QUIET, type ShownCard } from "./card-message.ts";
import { inSlot, slackErrorOf } from "./client.ts";
import { isClosedToUs, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** In place of a message's ts while it is being posted: when that began, or will begin. */
const claimOf = (at: string) => `claimed ${at}`;
const claimedAt = (known: string) => /^claimed (.+)$/.exec(known)?.[1];

/** The one closing reply of a round: claimed in the card's row, posted, remembered; found again after a crash. */
export async function closeRound(deps: ThreadDeps, record: JobRecord, card: ShownCard, round: Round): Promise<void> {
  const { jobId, channelId: channel, ts: thread } = card;
  const marker: Marker = { event_type: "cody_closing", event_payload: { job_id: jobId, round: round.round } };
  const { userId } = record.job;
  const renew = (waitMs: number) => deps.store.keepReply(jobId, round.round, claimOf(inFuture(deps, waitMs)));

  async function postAt(where: { channel: string; thread_ts?: string }, isInThread: boolean) {
    const renderings = [() => renderReply(record, round, { isInThread }), () => replyAsText(record, round)];
    const send = (content: CardContent) => {
      const message = { ...where, ...content, ...QUIET, metadata: marker };
      return inSlot(deps.rateLimiter.posts(where.channel), () => deps.slack.chat.postMessage(message), renew);
    };
    return (await firstTaken(renderings, send, (why) => deps.log(`${jobId}: the closing reply: ${why}`))).ts;
  }

  /**
   * To the requester alone when the channel was archived or the card deleted; it is not posted when they have left too.
   */
  async function post() {
    const ts = await postAt({ channel, thread_ts: thread }, true)
      .catch(async (error) => (isClosedToUs(error) ? postAt({ channel: userId }, false) : Promise.reject(error)))
      .catch((error) => {
        if (!isClosedToUs(error)) throw error;
        deps.log(`${jobId}: the requester could not be told how round ${round.round} ended: ${slackErrorOf(error)}`);
        return "not posted";
      });
    if (ts) await deps.store.keepReply(jobId, round.round, ts);
  }

  const find = async () =>
    (await readableAt(deps.slack, channel, () =>
      findMessage(deps.slack, { channel, since: thread, thread }, marker),
    )) ??
    (await readableAt(deps.slack, userId, (direct) =>
      findMessage(deps.slack, { channel: direct, since: thread }, marker),
    ));

  let known = (record.card ?? card).replies[round.round];
  for (let looks = 0; ; looks++) {
    if (known === undefined) {
      if ((await deps.store.claimReply(jobId, round.round, claimOf(inFuture(deps, 0)))) === "claimed") return post();
    } else {
      const since = claimedAt(known);
      if (since === undefined) return;
      const isDead = isDeadClaim(deps, since);
      const found = looks === 0 || isDead ? await find() : undefined;
      if (found) return deps.store.keepReply(jobId, round.round, found);
      if (isDead) return post();
      await deps.sleep(MS_BETWEEN_LOOKS);
    }
    known = (await deps.store.readJob(jobId))?.card?.replies[round.round];
  }
}
