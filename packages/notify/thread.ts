import type { WebClient } from "@slack/web-api";
import type { Card } from "../jobs/card.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { isAtRest } from "../jobs/states.ts";
import { type CardContent, hashOf, renderCard } from "./card.ts";
import { inTurn, refusedForMs, SLACK_TIMEOUT_MS, slackErrorOf } from "./client.ts";
import { closeRound } from "./closing.ts";
import { findMessage, type Marker, type SlackReader } from "./find-message.ts";
import { isClosedToUs, postAt, readableAt, type SlackHomes } from "./home.ts";
import type { Pace } from "./pace.ts";
import { closedRounds } from "./reply.ts";
import { waitsUntil } from "./words.ts";

export type ThreadDeps = {
  slack: SlackHomes &
    SlackReader & { chat: Pick<WebClient["chat"], "postMessage" | "update"> } & {
      conversations: SlackHomes["conversations"] & SlackReader["conversations"];
    };
  store: {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    claimCard(card: Card): Promise<"claimed" | "exists">;
    updateCard(jobId: string, changes: Partial<Omit<Card, "replies">>): Promise<void>;
    claimReply(jobId: string, round: number, claim: string): Promise<"claimed" | "exists">;
    keepReply(jobId: string, round: number, ts: string): Promise<void>;
  };
  pace: Pace;
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};

/** Longer than this nobody waits to show progress: it is owed then. */
const MAX_WAIT_MS = 3_000;
/** An ending that comes while progress waits is shown so soon. */
const LOOK_MS = 500;
export const MS_BETWEEN_LOOKS = 500;
/** Older than this, a claim without a message belongs to a process that died. */
const CLAIM_MS = SLACK_TIMEOUT_MS + 2_000;
/** How far before its claim a message is looked for: claims move on while they wait for their turn. */
const OLDEST_S = 60 * 60;
export type ShownCard = Card & { ts: string };

/**
 * Brings the card and the closing replies of one job in line with its rows. Repeating it changes nothing; it returns
 * when Slack shows what the rows said. "owed": it is progress for which there was no room. Call it after every change of a JOB, ROUND or REPO row (not of CARD rows: they
 * are its own). `isAsked`: somebody pressed a button and looks at the card, so it does not wait for the job's turn. It
 * throws when Slack or the table cannot be reached: the stream delivers again.
 */
export async function showJob(
  deps: ThreadDeps,
  jobId: string,
  { isAsked = false, maxWaitMs = MAX_WAIT_MS }: Patience = {},
): Promise<"shown" | "owed"> {
  const card = await openCard(deps, jobId);
  if (!card) return "shown";
  const record = await showNewest(deps, jobId, card, { isAsked, maxWaitMs });
  if (!record) return "owed";
  for (const round of closedRounds(record)) await closeRound(deps, record, card, round);
  return "shown";
}
type Patience = { isAsked?: boolean; maxWaitMs?: number };

/**
 * For one process: shows jobs, and with every later job also what was left out before and has room now. A job is left
 * out only while others move, so there is a later one.
 */
export function createShow(deps: ThreadDeps) {
  const owed = new Set<string>();
  const settle = async (jobId: string, showing: Promise<"shown" | "owed">) => {
    if ((await showing) === "owed") owed.add(jobId);
    else owed.delete(jobId);
  };
  return {
    show: (jobId: string, patience?: Patience) => settle(jobId, showJob(deps, jobId, patience)),
    async showOwed(): Promise<void> {
      await Promise.all(
        [...owed].map((jobId) =>
          settle(jobId, showJob(deps, jobId, { maxWaitMs: 0 })).catch((error: unknown) => {
            deps.log(`notify ${jobId}: what was left out is still to be shown: ${error}`);
          }),
        ),
      );
    },
  };
}

/** The card with its message: found, or claimed and posted. undefined: there is no such job. */
async function openCard(deps: ThreadDeps, jobId: string): Promise<ShownCard | undefined> {
  for (let looks = 0; ; looks++) {
    const record = await deps.store.readJob(jobId);
    if (!record) return undefined;
    const { card } = record;
    if (card?.ts) return { ...card, ts: card.ts };
    if (!card) {
      const { channelId } = record.job;
      const claim: Card = { jobId, channelId, claimedAt: deps.now().toISOString(), replies: {} };
      if ((await deps.store.claimCard(claim)) === "claimed") return postCard(deps, record, claim);
      continue;
    }
    const isDead = isDeadClaim(deps, card.claimedAt);
    const found = looks === 0 || isDead ? await findCard(deps, card) : undefined;
    if (found) {
      await deps.store.updateCard(jobId, found);
      return { ...card, ...found };
    }
    if (isDead) return postCard(deps, record, card);
    await deps.sleep(MS_BETWEEN_LOOKS);
  }
}

/** Whoever claims posts within a moment, or says how long it waits for its turn: after that its process has died. */
export const isDeadClaim = ({ now }: Pick<ThreadDeps, "now">, claimedAt: string) =>
  now().getTime() - Date.parse(claimedAt) > CLAIM_MS;

const findCard = (deps: ThreadDeps, { jobId, channelId, claimedAt }: Card) =>
  readableAt(deps.slack, channelId, async (channel) => {
    const since = String(Math.min(Date.parse(claimedAt), deps.now().getTime()) / 1_000 - OLDEST_S);
    const ts = await findMessage(deps.slack, { channel, since }, cardMarker(jobId));
    return ts && { channelId: channel, ts };
  });

const cardMarker = (jobId: string): Marker => ({ event_type: "cody_card", event_payload: { job_id: jobId } });

