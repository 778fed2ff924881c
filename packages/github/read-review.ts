import { createHash } from "node:crypto";
import type { ReadComment } from "../jobs/given-comments.ts";
import type { GitHub } from "./client.ts";
import { askKnown } from "./known-fields.ts";
import { answerMarkerOf } from "./review-marker.ts";
import { REVIEW_ASKED, ReviewAnswer, type ReviewComment, type ReviewNode } from "./review-query.ts";

/** What waits for an answer: a thread at a line, or the text of a review. Its comments are of people who may write, or ours. */
export type WaitingComment = {
  id: string;
  /** Absent: it is about the whole change. */
  place?: {
    path: string;
    line?: number;
    /** The first of several lines. */
    startLine?: number;
    /** The line is one of the base, which the change removes. */
    isOfBase?: true;
    /** Where it stood in an earlier commit; newer ones have changed that line. */
    earlierLine?: number;
  };
  said: { by: string; body: string; isOurs: boolean }[];
  read: ReadComment;
};

/** So many comments of a thread, the newest, are given to a round. */
const MAX_TOLD = 10;

/** Newest first. `beyond`: how many threads were not looked at. */
export type ReviewRead = { waiting: WaitingComment[]; beyond: number };

/** undefined: GitHub shows no such pull request. */
export async function askReview(github: GitHub, id: string): Promise<ReviewNode | undefined> {
  try {
    return ReviewAnswer.parse(await askKnown(github, REVIEW_ASKED, { id })).node ?? undefined;
  } catch (error) {
    const { errors } = error as { errors?: { type?: string }[] };
    if (errors?.some(({ type }) => type === "NOT_FOUND")) return undefined;
    throw error;
  }
}

/**
 * What of a review waits for an answer of ours. Comments of bots, of people without write access and our own ask for
 * nothing; a thread that we answered waits again when such a person writes again.
 */
export async function readReview(node: ReviewNode, mayWrite: (login: string) => Promise<boolean>): Promise<ReviewRead> {
  const isOurs = (comment: ReviewComment) => isOurAnswer(node, comment);
  const texts = present(node.reviews?.nodes).filter(({ body }) => body.trim() !== "");
  const threads = present(node.reviewThreads.nodes).filter(({ isResolved }) => !isResolved);
  const all = [...threads.flatMap(({ comments }) => present(comments.nodes)), ...texts];
  const logins = loginsToAsk(all.filter((one) => isPerson(one) && !isOurs(one)));
  const asked = await Promise.all(logins.map(async (login) => ({ login, may: await mayWrite(login) })));
  const writers = new Set(asked.filter(({ may }) => may).map(({ login }) => login));
  const counts = (one: ReviewComment) => !isOurs(one) && isPerson(one) && writers.has(one.author!.login);
  const toldOf = (comments: readonly ReviewComment[]) => ({
    said: comments
      .filter((one) => counts(one) || isOurs(one))
      .map((one) => ({ by: one.author!.login, body: one.body, isOurs: isOurs(one) })),
    read: readOf(comments.filter(counts)),
  });

  const answered = new Set(
    present(node.comments.nodes).flatMap((one) => (isOurs(one) ? answerMarkerOf(one.body)!.id : [])),
  );
  const waiting: WaitingComment[] = [
    ...threads
      .map(({ id, path, line, startLine, originalLine, diffSide, comments }) => {
        const listed = present(comments.nodes);
        const place = {
          path,
          ...(line !== null ? { line } : originalLine !== null && { earlierLine: originalLine }),
          ...(line !== null && startLine !== null && startLine !== line && { startLine }),
          ...(diffSide === "LEFT" && { isOfBase: true as const }),
        };
        const told = toldOf(listed.slice(-MAX_TOLD));
        return { waits: unread(listed, isOurs).some(counts), comment: { id, place, ...told } };
      })
      .flatMap(({ waits, comment }) => (waits ? [comment] : []))
      .toReversed(),
    ...texts
      .filter((text) => counts(text) && !answered.has(text.id))
      .map((text) => ({ id: text.id, ...toldOf([text]) }))
      .toReversed(),
  ];
  return { waiting, beyond: Math.max(0, node.reviewThreads.totalCount - present(node.reviewThreads.nodes).length) };
}

