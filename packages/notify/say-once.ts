import type { ReplyKey } from "../jobs/job-record.ts";
import { replyClaim, replyClaimedAt } from "../jobs/message-row.ts";
import { type Hold, postOnce, type Standing } from "./post-once.ts";
import { type RemoveDeps, removeMessage } from "./remove-message.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** `channelId`: absent where no one could be told. */
export type Said = { ts: string; channelId?: string };
export const NOT_POSTED: Said = { ts: "not posted" };

type Reply = {
  jobId: string;
  key: ReplyKey;
  /** What the card's row said of it when it was read. */
  known: string | undefined;
  /** The one of a process that died before it could keep it. */
  find(): Promise<Said | undefined>;
  post(hold: Hold): Promise<Said>;
};

type SayDeps = {
  store: Pick<ThreadDeps["store"], "readJob" | "claimReply" | "keepReply">;
} & RemoveDeps &
  Pick<ThreadDeps, "now" | "sleep">;

/** One message beside the card, posted once. Its place is in the card's row. */
export async function sayOnce(deps: SayDeps, { jobId, key, known, find, post }: Reply): Promise<void> {
  const { store } = deps;
  if (standingOf(known).is === "posted") return;
  await postOnce<Said, undefined>(deps, {
    async read() {
      const record = await store.readJob(jobId);
      return record && { standing: standingOf(record.card?.replies[key]), from: undefined };
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

function standingOf(place: string | undefined): Standing<Said> {
  if (place === undefined) return { is: "absent" };
  const at = replyClaimedAt(place);
  return at === undefined ? { is: "posted", message: { ts: place } } : { is: "claimed", at };
}

/** What Slack answered to a post. */
export function saidOf({ channel, ts }: { channel?: string; ts?: string }, id: string): Said {
  if (!channel || !ts) throw new Error(`Slack posted no message for ${id}.`);
  return { channelId: channel, ts };
}