export const QUIET = { parse: "none", link_names: false, unfurl_links: false, unfurl_media: false } as const;

async function postCard(deps: ThreadDeps, record: JobRecord, claim: Card): Promise<ShownCard> {
  const metadata = cardMarker(claim.jobId);
  const postIn = (channel: string) =>
    show(deps, record, (content) => deps.slack.chat.postMessage({ channel, ...content, ...QUIET, metadata }));
  const renew = (waitMs: number) => deps.store.updateCard(claim.jobId, { claimedAt: inFuture(deps, waitMs) });
  const post = (home: string) =>
    postAt(deps.slack, home, (channel) => inTurn(deps.pace.posts(channel), () => postIn(channel), renew));
  const posted = await post(claim.channelId).catch(async (error) => {
    if (!isClosedToUs(error)) throw error;
    // Said first: whoever looks for the message after a crash looks there.
    await deps.store.updateCard(claim.jobId, { channelId: record.job.userId });
    return post(record.job.userId);
  });
  if (!posted.answer.ts || !posted.answer.channel) throw new Error(`Slack posted no card for ${claim.jobId}.`);
  const shown = {
    channelId: posted.answer.channel,
    ts: posted.answer.ts,
    hash: hashOf(posted.content),
    shownAt: deps.now().toISOString(),
  };
  await deps.store.updateCard(claim.jobId, shown);
  return { ...claim, ...shown };
}

export const inFuture = ({ now }: Pick<ThreadDeps, "now">, waitMs: number) =>
  new Date(now().getTime() + waitMs).toISOString();

const isAlike = (record: JobRecord, card: ShownCard) => hashOf(renderCard(record)) === (record.card?.hash ?? card.hash);

/** Nothing goes on any more until a person decides: what is shown now is shown for long. */
export const isEnding = ({ job, runs }: JobRecord) =>
  runs.length === job.repositories.length && runs.every((run) => isAtRest(run.state));

/** Somebody has pressed something since the submit, whose own round and first mark on the job's row ask for nothing. */
const isPressed = ({ job, rounds }: JobRecord) => rounds.length > 1 || Object.keys(job.cancel).length > 0;

/** Nothing goes on for a while: every repository is at rest or waits for Claude. */
const isPaused = ({ job, runs }: JobRecord) =>
  runs.length === job.repositories.length && runs.every((run) => isAtRest(run.state) || waitsUntil(run) !== undefined);

/**
 * Brings the card in line with the rows, and gives the rows that it shows. undefined: it is progress for which there is
 * no room now.
 */
async function showNewest(
  deps: ThreadDeps,
  jobId: string,
  card: ShownCard,
  patience: Required<Patience>,
): Promise<JobRecord | undefined> {
  const due = await whenDue(deps, jobId, card, patience);
  if (!due || isAlike(due, card)) return due;
  if (isEnding(due)) deps.pace.hasEnded(jobId);
  if ((patience.isAsked && isPressed(due)) || isPaused(due)) {
    return inTurn(deps.pace.updates, async () => updateCard(deps, await read(deps, jobId), card));
  }
  if (!(await deps.pace.mayShowProgress())) return undefined;
  try {
    return await updateCard(deps, await read(deps, jobId), card);
  } catch (error) {
    const forMs = refusedForMs(error);
    if (forMs === undefined) throw error;
    await deps.pace.updates.refused(forMs);
    return undefined;
  }
}

/** Waits until progress may be shown, or there is an ending to show. undefined: that is too long for progress. */
async function whenDue(
  deps: ThreadDeps,
  jobId: string,
  card: ShownCard,
  { isAsked, maxWaitMs }: Required<Patience>,
): Promise<JobRecord | undefined> {
  for (;;) {
    const record = await read(deps, jobId);
    if ((isAsked && isPressed(record)) || isEnding(record) || isAlike(record, card)) return record;
    const { createdAt } = record.job;
    const shownAt = record.card?.shownAt ?? card.shownAt ?? createdAt;
    const left = deps.pace.msUntilProgress({ jobId, createdAt, shownAt, isPaused: isPaused(record) });
    if (left > maxWaitMs) return undefined;
    if (left <= 0) return record;
    await deps.sleep(Math.min(left, LOOK_MS));
  }
}

async function read(deps: ThreadDeps, jobId: string): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} has gone.`);
  return record;
}

async function updateCard(deps: ThreadDeps, record: JobRecord, card: ShownCard): Promise<JobRecord> {
  const { channelId: channel, ts } = card;
  if (isAlike(record, card)) return record;
  try {
    await show(deps, record, (content) => deps.slack.chat.update({ channel, ts, ...content, ...QUIET }));
  } catch (error) {
    // Somebody deleted the card: they do not want to see it, and a second one is not ours to post.
    if (slackErrorOf(error) !== "message_not_found") throw error;
    deps.log(`${record.job.jobId}: its card was deleted in Slack`);
  }
  await deps.store.updateCard(card.jobId, { hash: hashOf(renderCard(record)), shownAt: deps.now().toISOString() });
  return record;
}

/** A Slack that does not know the `plan` block gets a list. The hash is always that of the card with the plan. */
async function show<Answer>(deps: ThreadDeps, record: JobRecord, call: (content: CardContent) => Promise<Answer>) {
  const content = renderCard(record);
  const answer = await call(content).catch((error) => {
    if (slackErrorOf(error) !== "invalid_blocks") throw error;
    deps.log(`${record.job.jobId}: Slack refused the card's blocks, trying without a plan block: ${error.message}`);
    return call(renderCard(record, { plan: false }));
  });
  return { content, answer };
}
