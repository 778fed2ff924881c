import type { JobRecord } from "../jobs/job-record.ts";
import type { Round } from "../jobs/round.ts";
import type { CardContent } from "../views/card.ts";
import { renderReply, replyAsText } from "../views/reply.ts";
import { QUIET, type ShownCard } from "./card-message.ts";
import { inSlot, slackErrorOf } from "./client.ts";
import { isClosedToUs, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import { sayOnce } from "./say-once.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** The one closing reply of a round: claimed in the card's row, posted, remembered; found again after a crash. */
export async function closeRound(deps: ThreadDeps, record: JobRecord, card: ShownCard, round: Round): Promise<void> {
  const { jobId, channelId: channel, ts: thread } = card;
  const marker: Marker = { event_type: "cody_closing", event_payload: { job_id: jobId, round: round.round } };
  const { userId } = record.job;

  type Renew = (waitMs: number) => Promise<void>;
  async function postAt(where: { channel: string; thread_ts?: string }, isInThread: boolean, renew: Renew) {
    const renderings = [() => renderReply(record, round, { isInThread }), () => replyAsText(record, round)];
    const send = (content: CardContent) => {
      const message = { ...where, ...content, ...QUIET, metadata: marker };
      return inSlot(deps.rateLimiter.posts(where.channel), () => deps.slack.chat.postMessage(message), renew);
    };
    return (await firstTaken(renderings, send, (why) => deps.log(`${jobId}: the closing reply: ${why}`))).ts;
  }

  /** A message of its own would say the same twice. */
  async function toldDirectly(ts: string | undefined) {
    if (ts) await deps.store.keepReply(jobId, `${round.round}-direct`, ts);
    return ts;
  }

  /**
   * To the requester alone when the channel was archived or the card deleted; it is not posted when they have left too.
   */
  const post = (renew: Renew) =>
    postAt({ channel, thread_ts: thread }, true, renew)
      .catch(async (error) => {
        if (!isClosedToUs(error)) throw error;
        return toldDirectly(await postAt({ channel: userId }, false, renew));
      })
      .catch((error) => {
        if (!isClosedToUs(error)) throw error;
        deps.log(`${jobId}: the requester could not be told how round ${round.round} ended: ${slackErrorOf(error)}`);
        return "not posted";
      });

  const find = async () =>
    (await readableAt(deps.slack, channel, () =>
      findMessage(deps.slack, { channel, since: thread, thread }, marker),
    )) ??
    toldDirectly(
      await readableAt(deps.slack, userId, (direct) =>
        findMessage(deps.slack, { channel: direct, since: thread }, marker),
      ),
    );

  const known = (record.card ?? card).replies[round.round];
  await sayOnce(deps, { jobId, key: round.round, known, find, post });
}
