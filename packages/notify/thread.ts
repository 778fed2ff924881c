import type { WebClient } from "@slack/web-api";
import type { Card } from "../jobs/card.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { isAtRest } from "../jobs/states.ts";
import { type CardContent, hashOf, renderCard } from "./card.ts";
import { politely, SLACK_TIMEOUT_MS, slackErrorOf } from "./client.ts";
import { closeRound } from "./closing.ts";
import { findMessage, type Marker, type SlackReader } from "./find-message.ts";
import { directMessageOf, homeOf, isClosedToUs, type SlackHomes } from "./home.ts";
import type { Pace } from "./pace.ts";
import { closedRounds } from "./reply.ts";

export type ThreadDeps = {
  slack: SlackHomes &
    SlackReader & { chat: Pick<WebClient["chat"], "postMessage" | "update"> } & {
      conversations: SlackHomes["conversations"] & SlackReader["conversations"];
    };
  store: {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    claimCard(card: Card): Promise<"claimed" | "exists">;
    updateCard(jobId: string, changes: Partial<Omit<Card, "replies">>): Promise<unknown>;
    claimReply(jobId: string, round: number, claim: string): Promise<"claimed" | "exists">;
    keepReply(jobId: string, round: number, ts: string): Promise<void>;
  };
  /** One for everything that this process shows. */
  pace: Pace;
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};

/** Longer than this nobody waits to show progress: a later change shows it too. */
const MAX_WAIT_MS = 3_000;
export const MS_BETWEEN_LOOKS = 500;
/** Older than this, a claim without a message belongs to a process that died. */
export const CLAIM_MS = SLACK_TIMEOUT_MS + 2_000;
export type ShownCard = Card & { ts: string };

/**
 * Brings the card and the closing replies of one job in line with its rows. Repeating it changes nothing; it returns
 * when Slack shows what the rows said. Call it after every change of a JOB, ROUND or REPO row (not of CARD rows: they
 * are its own). It throws when Slack or the table cannot be reached: the stream delivers again.
 */
export async function showJob(deps: ThreadDeps, jobId: string): Promise<void> {
  const card = await openCard(deps, jobId);
  if (!card) return;
  const record = await afterPause(deps, jobId, card);
  if (!record) return;
  await updateCard(deps, record, card);
  for (const round of closedRounds(record)) await closeRound(deps, record, card, round);
}

/** The card with its message: found, or claimed and posted. undefined: there is no such job. */
async function openCard(deps: ThreadDeps, jobId: string): Promise<ShownCard | undefined> {
  for (;;) {
    const record = await deps.store.readJob(jobId);
    if (!record) return undefined;
    const { card } = record;
    if (card?.ts) return { ...card, ts: card.ts };
    if (!card) {
      const channelId = await homeOf(deps.slack, record.job);
      const claim: Card = { jobId, channelId, claimedAt: deps.now().toISOString(), replies: {} };
      if ((await deps.store.claimCard(claim)) === "claimed") return postCard(deps, record, claim);
      continue;
    }
    const since = String(Date.parse(card.claimedAt) / 1_000 - 60);
    const found = await findMessage(deps.slack, { channel: card.channelId, since }, cardMarker(jobId));
    if (found) {
      await deps.store.updateCard(jobId, { ts: found });
      return { ...card, ts: found };
    }
    if (deps.now().getTime() - Date.parse(card.claimedAt) > CLAIM_MS) return postCard(deps, record, card);
    await deps.sleep(MS_BETWEEN_LOOKS);
  }
}

const cardMarker = (jobId: string): Marker => ({ event_type: "cody_card", event_payload: { job_id: jobId } });

export const QUIET = { parse: "none", link_names: false, unfurl_links: false, unfurl_media: false } as const;

async function postCard(deps: ThreadDeps, record: JobRecord, claim: Card): Promise<ShownCard> {
  const post = async (channel: string) => {
    await deps.pace.untilPost(channel);
    return show(deps, record, (content) =>
      deps.slack.chat.postMessage({ channel, ...content, ...QUIET, metadata: cardMarker(claim.jobId) }),
    );
  };
  const posted = await post(claim.channelId).catch(async (error) => {
    if (!isClosedToUs(error)) throw error;
    return post(await directMessageOf(deps.slack, record.job.userId));
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

const isAlike = (record: JobRecord, card: ShownCard) => hashOf(renderCard(record)) === (record.card?.hash ?? card.hash);

/** Nothing goes on any more until a person decides: what is shown now is shown for long. */
export const isEnding = ({ job, runs }: JobRecord) =>
  runs.length === job.repositories.length && runs.every((run) => isAtRest(run.state));

/**
 * Waits for the job's turn, and then gives what the rows say after the wait. undefined: it is progress for which there
 * is no room now; the next change shows it too.
 */
async function afterPause(deps: ThreadDeps, jobId: string, card: ShownCard): Promise<JobRecord | undefined> {
  const record = await read(deps, jobId);
  if (isAlike(record, card)) return record;
  const shownAt = record.card?.shownAt ?? card.shownAt;
  const since = shownAt ? deps.now().getTime() - Date.parse(shownAt) : Number.POSITIVE_INFINITY;
  const left = isEnding(record) ? 0 : deps.pace.msBetween(jobId) - since;
  if (left > MAX_WAIT_MS) return undefined;
  if (left > 0) await deps.sleep(left);
  const isLast = isEnding(left > 0 ? await read(deps, jobId) : record);
  if (!(await deps.pace.mayUpdate(jobId, isLast))) return undefined;
  return read(deps, jobId);
}

async function read(deps: ThreadDeps, jobId: string): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} has gone.`);
  return record;
}

async function updateCard(deps: ThreadDeps, record: JobRecord, card: ShownCard): Promise<void> {
  const { channelId: channel, ts } = card;
  if (isAlike(record, card)) return;
  try {
    await show(deps, record, (content) => deps.slack.chat.update({ channel, ts, ...content, ...QUIET }));
  } catch (error) {
    // Somebody deleted the card: they do not want to see it, and a second one is not ours to post.
    if (slackErrorOf(error) !== "message_not_found") throw error;
    deps.log(`${record.job.jobId}: its card was deleted in Slack`);
  }
  await deps.store.updateCard(card.jobId, { hash: hashOf(renderCard(record)), shownAt: deps.now().toISOString() });
}

/** A Slack that does not know the `plan` block gets a list. The hash is always that of the card with the plan. */
async function show<Answer>(deps: ThreadDeps, record: JobRecord, call: (content: CardContent) => Promise<Answer>) {
  const content = renderCard(record);
  const answer = await politely(deps.sleep, () => call(content)).catch((error) => {
    if (slackErrorOf(error) !== "invalid_blocks") throw error;
    deps.log(`${record.job.jobId}: Slack refused the card's blocks, trying without a plan block: ${error.message}`);
    return politely(deps.sleep, () => call(renderCard(record, { plan: false })));
  });
  return { content, answer };
}
