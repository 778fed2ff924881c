import type { Attachment } from "../jobs/attachment.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { askedIn } from "../jobs/round.ts";

/**
 * The files that go with the message of this round, and those of earlier ones in its conversation. A conversation that
 * begins anew has in its first message what came with the job and with follow-ups since.
 */
export function attachmentsOf(
  { job, rounds }: JobRecord,
  { repository, round }: Pick<RepoRun, "repository" | "round">,
  chain: readonly number[],
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
  return { now: goingWith((at) => at === round), earlier: goingWith((at) => at < round) };
}

/**
 * The task as the first message of a conversation says it. A retry starts afresh, so what was asked for since belongs
 * to it; so does a follow-up after a merge, where everything before it stands in the tree.
 */
export function promptOf({ job, rounds }: JobRecord, run: RepoRun, chain: readonly number[]): string {
  const [first = run.round] = chain;
  const mine = rounds.filter(({ repositories }) => repositories.includes(run.repository));
  const since = mine.filter(({ round }) => round < first).flatMap((round) => askedIn(round) ?? []);
  const asked = [job.prompt, ...since.map((words) => `The requester added later:\n${words}`)].join("\n\n");
  const merged = run.leftBehind?.findLast(({ round, state }) => state === "merged" && round === first)?.pullRequest;
  if (!merged) return asked;
  const now = mine.find(({ round }) => round === first)?.prompt ?? "Do what is left of it.";
  return `${now}\n\nFor context only. This was asked for before; pull request #${merged.number} with it is merged, so it stands in the tree:\n${asked}`;
}
