import type { Card, JobRecord } from "../jobs/job-record.ts";
import { CARD_RENDERINGS, type CardContent, hashOf, renderCard } from "../views/card.ts";
import { inSlot, SLACK_TIMEOUT_MS, slackErrorOf } from "./client.ts";
import { isClosedToUs, postAt, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import { permalinkOf } from "./permalink.ts";
import type { ThreadDeps } from "./thread-deps.ts";

export const MS_BETWEEN_LOOKS = 500;
/** Older than this, a claim without a message belongs to a process that died. */
const CLAIM_MS = SLACK_TIMEOUT_MS + 2_000;
const LONGEST_WAIT_MS = 60_000;
/** How far before its claim a message is looked for: claims move on while they wait for their slot. */
export const OLDEST_S = 60 * 60;
export type ShownCard = Card & { ts: string };

/** The card with its message: found, or claimed and posted. undefined: there is no such job. */
export async function openCard(deps: ThreadDeps, jobId: string): Promise<ShownCard | undefined> {
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
      return withPermalink(deps, { ...card, ...found });
    }
    if (isDead) return postCard(deps, record, card);
    await deps.sleep(MS_BETWEEN_LOOKS);
  }
}

/** A process that claims posts within a moment, or says how long it waits for its slot: after that it has died. */
export const isDeadClaim = ({ now }: Pick<ThreadDeps, "now">, claimedAt: string) =>
  ageIsOdd(now().getTime() - Date.parse(claimedAt));

/** Further ahead than the longest wait for a slot: the clock was set back since. */
const ageIsOdd = (ageMs: number) => ageMs > CLAIM_MS || ageMs < -LONGEST_WAIT_MS;

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
    postAt(deps.slack, home, (channel) => inSlot(deps.rateLimiter.posts(channel), () => postIn(channel), renew));
  const posted = await post(claim.channelId).catch(async (error) => {
    if (!isClosedToUs(error)) throw error;
    // Stored first: after a crash the message is looked for there.
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
  return withPermalink(deps, { ...claim, ...shown });
}

/** Kept, because lists and pull requests link the card, and what makes them may not ask Slack. */
async function withPermalink(deps: ThreadDeps, card: ShownCard): Promise<ShownCard> {
  const permalink = await permalinkOf(deps, { ...card, id: card.jobId });
  if (permalink === undefined) return card;
  await deps.store.updateCard(card.jobId, { permalink });
  return { ...card, permalink };
}

export const inFuture = ({ now }: Pick<ThreadDeps, "now">, waitMs: number) =>
  new Date(now().getTime() + waitMs).toISOString();

export const isAlike = (record: JobRecord, card: ShownCard) =>
  hashOf(renderCard(record)) === (record.card?.hash ?? card.hash);

/** Changes the message to what the rows say. Gives the rows that it shows. */
export async function updateCard(deps: ThreadDeps, record: JobRecord, card: ShownCard): Promise<JobRecord> {
  if (isAlike(record, card)) return record;
  for (let rows = record; ; ) {
    await changeMessage(deps, rows, card);
    const hash = hashOf(renderCard(rows));
    const shown = { hash, shownAt: deps.now().toISOString() };
    if ((await deps.store.keepShownCard(card.jobId, shown, rows.card?.hash ?? card.hash)) === "kept") return rows;
    // Another process has shown the job meanwhile, and whose words came last is not known: ours again, from newer rows.
    rows = await readRows(deps, card.jobId);
    if (rows.card?.hash === hash && isAlike(rows, card)) return rows;
  }
}

/** Slack's words for a message that cannot be changed any more. */
const FIXED = ["message_not_found", "is_inactive", "edit_window_closed", "cant_update_message"];
export const isFixed = (error: unknown) => isClosedToUs(error) || FIXED.includes(slackErrorOf(error) ?? "");

async function changeMessage(deps: ThreadDeps, record: JobRecord, { channelId: channel, ts }: ShownCard) {
  try {
    await show(deps, record, (content) => deps.slack.chat.update({ channel, ts, ...content, ...QUIET }));
  } catch (error) {
    // A person deleted the card or archived its channel: a second one is not ours to post.
    if (!isFixed(error)) throw error;
    deps.log(`${record.job.jobId}: its card cannot be changed any more: ${slackErrorOf(error)}`);
  }
}

export async function readRows(deps: ThreadDeps, jobId: string): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} has gone.`);
  return record;
}

/** The hash is always that of the widest rendering, whichever Slack took. */
async function show<Answer>(deps: ThreadDeps, record: JobRecord, call: (content: CardContent) => Promise<Answer>) {
  const renderings = CARD_RENDERINGS.map((render) => () => render(record));
  const answer = await firstTaken(renderings, call, (why) => deps.log(`${record.job.jobId}: the card: ${why}`));
  return { content: renderCard(record), answer };
}
