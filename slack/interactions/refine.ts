import type { App } from "@slack/bolt";
import { z } from "zod";
import { Prompt } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { Round } from "../../packages/jobs/round.ts";
import { UserError } from "../../packages/jobs/user-error.ts";
import { mayDecide, readOwnJob } from "../access.ts";
import { askForRound } from "../ask-round.ts";
import { jobOfThread } from "../card-of-thread.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { sentenceFor, whoOf } from "../listen.ts";
import { promptText } from "../prompt-text.ts";
import { parseReply, type RefineWish } from "../refine-text.ts";

/**
 * What we read of a message event: a person's own words in a thread. Edits, deletions and what apps say are none.
 * https://docs.slack.dev/reference/events/message
 */
const Reply = z.object({
  user: z.string(),
  text: z.string().min(1),
  ts: z.string(),
  thread_ts: z.string(),
  channel: z.string(),
  subtype: z.enum(["thread_broadcast", "file_share"]).optional(),
  bot_id: z.undefined().optional(),
  /** Whose message the thread hangs on; not every delivery says it. */
  parent_user_id: z.string().optional(),
});
type Reply = z.infer<typeof Reply>;

const UNCLEAR =
  'Start a follow-up with what it is about, for example "all: also update the changelog" or "repository 1: ..."; nothing was started.';

/** undefined: people talk to each other here. @throws UserError for a follow-up that cannot be one. */
export function wishOf({ text }: Pick<Reply, "text">, { job }: JobRecord, isTheirs: boolean, botUserId: string) {
  const words = text.replaceAll(`<@${botUserId}>`, " ").trim();
  const wish = parseReply(promptText(words), job.repositories);
  if (!wish && (!isTheirs || words.startsWith("<@"))) return undefined;
  if (!wish) throw new UserError(UNCLEAR);
  const prompt = Prompt.safeParse(wish.prompt);
  if (!prompt.success) throw new UserError(prompt.error.issues[0]!.message);
  return { ...wish, prompt: prompt.data };
}

/** The one write of a follow-up. The same message delivered again finds its round. */
async function refine(deps: SlackDeps, who: Who, jobId: string, source: string, wish: RefineWish): Promise<Round> {
  const before = (await readOwnJob(deps, jobId, who)).rounds.find((round) => round.source === source);
  if (before) return before;
  return askForRound(deps, jobId, who, "refine", ({ rounds }) => {
    if (rounds.some((round) => round.source === source)) throw new UserError("That follow-up is under way already.");
    return { kind: "refine", ...wish, source };
  });
}

function confirmation(round: Round, wish: RefineWish): string {
  const left = wish.repositories.filter((name) => !round.repositories.includes(name));
  return [
    `Round ${round.round} is on its way for ${round.repositories.join(", ")}.`,
    ...(left.length > 0 ? [`Left out because it still runs or was rejected: ${left.join(", ")}.`] : []),
  ].join(" ");
}

async function answer(deps: SlackDeps, who: Who, jobId: string, reply: Reply, botUserId: string) {
  const record = await readOwnJob(deps, jobId, who);
  if (record.card?.ts !== reply.thread_ts || record.card.channelId !== reply.channel) return undefined;
  const wish = wishOf(reply, record, mayDecide(record.job, who, deps.settings), botUserId);
  if (!wish) return undefined;
  return confirmation(await refine(deps, who, jobId, reply.ts, wish), wish);
}

/** A reply under a job's card becomes a round on the repositories that it names. */
export function listenToReplies(app: App, deps: SlackDeps): void {
  app.event("message", async ({ event, client, context }) => {
    const reply = Reply.safeParse(event).data;
    const { botUserId } = context;
    if (!reply || !botUserId || reply.thread_ts === reply.ts || (reply.parent_user_id ?? botUserId) !== botUserId)
      return;
    const jobId = await jobOfThread(client, { channelId: reply.channel, ts: reply.thread_ts }, botUserId);
    if (!jobId) return;
    const say = (text: string) =>
      client.chat.postEphemeral({ channel: reply.channel, user: reply.user, thread_ts: reply.thread_ts, text });
    try {
      const said = await answer(deps, whoOf(context), jobId, reply, botUserId);
      if (said) await say(said);
    } catch (error) {
      await say(sentenceFor(error, jobId));
      if (!(error instanceof UserError)) throw error;
    }
  });
}
