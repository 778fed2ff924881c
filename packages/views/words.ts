import type { JobOptions } from "../jobs/job.ts";
import { hasCode } from "../jobs/reasons.ts";
import { isOpenNow, lostOf, type RepoRun, ranMs, waitOf } from "../jobs/repo-run.ts";
import { STATES } from "../jobs/states.ts";
import type { Lost, Usage } from "../jobs/usage.ts";
import { plural, tokens } from "../text/counts.ts";
import { duration } from "../text/duration.ts";
import { aboutDollars, dollars } from "../text/money.ts";
import { pullRequestWords } from "./pull-request-words.ts";

/** As a person chose it. */
export const modelWords = ({ model, effort }: Pick<JobOptions, "model" | "effort">) =>
  effort ? `${model}, effort ${effort}` : model;

/** What a lost answer cost can only be estimated. */
export const lostWords = ({ turns, usd }: Lost) => `${plural(turns, "turn")} lost, ${aboutDollars(usd)}`;

/** How long a command ran, behind how it ended. */
export const afterWords = (ms: number) => (ms < 500 ? "within 1 s" : `after ${duration(ms)}`);

function tokensOf(usage: Usage): string {
  const all = Object.values(usage).reduce((sum, count) => sum + count, 0);
  return `${tokens(all)} ${all === 1 ? "token" : "tokens"}`;
}

/** With the work that a round publishes. From rows only, never from the clock: the same rows give the same card. */
const elapsedMs = (run: RepoRun) => (run.workedMs ?? 0) + ranMs(run);

/** What a repository does or how it ended, in a few words. */
export function stateWords(run: RepoRun): string {
  if (run.state === "published" && run.pullRequest) {
    const { draft, number } = run.pullRequest;
    const stands = pullRequestWords(run);
    const now = stands && ` · ${stands}`;
    if (!isOpenNow(run)) return `pull request #${number}${now}`;
    if (draft) return `draft pull request #${number}${now}`;
    return `pull request #${number}${run.verification?.exitCode === 0 ? "" : ", not verified"}${now}`;
  }
  if (run.state === "cancelled" && hasCode(run.reason, "rejected")) return "rejected";
  if (run.state === "working" && run.activity) {
    const until = waitOf(run);
    return until ? `${run.activity}, next try ${until.slice(11, 16)} UTC` : run.activity;
  }
  return STATES[run.state].words;
}

export const diffstat = ({ files, additions, deletions }: { files: number; additions: number; deletions: number }) =>
  `${plural(files, "file")}, +${additions} −${deletions}`;

export const costSomething = (run: RepoRun) => run.turns > 0 || lostOf(run) !== undefined;

/** Turns, tokens, dollars and time of a repository, over all its rounds. */
export function costWords(run: RepoRun): string {
  const lost = lostOf(run);
  return [
    plural(run.turns, "turn"),
    tokensOf(run.usage),
    dollars(run.spendUsd),
    ...(lost ? [lostWords(lost)] : []),
    ...(run.startedAt || run.workedMs ? [duration(elapsedMs(run))] : []),
  ].join(" · ");
}