/** What came after our last answer, or after what that one had read. */
function unread(listed: readonly ReviewComment[], isOurs: (one: ReviewComment) => boolean): readonly ReviewComment[] {
  const ours = listed.findLastIndex(isOurs);
  const { upTo } = (ours >= 0 && answerMarkerOf(listed[ours]!.body)) || {};
  const read = listed.findIndex(({ id }) => id === upTo);
  return listed.slice((read >= 0 ? read : ours) + 1);
}

/** By which it is known again: the last comment, whose words they are, and all of them. */
function readOf(comments: readonly ReviewComment[]): ReadComment {
  const by = [...new Set(comments.map(({ author }) => author!.login))];
  return { upTo: comments.at(-1)?.id ?? "", by, digest: digestOf(comments) };
}

const digestOf = (comments: readonly ReviewComment[]) =>
  createHash("sha256")
    .update(JSON.stringify(comments.map(({ id, body }) => [id, body])))
    .digest("hex")
    .slice(0, 32);

/** Whether what was read of a thread or a text stands there as it was; what was written before or after makes no difference. */
export function isAsRead(node: ReviewNode, thread: string, { upTo, by, digest }: ReadComment): boolean {
  const listed =
    present(node.reviewThreads.nodes).find(({ id }) => id === thread)?.comments.nodes ??
    present(node.reviews?.nodes).filter(({ id }) => id === thread);
  const theirs = present(listed).filter(
    (one) => isSeen(one) && !isOurAnswer(node, one) && by.includes(one.author?.login ?? ""),
  );
  const upToIt = theirs.slice(0, theirs.findLastIndex(({ id }) => id === upTo) + 1);
  return upToIt.some((_, from) => digestOf(upToIt.slice(from)) === digest);
}

/** To what we have answered in this round already. */
export const answersPosted = (node: ReviewNode, { jobId, round }: { jobId: string; round: number }): Set<string> =>
  new Set(
    [
      ...present(node.reviewThreads.nodes).flatMap(({ comments }) => present(comments.nodes)),
      ...present(node.comments.nodes),
    ]
      .filter((comment) => isOurAnswer(node, comment))
      .map(({ body }) => answerMarkerOf(body)!)
      .filter((marker) => marker.jobId === jobId && marker.round === round)
      .map(({ id }) => id),
  );

const present = <T>(nodes: readonly (T | null)[] | null | undefined): T[] =>
  (nodes ?? []).filter((node) => node !== null);

/** With our mark, by who opened the pull request or by the account that asks: an App may follow on a person's token. */
const isOurAnswer = (node: ReviewNode, { author, viewerDidAuthor, body }: ReviewComment) =>
  author !== null && (viewerDidAuthor || author.login === node.author?.login) && answerMarkerOf(body) !== undefined;

const isSeen = ({ isMinimized, state }: ReviewComment) => !isMinimized && state !== "PENDING";
const isPerson = (one: ReviewComment) => one.author?.__typename === "User" && isSeen(one);

const KNOWN_HERE = ["OWNER", "MEMBER", "COLLABORATOR"];
/** So many others are asked about, those who wrote last: strangers may be many, and each costs a call. */
const MAX_OTHERS = 10;

/**
 * Whether a person may write GitHub says elsewhere. Beside a comment it tells a member of the organization from a
 * stranger only where the membership is public or the token may see it.
 */
function loginsToAsk(comments: readonly ReviewComment[]): string[] {
  const newestFirst = comments.toReversed();
  const isKnown = ({ authorAssociation }: ReviewComment) => KNOWN_HERE.includes(authorAssociation);
  const loginsOf = (some: readonly ReviewComment[]) => new Set(some.map(({ author }) => author!.login));
  const known = loginsOf(newestFirst.filter(isKnown));
  const others = [...loginsOf(newestFirst)].filter((login) => !known.has(login));
  return [...known, ...others.slice(0, MAX_OTHERS)];
}
