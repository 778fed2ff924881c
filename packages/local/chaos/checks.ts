import { spendOf } from "../../jobs/job-record.ts";
import { hasEnded } from "../../jobs/states.ts";
import type { Evidence, JobEvidence, Remains } from "./evidence.ts";
import type { PlannedJob } from "./schedule.ts";

export type Round = {
  planned: readonly PlannedJob[];
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
export function violations({ planned, evidence, remains, servedUsd, complaints }: Round): string[] {
  const shown = evidence.jobs.reduce((sum, { record }) => sum + spendOf(record), 0);
  return [
    ...complaints,
    ...planned.flatMap(({ marker }) => {
      const count = evidence.jobs.filter(({ record }) => record.job.prompt.includes(`(${marker})`)).length;
      return count === 1 ? [] : [`${marker} was submitted once and is ${count} jobs`];
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

function ofJob({ record, cards, cardIsRight, replies, pullRequests }: JobEvidence): string[] {
  const { job, rounds, runs } = record;
  const says = (text: string) => `${job.jobId}: ${text}`;
  return [
    ...(cards === 1 ? [] : [says(`${cards} cards`)]),
    ...(cardIsRight ? [] : [says("the card does not show its rows")]),
    ...(replies === rounds.length ? [] : [says(`${replies} closing replies for ${rounds.length} rounds`)]),
    ...(runs.length === job.repositories.length ? [] : [says(`${runs.length} runs`)]),
    ...runs.flatMap(({ repository, state, reason, patch }) => {
      const own = pullRequests.filter((pull) => pull.repository === repository);
      return [
        ...(hasEnded(state) ? [] : [says(`${repository} is ${state}`)]),
        ...(state === "failed" ? [says(`${repository} failed: ${reason?.message}`)] : []),
        ...(own.length <= 1 ? [] : [says(`${own.length} pull requests on ${repository}`)]),
        ...(state === "published" && own.length === 0
          ? [says(`${repository} is published without a pull request`)]
          : []),
        ...own
          .filter(({ treeId }) => treeId !== patch?.treeId)
          .map(({ number }) => says(`the tree of ${repository} #${number} is not that of its patch`)),
      ];
    }),
  ];
}
