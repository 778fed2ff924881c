import type { WebClient } from "@slack/web-api";
import type { Card } from "../jobs/card.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { type CardContent, hashOf, renderCard } from "./card.ts";
import { politely, SLACK_TIMEOUT_MS, slackErrorOf } from "./client.ts";
import { findMessage, type Marker, type SlackReader } from "./find-message.ts";
import { directMessageOf, homeOf, isClosedToUs, type SlackHomes } from "./home.ts";
import { closedRounds, renderReply } from "./reply.ts";

export type ThreadDeps = {
  slack: SlackHomes &
    SlackReader & { chat: Pick<WebClient["chat"], "postMessage" | "update"> } & {
      conversations: SlackHomes["conversations"] & SlackReader["conversations"];
    };
  store: {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    claimCard(card: Card): Promise<"claimed" | "exists">;
    updateCard(jobId: string, changes: Partial<Card>): Promise<unknown>;
  };
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};

const MIN_MS_BETWEEN_UPDATES = 2_000;
const MS_BETWEEN_LOOKS = 500;
/** Older than this, a claim without a message belongs to a process that died. */
const CLAIM_MS = SLACK_TIMEOUT_MS + 2_000;
/** In `replies`: asked for, not yet known to be posted. */
const CLAIMED = "claimed";

type ShownCard = Card & { ts: string };

/**
 * Brings the card and the closing replies of one job in line with its rows. Repeating it changes nothing; it returns
 * when Slack shows what the rows said. Call it after every change of a JOB, ROUND or REPO row (not of CARD rows: they
 * are its own). It throws when Slack or the table cannot be reached: the stream delivers again.
 */
export async function showJob(deps: ThreadDeps, jobId: string): Promise<void> {
  const card = await openCard(deps, jobId);
  if (!card) return;
  const record = await afterPause(deps, jobId, card);
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

const QUIET = { parse: "none", link_names: false, unfurl_links: false, unfurl_media: false } as const;

async function postCard(deps: ThreadDeps, record: JobRecord, claim: Card): Promise<ShownCard> {
  const post = (channel: string) =>
    show(deps, record, (content) =>
      deps.slack.chat.postMessage({ channel, ...content, ...QUIET, metadata: cardMarker(claim.jobId) }),
    );
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

/** At most one update per 2 s and job: waits, and then shows what the rows say after the wait. */
async function afterPause(deps: ThreadDeps, jobId: string, card: ShownCard): Promise<JobRecord> {
  const since = card.shownAt ? deps.now().getTime() - Date.parse(card.shownAt) : MIN_MS_BETWEEN_UPDATES;
  const record = await read(deps, jobId);
  if (hashOf(renderCard(record)) === card.hash || since >= MIN_MS_BETWEEN_UPDATES) return record;
  await deps.sleep(MIN_MS_BETWEEN_UPDATES - since);
  return read(deps, jobId);
}

async function read(deps: ThreadDeps, jobId: string): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} has gone.`);
  return record;
}

async function updateCard(deps: ThreadDeps, record: JobRecord, card: ShownCard): Promise<void> {
  const { channelId: channel, ts } = card;
  if (hashOf(renderCard(record)) === (record.card?.hash ?? card.hash)) return;
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

async function closeRound(
  deps: ThreadDeps,
  record: JobRecord,
  card: ShownCard,
  round: JobRecord["rounds"][number],
): Promise<void> {
  const { jobId } = card;
  const replies = record.card?.replies ?? card.replies;
  const known = replies[round.round];
  if (known && known !== CLAIMED) return;
  const marker: Marker = { event_type: "cody_closing", event_payload: { job_id: jobId, round: round.round } };
  const where = { channel: card.channelId, since: card.ts, thread: card.ts };
  const remember = (ts: string) => {
    replies[round.round] = ts;
    return deps.store.updateCard(jobId, { replies });
  };
  const found = known === CLAIMED ? await findMessage(deps.slack, where, marker) : undefined;
  if (found) return void (await remember(found));
  await remember(CLAIMED);
  const reply = renderReply(record, round);
  const { ts } = await politely(deps.sleep, () =>
    deps.slack.chat.postMessage({
      channel: card.channelId,
      thread_ts: card.ts,
      ...reply,
      ...QUIET,
      metadata: marker,
    }),
  );
  if (ts) await remember(ts);
}
