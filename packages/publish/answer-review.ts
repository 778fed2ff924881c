import type { GitHub } from "../github/client.ts";
import { isTemporary, saidBy, statusOf } from "../github/errors.ts";
import { inertMarkdown } from "../github/inert-markdown.ts";
import { answersPosted, askReview, isAsRead } from "../github/read-review.ts";
import { ownerAndRepo } from "../github/repositories.ts";
import { withAnswerMarker } from "../github/review-marker.ts";
import { REPLY_MUTATION } from "../github/review-query.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { afterReplies, owedReplies, owesOnlyReplies } from "../jobs/run-pull-request.ts";
import { plural } from "../text/counts.ts";
import { clip } from "../text/cut.ts";
import type { LeasedDeps } from "./publish-deps.ts";

const MAX_REPLY_CHARS = 2_000;
const SCRIPTED = "_Written by the scripted stand-in model, not by Claude._";

/**
 * Posts each reply of the verdict once, below what it answers: what an earlier attempt has posted is found by its mark.
 * Threads stay open, to be resolved by who began them. Gives a sentence about what got no reply.
 */
export async function answerReview(
  run: RepoRun,
  { nodeId, number }: { nodeId?: string | undefined; number: number },
  { github, redactor, holdLease, log }: LeasedDeps,
): Promise<string | undefined> {
  const owed = owedReplies(run);
  if (owed.length === 0 || !run.answering || nodeId === undefined) return undefined;
  const node = await askReview(github, nodeId);
  if (!node) return undefined;
  const about = { jobId: run.jobId, round: run.answering.round };
  const posted = answersPosted(node, about);
  const texts = new Set((node.reviews?.nodes ?? []).map((text) => text?.id));
  const refused: string[] = [];
  let left = 0;
  for (const { thread, body } of owed.filter(({ thread }) => !posted.has(thread))) {
    const read = run.answering.read?.[thread];
    // Words that were changed meanwhile have not been read: they wait for a round of their own.
    if (read && !isAsRead(node, thread, read)) {
      left += 1;
      continue;
    }
    const words = [inertMarkdown(await redactor.redact(body), MAX_REPLY_CHARS), ...(run.scripted ? [SCRIPTED] : [])];
    const text = withAnswerMarker(words.join("\n\n"), thread, { ...about, ...(read && { upTo: read.upTo }) });
    await holdLease();
    const said = await post(github, {
      repository: run.repository,
      number,
      thread: texts.has(thread) ? undefined : thread,
      text,
    });
    if (said === undefined) log("replied", { thread });
    else refused.push(said);
  }
  const sentences = [
    ...(refused.length > 0
      ? [`GitHub did not take ${plural(refused.length, "reply", "replies")}: ${clip(refused[0]!, 200)}`]
      : []),
    ...(left > 0
      ? [
          `${plural(left, "comment was", "comments were")} changed or taken back after Cody had read them, and got no reply: ${staysUnneeded(run) ? "follow up in the job's thread on" : "press Answer review for"} those that wait.`,
        ]
      : []),
  ];
  return sentences.length > 0 ? sentences.join(" ") : undefined;
}

/** Answer review is offered on what is published; what is not needed any more waits to be closed, or for a follow-up. */
const staysUnneeded = (run: RepoRun) => owesOnlyReplies(run) && afterReplies(run).state === "unchanged";

type Reply = { repository: string; number: number; thread: string | undefined; text: string };

/**
 * What GitHub says against it; undefined: it stands there. Temporary failures are thrown, and the client tries none again
 * by itself: a reply whose answer was lost is looked for first.
 */
async function post(github: GitHub, { repository, number, thread, text: body }: Reply): Promise<string | undefined> {
  const request = { retries: 0 };
  try {
    // A text of a review has no thread: the answer stands below the pull request.
    if (thread === undefined)
      await github.rest.issues.createComment({ ...ownerAndRepo(repository), issue_number: number, body, request });
    else await github.graphql(REPLY_MUTATION, { thread, body, request });
    return undefined;
  } catch (error) {
    const { errors } = error as { errors?: { type?: string; message?: string }[] };
    const about = errors?.find(({ type }) => type === "NOT_FOUND" || type === "FORBIDDEN" || type === "UNPROCESSABLE");
    if (about) return about.message ?? "";
    if (isTemporary(error) || ![403, 404, 410, 422].includes(statusOf(error) ?? 0)) throw error;
    return saidBy(error);
  }
}
