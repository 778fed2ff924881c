import type { MessageRow, PostedRow } from "../jobs/message-row.ts";
import { type CardContent, hashOf, type Renderings } from "../views/card.ts";
import { inSlot, QUIET, slackErrorOf } from "./client.ts";
import { isClosedToUs, postAt, readableAt } from "./destination.ts";
import { findMessage, type Marker } from "./find-message.ts";
import { firstTaken } from "./first-taken.ts";
import type { MessageRows, Posted } from "./message-rows.ts";
import { permalinkOf } from "./permalink.ts";
import { type Hold, type MessageStage, postOnce } from "./post-once.ts";
import { removeMessage } from "./remove-message.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** How far before its claim a message is looked for: claims move on while they wait for their slot. */
const OLDEST_S = 60 * 60;

/** A message of ours that shows rows of the table and changes with them: a pure function of these rows. */
export type ShownMessage<Rows> = {
  id: string;
  /** What people call it, in the log. */
  called: "card" | "message";
  marker: Marker;
  /** From the widest to the smallest; the hash that is kept is that of the widest, whichever Slack took. */
  renderings: Renderings<Rows>;
  /** undefined: what it shows has gone. */
  read(): Promise<Read<Rows> | undefined>;
  kept: MessageRows;
};

/** `channelId`: where it belongs; `userId`: to whom it goes where that is closed to us. `rows`: no older than `message`. */
type Read<Rows> = {
  channelId: string;
  userId: string;
  message: MessageRow | undefined;
  rows(): Promise<Rows>;
};

export type MessageDeps = Pick<ThreadDeps, "slack" | "rateLimiter" | "now" | "sleep" | "log">;

const isPosted = (row: MessageRow | undefined): row is PostedRow => row?.ts !== undefined;

/** The message as it is in Slack: found, or claimed and posted. undefined: what it shows has gone. */
export async function openMessage<Rows>(deps: MessageDeps, shown: ShownMessage<Rows>): Promise<Posted | undefined> {
  const { id, kept } = shown;
  const posted = await postOnce<Posted, Read<Rows>>(deps, {
    read: async () => {
      const from = await shown.read();
      return from && { stage: stageOf(from.message), from };
    },
    claim: async ({ at: claimedAt, before, channelId }, from) =>
      before === undefined
        ? (await kept.claim(id, { channelId: from.channelId, claimedAt })) === "claimed"
        : (await kept.renew(id, before, { claimedAt, ...(channelId && { channelId }) })) === "renewed",
    find: (claimedAt, { message, channelId }) =>
      findShown(deps, shown.marker, message?.channelId ?? channelId, claimedAt),
    post: (hold, from) => postShown(deps, shown, from, hold),
    keep: async ({ permalink: _, ...posted }) => (await kept.keepPosted(id, posted)) === "kept",
    remove: (message) => removeMessage(deps, { ...message, id }),
  });
  return posted && withPermalink(deps, shown, posted);
}

const stageOf = (row: MessageRow | undefined): MessageStage<PostedRow> => {
  if (!row) return { is: "absent" };
  return isPosted(row) ? { is: "posted", message: row } : { is: "claimed", at: row.claimedAt };
};

const findShown = (deps: MessageDeps, marker: Marker, channelId: string, claimedAt: string) =>
  readableAt(deps.slack, channelId, (channel) => {
    const since = String(Math.min(Date.parse(claimedAt), deps.now().getTime()) / 1_000 - OLDEST_S);
    return findMessage(deps.slack, { channel, since }, marker);
  });

/** In its channel, or to its person directly where that is closed to us. */
async function postShown<Rows>(deps: MessageDeps, shown: ShownMessage<Rows>, from: Read<Rows>, hold: Hold) {
  const { id, marker: metadata } = shown;
  const rows = await from.rows();
  const postIn = (home: string) =>
    postAt(deps.slack, home, (channel) => {
      const post = async (content: CardContent) => {
        await hold();
        return deps.slack.chat.postMessage({ channel, ...content, ...QUIET, metadata });
      };
      return inSlot(deps.rateLimiter.posts(channel), () => send(deps, shown, rows, post), hold);
    });
  const answer = await postIn(from.message?.channelId ?? from.channelId).catch(async (error) => {
    if (!isClosedToUs(error)) throw error;
    await hold(0, from.userId);
    return postIn(from.userId);
  });
  if (!answer.ts || !answer.channel) throw new Error(`Slack posted no message for ${id}.`);
  const hash = hashOf(shown.renderings[0](rows));
  return { channelId: answer.channel, ts: answer.ts, hash, shownAt: deps.now().toISOString() };
}

const send = <Rows, Answer>(
  deps: MessageDeps,
  { id, called, renderings }: ShownMessage<Rows>,
  rows: Rows,
  call: (content: CardContent) => Promise<Answer>,
) =>
  firstTaken(
    renderings.map((render) => () => render(rows)),
    call,
    (why) => deps.log(`${id}: its ${called}: ${why}`),
  );

/** Kept, because lists and pull requests link the message, and what makes them may not ask Slack. */
async function withPermalink<Rows>(deps: MessageDeps, { id, kept }: ShownMessage<Rows>, posted: Posted) {
  if (posted.permalink !== undefined) return posted;
  const permalink = await permalinkOf(deps, { ...posted, id });
  if (permalink === undefined) return posted;
  await kept.keepLink(id, permalink);
  return { ...posted, permalink };
}

/** Whether Slack shows what these rows say; `hash`: of what it shows. */
export const isShown = <Rows>({ renderings }: ShownMessage<Rows>, rows: Rows, hash: string | undefined) =>
  hashOf(renderings[0](rows)) === hash;

/** The same of the rows as they are now. */
export async function isCurrent<Rows>(shown: ShownMessage<Rows>): Promise<boolean> {
  const read = await shown.read();
  return read === undefined || isShown(shown, await read.rows(), read.message?.hash);
}

/** Changes the message until it shows what the rows say. Gives the rows that it shows. */
export async function changeMessage<Rows>(
  deps: MessageDeps,
  shown: ShownMessage<Rows>,
  { channelId: channel, ts }: { channelId: string; ts: string },
): Promise<Rows> {
  for (let sent: string | undefined; ; ) {
    const read = await shown.read();
    if (!read) throw new Error(`${shown.id} has gone.`);
    const before = read.message?.hash;
    const rows = await read.rows();
    const hash = hashOf(shown.renderings[0](rows));
    // Another process has shown something since we did, and whose words came last is not known: ours again.
    if (hash === before && (sent === undefined || sent === hash)) return rows;
    await sendChange(deps, shown, rows, { channel, ts });
    const now = { hash, shownAt: deps.now().toISOString() };
    if ((await shown.kept.keepShown(shown.id, now, before)) === "kept") return rows;
    sent = hash;
  }
}

async function sendChange<Rows>(
  deps: MessageDeps,
  shown: ShownMessage<Rows>,
  rows: Rows,
  where: { channel: string; ts: string },
) {
  try {
    await send(deps, shown, rows, (content) => deps.slack.chat.update({ ...where, ...content, ...QUIET }));
  } catch (error) {
    // A person deleted it or archived its channel: a second one is not ours to post.
    if (!isFixed(error)) throw error;
    deps.log(`${shown.id}: its ${shown.called} cannot be changed any more: ${slackErrorOf(error)}`);
  }
}

/** Slack's words for a message that cannot be changed any more. */
const FIXED = ["message_not_found", "is_inactive", "edit_window_closed", "cant_update_message"];
const isFixed = (error: unknown) => isClosedToUs(error) || FIXED.includes(slackErrorOf(error) ?? "");
