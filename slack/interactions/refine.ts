import type { App, webApi } from "@slack/bolt";
import { z } from "zod";
import { UserError } from "../../packages/jobs/errors.ts";
import { type Job, Prompt } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { Round } from "../../packages/jobs/round.ts";
import { plural } from "../../packages/text/counts.ts";
import { mayDecide, readOwnJob } from "../access.ts";
import { askForFollowUp, coveredBy } from "../ask-round.ts";
import { readMessageFiles, storeFiles, toldOf } from "../attached-files.ts";
import { jobOfThread } from "../card-of-thread.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { problemsOf } from "../form-reader.ts";
import { messageFor, whoOf } from "../listen.ts";
import { wordsTo } from "../message-words.ts";
import { filesOfMessage } from "../read-file.ts";
import { isPleasantry, parseReply, type RefineRequest } from "../refine-text.ts";
import { repliesUpTo } from "../replies.ts";

/**
 * What we read of a message event: a person's own words in a thread. Edits, deletions and what apps say are none.
 * https://docs.slack.dev/reference/events/message
 */
const Reply = z.looseObject({
  user: z.string(),
  text: z.string().min(1),
  ts: z.string(),
  thread_ts: z.string(),
  channel: z.string(),
  subtype: z.enum(["thread_broadcast", "file_share"]).optional(),
  bot_id: z.undefined().optional(),
  files: z.array(z.unknown()).min(1).optional(),
  /** Whose message the thread hangs on; not every delivery says it. */
  parent_user_id: z.string().optional(),
});
type Reply = z.infer<typeof Reply>;

const UNCLEAR =
  'Start a follow-up with what it is about, for example "all: also update the changelog" or "repository 1: ..."; nothing was started.';

/**
 * What a reply of a person who may decide asks for. "nothing": it is for other people, or asks for nothing. "unclear":
 * it does not say which of several repositories it is about. @throws UserError for a follow-up that cannot be one.
 */
export function meaningOf(message: { text?: string | undefined }, repositories: readonly string[], botUserId: string) {
  const isToUs = message.text?.includes(`<@${botUserId}`) ?? false;
  const isToOthers = /<@/.test((message.text ?? "").replaceAll(`<@${botUserId}`, ""));
  const words = wordsTo(message, botUserId);
  const named = parseReply(words, repositories);
  const request = named ?? (repositories.length === 1 ? { repositories: [...repositories], prompt: words } : undefined);
  if (isPleasantry(request?.prompt ?? words) || (!named && isToOthers && !isToUs)) return "nothing";
  if (!request) return "unclear";
  const prompt = Prompt.safeParse(request.prompt);
  if (!prompt.success) throw new UserError(problemsOf(prompt.error, request.prompt));
  return { ...request, prompt: prompt.data };
}

/** The writes of a follow-up. The same message delivered again finds its rounds. */
async function refine(
  deps: SlackDeps,
  who: Who,
  read: JobRecord,
  reply: Reply,
  request: RefineRequest,
): Promise<Round[]> {
  const source = reply.ts;
  const covered = coveredBy(read.rounds, source);
  if (request.repositories.every((repository) => covered.includes(repository)))
    return read.rounds.filter((round) => round.source === source);
  // Files of a person who may not ask are not read: askForRound refuses, and keeps the refusal.
  const came = mayDecide(read.job, who, deps.settings) ? filesOfMessage(reply) : [];
  const files = await readMessageFiles(deps, { files: came, before: attachedBytes(read) });
  const { jobId } = read.job;
  const store = async () => toldOf(await storeFiles(deps, jobId, files.read), files.leftOut);
  return askForFollowUp(deps, jobId, who, request, source, read, store);
}

/** How large all files are together that the model is given in this job. */
const attachedBytes = ({ job, rounds }: JobRecord) =>
  [job, ...rounds].flatMap(({ attachments = [] }) => attachments).reduce((sum, { bytes }) => sum + bytes, 0);

function confirmation(rounds: Round[], request: RefineRequest): string {
  const covered = rounds.flatMap(({ repositories }) => repositories);
  const left = request.repositories.filter((name) => !covered.includes(name));
  const [{ attachments, leftOut = [] }] = rounds as [Round];
  return [
    ...rounds.map(({ round, repositories, queued }) =>
      queued
        ? `Round ${round} begins when ${repositories.join(", ")} has ended.`
        : `Round ${round} is on its way for ${repositories.join(", ")}.`,
    ),
    ...(left.length > 0 ? [`Left out because it was cancelled or rejected: ${left.join(", ")}.`] : []),
    ...(attachments ? [`${plural(attachments.length, "file goes", "files go")} along.`] : []),
    ...leftOut.map((sentence) => `A file was left out. ${sentence}`),
  ].join(" ");
}

type Thread = { deps: SlackDeps; who: Who; client: Pick<webApi.WebClient, "conversations">; botUserId: string };

async function answer({ deps, who, client, botUserId }: Thread, jobId: string, reply: Reply) {
  const isToUs = reply.text.includes(`<@${botUserId}`);
  const record = await readOwnJob(deps, jobId, who).catch((error: unknown) => {
    // What people say to each other below a card is no attempt to read its job.
    if (error instanceof UserError && !isToUs) return undefined;
    throw error;
  });
  if (!record) return undefined;
  const { job, card } = record;
  if (card?.ts !== reply.thread_ts || card.channelId !== reply.channel) return undefined;
  // What others say in a requester's thread asks for nothing, unless they say it to us: then they are told why not.
  if (!mayDecide(job, who, deps.settings) && !isToUs) return undefined;
  const meaning = meaningOf(reply, job.repositories, botUserId);
  if (meaning === "nothing") return undefined;
  if (meaning === "unclear") return (await wasToldBefore(client, reply, job, botUserId)) ? undefined : UNCLEAR;
  return confirmation(await refine(deps, who, record, reply, meaning), meaning);
}

/** A hint comes once: not when the same person wrote something unclear in this thread before. */
async function wasToldBefore(client: Thread["client"], reply: Reply, { repositories }: Job, botUserId: string) {
  const { channel, thread_ts: ts, ts: latest, user } = reply;
  const { messages } = await repliesUpTo(client.conversations, { channel, ts, latest });
  return messages.some((message) => {
    if (message.user !== user || message.ts === latest) return false;
    try {
      return meaningOf(message, repositories, botUserId) === "unclear";
    } catch {
      return false;
    }
  });
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
      const said = await answer({ deps, who: whoOf(context), client, botUserId }, jobId, reply);
      if (said) await say(said);
    } catch (error) {
      await say(messageFor(error));
      if (!(error instanceof UserError)) throw error;
    }
  });
}
