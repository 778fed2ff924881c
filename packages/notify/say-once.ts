import type { ReplyKey } from "../jobs/job-record.ts";
import { replyClaim, replyClaimedAt } from "../jobs/message-row.ts";
import { type Hold, type MessageStage, postOnce } from "./post-once.ts";
import { type RemoveDeps, removeMessage } from "./remove-message.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** `channelId`: absent where no one could be told. */
export type PostedReply = { ts: string; channelId?: string };
export const NOT_POSTED: PostedReply = { ts: "not posted" };

type Reply = {
  jobId: string;
  key: ReplyKey;
  /** What the card's row said of it when it was read. */
  known: string | undefined;
  /** The one of a process that died before it could keep it. */
  find(): Promise<PostedReply | undefined>;
  post(hold: Hold): Promise<PostedReply>;
};

type SayDeps = {
  store: Pick<ThreadDeps["store"], "readJob" | "claimReply" | "keepReply">;
} & RemoveDeps &
  Pick<ThreadDeps, "now" | "sleep">;

/** One message beside the card, posted once. Its place is in the card's row. */
export async function sayOnce(deps: SayDeps, { jobId, key, known, find, post }: Reply): Promise<void> {
  const { store } = deps;
  if (stageOf(known).is === "posted") return;
  await postOnce<PostedReply, undefined>(deps, {
    async read() {
      const record = await store.readJob(jobId);
      return record && { stage: stageOf(record.card?.replies[key]), from: undefined };
    },
    async claim({ at, before }) {
      const claimed = await store.claimReply(jobId, key, replyClaim(at), before && replyClaim(before));
      return claimed === "claimed";
    },
    find,
    post,
    keep: async ({ ts }) => (await store.keepReply(jobId, key, ts)) === "kept",
    async remove({ channelId, ts }) {
      if (channelId) await removeMessage(deps, { channelId, ts, id: jobId });
    },
  });
}

function stageOf(place: string | undefined): MessageStage<PostedReply> {
  if (place === undefined) return { is: "absent" };
  const at = replyClaimedAt(place);
  return at === undefined ? { is: "posted", message: { ts: place } } : { is: "claimed", at };
}

/** What Slack answered to a post. */
export function replyFrom({ channel, ts }: { channel?: string; ts?: string }, id: string): PostedReply {
  if (!channel || !ts) throw new Error(`Slack posted no message for ${id}.`);
  return { channelId: channel, ts };
}
