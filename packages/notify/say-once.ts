import type { ReplyKey } from "../jobs/job-record.ts";
import { inFuture, isDeadClaim, MS_BETWEEN_LOOKS } from "./card-message.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** In place of a message's ts while it is being posted: when that began, or will begin. */
const claimOf = (at: string) => `claimed ${at}`;
const claimedAt = (known: string) => /^claimed (.+)$/.exec(known)?.[1];

type Message = {
  jobId: string;
  key: ReplyKey;
  /** What the card's row said of it when it was read. */
  known: string | undefined;
  /** The ts of the message that a process posted which died before it could remember it. */
  find(): Promise<string | undefined>;
  /** Posts it, and keeps the claim alive while it waits for a slot. Gives its ts, or words in place of one. */
  post(renew: (waitMs: number) => Promise<void>): Promise<string | undefined>;
};

type SayDeps = {
  store: Pick<ThreadDeps["store"], "readJob" | "claimReply" | "keepReply">;
} & Pick<ThreadDeps, "now" | "sleep">;

/** One message: claimed in the card's row, posted, remembered; found again after a crash. */
export async function sayOnce(deps: SayDeps, { jobId, key, known, find, post }: Message): Promise<void> {
  const keep = (ts: string) => deps.store.keepReply(jobId, key, ts);
  async function postAndKeep() {
    const ts = await post((waitMs) => keep(claimOf(inFuture(deps, waitMs))));
    if (ts) await keep(ts);
  }
  for (let looks = 0; ; looks++) {
    if (known === undefined) {
      if ((await deps.store.claimReply(jobId, key, claimOf(inFuture(deps, 0)))) === "claimed") return postAndKeep();
    } else {
      const since = claimedAt(known);
      if (since === undefined) return;
      const isDead = isDeadClaim(deps, since);
      const found = looks === 0 || isDead ? await find() : undefined;
      if (found) return keep(found);
      if (isDead) return postAndKeep();
      await deps.sleep(MS_BETWEEN_LOOKS);
    }
    known = (await deps.store.readJob(jobId))?.card?.replies[key];
  }
}
