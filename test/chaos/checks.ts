import { type JobRecord, spendOf } from "../../packages/jobs/job-record.ts";
import type { Round as JobRound } from "../../packages/jobs/round.ts";
import { hasEnded } from "../../packages/jobs/states.ts";
import type { Evidence, JobEvidence, Remains } from "./evidence.ts";
import type { PlannedJob } from "./schedule.ts";

/** What a reply in the thread of a job must have come to. */
export type ExpectedReply = { job: string; marker: string; rounds: 0 | 1 };

export type Round = {
  planned: readonly PlannedJob[];
  asked: readonly ExpectedReply[];
  evidence: Evidence;
  remains: Remains;
  /** US dollars that an account would be billed for. */
  servedUsd: number;
  /** What the stack said or did that it must not: that it ended by itself, a command that failed. */
  complaints: readonly string[];
};

/** Sums of prices differ in their last bits. */
const ROUNDING_USD = 1e-6;

/** What a round broke, a sentence each; none is what it should be. Pure. */
export function violations({ planned, asked, evidence, remains, servedUsd, complaints }: Round): string[] {
  const shown = evidence.jobs.reduce((sum, { record }) => sum + spendOf(record), 0);
  return [
    ...complaints,
    ...planned.flatMap(({ marker }) => {
      const count = evidence.jobs.filter(({ record }) => record.job.prompt.includes(`(${marker})`)).length;
      return count === 1 ? [] : [`${marker} was submitted once and is ${count} jobs`];
    }),
    ...asked.flatMap(({ marker, rounds }) => {
      const all = evidence.jobs.flatMap(({ record }) => record.rounds);
      const count = all.filter(({ prompt }) => prompt?.includes(`(${marker})`)).length;
      return count === rounds ? [] : [`the reply ${marker} is ${count} rounds and should be ${rounds}`];
    }),
    ...evidence.jobs.flatMap(ofJob),
    ...(shown + ROUNDING_USD < servedUsd
      ? [`the cards show $${shown.toFixed(6)}, and the model served $${servedUsd.toFixed(6)}`]
      : []),
    ...remains.files.map((file) => `left behind: ${file}`),
    ...remains.processes.map((line) => `still runs: ${line}`),
    ...remains.leaks.map((place) => `a secret stands in ${place}`),
  ];
}

function ofJob(evidence: JobEvidence): string[] {
  const { record, cards, cardIsRight, closings, pullRequests, patches } = evidence;
  const { job, rounds, runs } = record;
  const says = (text: string) => `${job.jobId}: ${text}`;
  return [
    ...(cards === 1 ? [] : [says(`${cards} cards`)]),
    ...(cardIsRight ? [] : [says("the card does not show its rows")]),
    ...rounds.flatMap((round) => {
      const count = closings.filter((one) => one === round.round).length;
      const isRight = count === 1 || (count === 0 && isTakenOver(record, round));
      return isRight ? [] : [says(`${count} closing replies for round ${round.round}`)];
    }),
    ...rounds
      .filter(({ kind }) => !["first", "refine", "publish"].includes(kind))
      .map(({ kind, round }) => says(`round ${round} is a ${kind} that was not asked for`)),
    ...job.repositories
      .filter((name) => isApprovedTwice(rounds, name))
      .map((name) => says(`one approval of ${name} is two rounds`)),
    ...(runs.length === job.repositories.length ? [] : [says(`${runs.length} runs`)]),
    ...runs.flatMap(({ repository, state, reason, patch }) => {
      const own = pullRequests.filter((pull) => pull.repository === repository);
      const trees = patches.filter((one) => one.repository === repository).map(({ treeId }) => treeId);
      // What was cancelled or came to nothing in a later round leaves the pull request as an earlier round made it.
      const right = state === "published" ? trees.slice(-1) : trees;
      return [
        ...(hasEnded(state) ? [] : [says(`${repository} is ${state}`)]),
        ...(state === "failed" ? [says(`${repository} failed: ${reason?.message}`)] : []),
        ...(own.length <= 1 ? [] : [says(`${own.length} pull requests on ${repository}`)]),
        ...(state === "published" && own.length === 0
          ? [says(`${repository} is published without a pull request`)]
          : []),
        ...(patch && patch.treeId !== trees.at(-1) ? [says(`the patch of ${repository} gives ${trees.at(-1)}`)] : []),
        ...own
          .filter(({ treeId }) => !right.includes(treeId))
          .map(({ number }) => says(`the tree of ${repository} #${number} is not that of its patch`)),
      ];
    }),
  ];
}

/**
 * A person who asks for the next round before the reply of this one is written gets the next one's alone; see
 * notify/reply.ts.
 */
export const isTakenOver = ({ runs }: JobRecord, { round, repositories }: JobRound) =>
  runs.filter(({ repository }) => repositories.includes(repository)).every((run) => run.round > round);

/** After an approval only another round of work gives something to approve. */
const isApprovedTwice = (rounds: readonly JobRound[], repository: string) =>
  rounds
    .filter(({ repositories }) => repositories.includes(repository))
    .toSorted((a, b) => a.round - b.round)
    .some(({ kind }, i, all) => kind === "publish" && all[i - 1]?.kind === "publish");
