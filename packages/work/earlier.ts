import type { Turn } from "../conversation/conversation.ts";
import type { Attachment } from "../jobs/attachment.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { askedIn, ROUNDS, type Round } from "../jobs/round.ts";

type Asked = Pick<RepoRun, "repository" | "round">;

/**
 * The latest round before this one of which the conversation has a turn. What was asked for in a later one has not been
 * heard: the cost limit or something else ended that before the model was asked. undefined: nothing was heard.
 */
export const lastHeard = (turns: readonly Pick<Turn, "round">[], round: number): number | undefined =>
  turns.findLast((turn) => turn.round < round)?.round;

/** What people have asked for since the round that was heard last, this round included. */
export const followUpsSince = (rounds: readonly Round[], run: Asked, heard: number): string[] =>
  rounds
    .filter(({ round, repositories }) => round > heard && round <= run.round && repositories.includes(run.repository))
    .flatMap(({ prompt }) => prompt ?? []);

/**
 * The files that go with the message of this round, and those that the conversation has already. A conversation that
 * begins anew has in its first message what came with the job and with follow-ups since.
 */
export function attachmentsOf(
  { job, rounds }: JobRecord,
  { repository, round }: Asked,
  chain: readonly number[],
  heard = 0,
): { now: Attachment[]; earlier: Attachment[] } {
  const [first = round] = chain;
  const came = [
    { at: first, attachments: job.attachments },
    ...rounds
      .filter(({ repositories }) => repositories.includes(repository))
      .filter((one) => one.round <= round)
      .map((one) => ({ at: Math.max(one.round, first), attachments: one.attachments })),
  ];
  const goingWith = (is: (at: number) => boolean) =>
    came.filter(({ at }) => is(at)).flatMap(({ attachments = [] }) => attachments);
  return { now: goingWith((at) => at > heard), earlier: goingWith((at) => at <= heard) };
}

/**
 * The task as the first message of a conversation says it. A retry starts afresh, so what was asked for since belongs
 * to it; so does a follow-up after a merge, where everything before it stands in the tree. Follow-ups to rounds in which
 * the model was never asked belong to it too: this is their first message.
 */
export function promptOf({ job, rounds }: JobRecord, run: RepoRun, chain: readonly number[]): string {
  const [first = run.round] = chain;
  const mine = rounds.filter(({ repositories }) => repositories.includes(run.repository));
  const since = mine.filter(({ round }) => round < first).flatMap((round) => askedIn(round) ?? []);
  const unheard = followUpsSince(rounds, run, first);
  const withAdded = (task: string, words: string[]) =>
    [task, ...words.map((one) => `The requester added later:\n${one}`)].join("\n\n");
  const merged = run.leftBehind?.findLast(({ round, state }) => state === "merged" && round === first)?.pullRequest;
  if (!merged) return withAdded(job.prompt, [...since, ...unheard]);
  const now = mine.find(({ round }) => round === first)?.prompt ?? "Do what is left of it.";
  return `${withAdded(now, unheard)}\n\nFor context only. This was asked for before; pull request #${merged.number} with it is merged, so it stands in the tree:\n${withAdded(job.prompt, since)}`;
}

/** Which kind of round about an open pull request this is, or goes on with after a raised limit. */
export const kindAbout = (rounds: readonly Round[], { repository, round: now }: Asked) =>
  rounds
    .filter(
      ({ round, kind, repositories }) => ROUNDS[kind].looksAfter && round <= now && repositories.includes(repository),
    )
    .toSorted((a, b) => a.round - b.round)
    .at(-1)?.kind;
