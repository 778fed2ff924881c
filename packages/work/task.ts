import type { Guidance } from "../agent/guidance.ts";
import type { CheckWeight } from "../jobs/baseline.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { type CommandResult, commandEndWords } from "../jobs/outcome.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import type { Lease } from "../store/runs.ts";
import { someListed } from "../text/lists.ts";
import { shownPath } from "../workspace/paths.ts";
import type { SetUp } from "./commands.ts";
import { followUpsSince, promptOf } from "./earlier.ts";
import { checkFacts } from "./first-facts.ts";
import { settingsFacts } from "./settings.ts";

type Found = {
  chain: readonly number[];
  /** The latest round that the conversation has heard; undefined: it begins. */
  heard: number | undefined;
  guidance: Guidance[];
  /** Sentences about the machine, the limits and the repository. */
  around: readonly string[];
  setup: SetUp | undefined;
  /** How the check ended before any change. */
  baseline: CommandResult | undefined;
  verifyCommand: string | undefined;
  weight: CheckWeight;
};

/** What the agent is asked: as a first message, or as a follow-up where the chain of rounds goes on. */
export function taskOf(record: JobRecord, run: RepoRun, { jobId, repository, round }: Lease, found: Found) {
  const asked = found.heard === undefined ? [] : followUpsSince(record.rounds, run, found.heard);
  return {
    jobId,
    repository,
    round,
    baseCommit: run.baseCommit!,
    prompt: promptOf(record, run, found.chain),
    guidance: found.guidance,
    facts: factsOf(record.job, run, found),
    ...(asked.length > 0 && { followUp: asked.join("\n\n") }),
  };
}

/** What the first message says about this run, besides the task. */
const factsOf = (job: Job, run: RepoRun, { around, setup, verifyCommand, baseline, weight }: Found) => [
  ...around,
  job.options.mayChangeCi
    ? "The requester lets you change CI workflows and what else runs by itself (hooks, settings of editors and agents), where the task needs it; the pull request will be a draft that names those files."
    : "You may not publish changes of CI workflows, CODEOWNERS, .gitattributes, hooks, or settings and guidance of editors and agents: a change that touches one becomes a patch for a person and no pull request. If the task needs one, say so in the report.",
  ...settingsFacts(settingsOf(job, run)),
  ...(setup ? setupFacts(setup) : []),
  ...checkFacts(verifyCommand, baseline, weight),
];

const MAX_NAMED = 20;

function setupFacts({ result, putBack }: SetUp): string[] {
  const named = someListed(putBack.map(shownPath), MAX_NAMED);
  return [
    `The setup command \`${result.command}\` ${endOf(result)}. The end of its output:\n${result.tail}`,
    ...(putBack.length > 0 ? [`Tracked files that it changed were put back as they were: ${named}.`] : []),
    "What setup made anew is environment and no part of your change, except for files that you write with a tool.",
  ];
}

const endOf = (result: CommandResult) =>
  `${commandEndWords(result)}${result.notRun === undefined ? "" : ` (${result.notRun})`}`;
