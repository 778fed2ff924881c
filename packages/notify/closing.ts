import type { JobRecord } from "../jobs/job-record.ts";
import type { Round } from "../jobs/round.ts";
import type { CardContent } from "../views/card.ts";
import { renderReply, replyAsText } from "../views/reply.ts";
import type { ShownCard } from "./card-message.ts";
import { inSlot, QUIET, slackErrorOf } from "./client.ts";
import { isClosedToUs, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import type { Hold } from "./post-once.ts";
import { NOT_POSTED, type PostedReply, replyFrom, sayOnce } from "./say-once.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** The one closing reply of a round: claimed in the card's row, posted, remembered; found again after a crash. */
export async function closeRound(deps: ThreadDeps, record: JobRecord, card: ShownCard, round: Round): Promise<void> {
  const { jobId, channelId: channel, ts: thread } = card;
  const marker: Marker = { event_type: "cody_closing", event_payload: { job_id: jobId, round: round.round } };
  const { userId } = record.job;

  async function postAt(where: { channel: string; thread_ts?: string }, isInThread: boolean, hold: Hold) {
    const renderings = [() => renderReply(record, round, { isInThread }), () => replyAsText(record, round)];
    const send = (content: CardContent) =>
      inSlot(
        deps.rateLimiter.posts(where.channel),
        async () => {
          await hold();
          return deps.slack.chat.postMessage({ ...where, ...content, ...QUIET, metadata: marker });
        },
        hold,
      );
    return replyFrom(
      await firstTaken(renderings, send, (why) => deps.log(`${jobId}: the closing reply: ${why}`)),
      jobId,
    );
  }

  /** A message of its own would say the same twice. */
  async function toldDirectly(reply: PostedReply) {
    await deps.store.keepReply(jobId, `${round.round}-direct`, reply.ts);
    return reply;
  }

  /**
   * To the requester alone when the channel was archived or the card deleted; it is not posted when they have left too.
   */
  const post = (hold: Hold) =>
    postAt({ channel, thread_ts: thread }, true, hold)
      .catch(async (error) => {
        if (!isClosedToUs(error)) throw error;
        return toldDirectly(await postAt({ channel: userId }, false, hold));
      })
      .catch((error) => {
        if (!isClosedToUs(error)) throw error;
        deps.log(`${jobId}: the requester could not be told how round ${round.round} ended: ${slackErrorOf(error)}`);
        return NOT_POSTED;
      });

  const findIn = (home: string, where: { thread?: string }) =>
    readableAt(deps.slack, home, (channelId) =>
      findMessage(deps.slack, { channel: channelId, since: thread, ...where }, marker),
    );
  async function find() {
    const inThread = await findIn(channel, { thread });
    if (inThread) return inThread;
    const direct = await findIn(userId, {});
    return direct && toldDirectly(direct);
  }

  await sayOnce(deps, { jobId, key: round.round, known: record.card?.replies[round.round], find, post });
}
