import type { GitHub } from "./client.ts";
import { answerMarkerOf } from "./review-marker.ts";
import { REVIEW_QUERY, ReviewAnswer, type ReviewComment, type ReviewNode } from "./review-query.ts";

/** What waits for an answer: a thread at a line, or the text of a review. Its comments are of people who may write, or ours. */
export type WaitingComment = {
  id: string;
  /** Absent: it is about the whole change. */
  place?: { path: string; line: number | undefined };
  said: { by: string; body: string; isOurs: boolean }[];
};

/** Newest first. `beyond`: how many threads were not looked at. */
export type ReviewRead = { waiting: WaitingComment[]; beyond: number };

/** undefined: GitHub shows no such pull request. */
export async function askReview(github: GitHub, id: string): Promise<ReviewNode | undefined> {
  try {
    return ReviewAnswer.parse(await github.graphql(REVIEW_QUERY, { id })).node ?? undefined;
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
  const logins = new Set(all.filter((one) => mayBeWriter(one) && !isOurs(one)).map(({ author }) => author!.login));
  const asked = await Promise.all([...logins].map(async (login) => ({ login, may: await mayWrite(login) })));
  const writers = new Set(asked.filter(({ may }) => may).map(({ login }) => login));
  const counts = (one: ReviewComment) => !isOurs(one) && mayBeWriter(one) && writers.has(one.author!.login);
  const said = (comments: readonly ReviewComment[]) =>
    comments
      .filter((one) => counts(one) || isOurs(one))
      .map((one) => ({ by: one.author!.login, body: one.body, isOurs: isOurs(one) }));

  const answered = new Set(
    present(node.comments.nodes).flatMap((one) => (isOurs(one) ? answerMarkerOf(one.body)!.id : [])),
  );
  const waiting: WaitingComment[] = [
    ...threads
      .map(({ id, path, line, originalLine, comments }) => {
        const listed = present(comments.nodes);
        const since = listed.slice(listed.findLastIndex(isOurs) + 1);
        const place = { path, line: line ?? originalLine ?? undefined };
        return { waits: since.some(counts), comment: { id, place, said: said(listed) } };
      })
      .flatMap(({ waits, comment }) => (waits ? [comment] : []))
      .toReversed(),
    ...texts
      .filter((text) => counts(text) && !answered.has(text.id))
      .map((text) => ({ id: text.id, said: said([text]) }))
      .toReversed(),
  ];
  return { waiting, beyond: Math.max(0, node.reviewThreads.totalCount - present(node.reviewThreads.nodes).length) };
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

/** By who opened the pull request, with our mark. */
const isOurAnswer = (node: ReviewNode, { author, body }: ReviewComment) =>
  author !== null && author.login === node.author?.login && answerMarkerOf(body) !== undefined;

/** What GitHub says beside a comment rules most out for nothing; whether the others may write, it says elsewhere. */
const MAY_BE_WRITERS = ["OWNER", "MEMBER", "COLLABORATOR"];
const mayBeWriter = ({ author, authorAssociation }: ReviewComment) =>
  author?.__typename === "User" && MAY_BE_WRITERS.includes(authorAssociation);
