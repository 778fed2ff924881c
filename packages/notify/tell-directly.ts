import type { JobRecord } from "../jobs/job-record.ts";
import type { Round } from "../jobs/round.ts";
import type { CardContent } from "../views/card.ts";
import { renderDirectMessage } from "../views/reply.ts";
import type { ShownCard } from "./card-message.ts";
import { inSlot, QUIET, slackErrorOf } from "./client.ts";
import { isClosedToUs, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import { permalinkOf } from "./permalink.ts";
import { NOT_POSTED, replyFrom, sayOnce } from "./say-once.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** A card in a direct message, or at a person's own id: its replies come to them anyway. */
const isDirect = (channelId: string) => /^[DUW]/.test(channelId);

/**
 * For a requester who asked for it: how the round ended, in a direct message of its own, once. A closing reply that came
 * to them because the channel takes none stands in its place.
 */
export async function tellDirectly(deps: ThreadDeps, record: JobRecord, card: ShownCard, round: Round): Promise<void> {
  const { jobId, userId, options } = record.job;
  if (!options.tellDirectly || isDirect(card.channelId)) return;
  const key = `${round.round}-direct` as const;
  const marker: Marker = { event_type: "cody_told", event_payload: { job_id: jobId, round: round.round } };

  await sayOnce(deps, {
    jobId,
    key,
    known: record.card?.replies[key],
    find: () =>
      readableAt(deps.slack, userId, (channel) => findMessage(deps.slack, { channel, since: card.ts }, marker)),
    post: async (hold) => {
      const link = card.permalink ?? (await permalinkOf(deps, { ...card, id: jobId }));
      const content = renderDirectMessage(record, round, link);
      const post = async (shown: CardContent) => {
        await hold();
        return deps.slack.chat.postMessage({ channel: userId, ...shown, ...QUIET, metadata: marker });
      };
      const send = (shown: CardContent) => inSlot(deps.rateLimiter.posts(userId), () => post(shown), hold);
      const renderings = [() => content, () => ({ text: content.text, blocks: [] })];
      try {
        return replyFrom(
          await firstTaken(renderings, send, (why) => deps.log(`${jobId}: a direct message: ${why}`)),
          jobId,
        );
      } catch (error) {
        if (!isClosedToUs(error)) throw error;
        deps.log(`${jobId}: the requester could not be told directly: ${slackErrorOf(error)}`);
        return NOT_POSTED;
      }
    },
  });
}
