import { SLACK_TIMEOUT_MS } from "./client.ts";

const MS_BETWEEN_LOOKS = 500;
/** Older than this, a claim without a message belongs to a process that died. */
const CLAIM_MS = SLACK_TIMEOUT_MS + 2_000;
/** A request that begins so soon after its claim has ended before the claim counts as dead. */
const FRESH_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

type Clock = { now: () => Date; sleep: (ms: number) => Promise<void> };

/** How a message stands in the table. `at`: when the process that posts it began, or will begin. */
export type MessageStage<Message> =
  | { is: "absent" }
  | { is: "claimed"; at: string }
  | { is: "posted"; message: Message };

/**
 * Before each request that posts: throws where another process has the claim by now. `waitMs`: so long it is going to
 * wait before the request. `channelId`: where it is posted from now on, and looked for after a crash.
 */
export type Hold = (waitMs?: number, channelId?: string) => Promise<void>;

/** `before`: the claim in whose place this one comes. */
type Claim = { at: string; before: string | undefined; channelId: string | undefined };

/** One message that is to be in Slack once: its row in the table, and itself in Slack. `From`: what was read with it. */
export type Once<Message, From> = {
  /** undefined: what it belongs to has gone. */
  read(): Promise<{ stage: MessageStage<Message>; from: From } | undefined>;
  /** false: another process has it, or has posted. */
  claim(claim: Claim, from: From): Promise<boolean>;
  /** The message of a process that died before it could keep it. */
  find(claimedAt: string, from: From): Promise<Message | undefined>;
  post(hold: Hold, from: From): Promise<Message>;
  /** false: another one is kept already. */
  keep(message: Message): Promise<boolean>;
  remove(message: Message): Promise<void>;
};

class ClaimLost extends Error {
  override name = "ClaimLost";
}

/**
 * The message, posted once however many processes want it and wherever one of them dies: claimed in its row, posted,
 * kept there; looked for in Slack where a claim is without a message. A process that was held up for longer than a
 * claim lasts finds that it has lost it, before it posts; and one that notices only afterwards takes its own message
 * back. undefined: what it belongs to has gone.
 */
export async function postOnce<Message, From>(clock: Clock, once: Once<Message, From>): Promise<Message | undefined> {
  for (let looks = 0; ; looks++) {
    const read = await once.read();
    if (!read) return undefined;
    const { stage, from } = read;
    if (stage.is === "posted") return stage.message;
    if (stage.is === "claimed") {
      const isDead = isDeadClaim(clock, stage.at);
      const found = looks === 0 || isDead ? await once.find(stage.at, from) : undefined;
      if (found) {
        if (await isKept(once, found)) return found;
        continue;
      }
      if (!isDead) {
        await clock.sleep(MS_BETWEEN_LOOKS);
        continue;
      }
    }
    const posted = await claimAndPost(clock, once, from, stage.is === "claimed" ? stage.at : undefined);
    if (posted) return posted;
  }
}

/** undefined: another process has the claim, or was faster. */
async function claimAndPost<Message, From>(
  clock: Clock,
  once: Once<Message, From>,
  from: From,
  before: string | undefined,
): Promise<Message | undefined> {
  let at = inFuture(clock, 0);
  if (!(await once.claim({ at, before, channelId: undefined }, from))) return undefined;
  const hold: Hold = async (waitMs, channelId) => {
    const isFresh = ageOf(clock, at) < FRESH_MS;
    if (isFresh && waitMs === undefined && channelId === undefined) return;
    const next = inFuture(clock, waitMs ?? 0);
    if (!(await once.claim({ at: next, before: at, channelId }, from)))
      throw new ClaimLost("Another process posts this message by now.");
    at = next;
  };
  try {
    const message = await once.post(hold, from);
    return (await isKept(once, message)) ? message : undefined;
  } catch (error) {
    if (error instanceof ClaimLost) return undefined;
    throw error;
  }
}

async function isKept<Message>(
  once: Pick<Once<Message, never>, "keep" | "remove">,
  message: Message,
): Promise<boolean> {
  const isFirst = await once.keep(message);
  if (!isFirst) await once.remove(message);
  return isFirst;
}

const inFuture = ({ now }: Clock, waitMs: number) => new Date(now().getTime() + waitMs).toISOString();
const ageOf = ({ now }: Pick<Clock, "now">, claimedAt: string) => now().getTime() - Date.parse(claimedAt);

/** A process that claims posts within a moment, or says how long it waits for its slot: after that it has died. */
export const isDeadClaim = (clock: Pick<Clock, "now">, claimedAt: string) => isOdd(ageOf(clock, claimedAt));

/** Further ahead than the longest wait for a slot: the clock was set back since. */
const isOdd = (ageMs: number) => ageMs > CLAIM_MS || ageMs < -LONGEST_WAIT_MS;
