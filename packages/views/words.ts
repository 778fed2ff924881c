import type { JobOptions } from "../jobs/job.ts";
import type { RunningCommand } from "../jobs/outcome.ts";
import { type RepoRun, waitOf, workedMs } from "../jobs/repo-run.ts";
import { lostOf } from "../jobs/run-costs.ts";
import { isOpenNow } from "../jobs/run-pull-request.ts";
import { runStanding, STANDINGS } from "../jobs/standings.ts";
import { STATES } from "../jobs/states.ts";
import type { Lost, Usage } from "../jobs/usage.ts";
import { plural, tokens } from "../text/counts.ts";
import { clip } from "../text/cut.ts";
import { duration } from "../text/duration.ts";
import { capitalised, oneLine } from "../text/lines.ts";
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

const DOING: Record<RunningCommand["doing"], string> = {
  setup: "setting up",
  baseline: "checking before the change",
  check: "checking",
};
const MAX_COMMAND = 60;

/** "setting up: npm ci, 40 s". Its time is that of the row: the same rows give the same card. */
export const commandNow = ({ doing, command, startedAt }: RunningCommand, updatedAt: string) =>
  `${DOING[doing]}: ${clip(oneLine(command), MAX_COMMAND)}, ${duration(Math.max(0, Date.parse(updatedAt) - Date.parse(startedAt)))}`;

/** What a repository does or how it ended, in a few words. `isNarrow`: a long name stands beside them. */
export function stateWords(run: RepoRun, isNarrow = false): string {
  if (run.state === "published" && run.pullRequest) {
    const { draft, number } = run.pullRequest;
    const stands = pullRequestWords(run);
    const now = `${run.nothingMore ? ", nothing more was needed" : ""}${stands && ` · ${stands}`}`;
    const name = `${isNarrow ? "PR" : "pull request"} #${number}`;
    if (!isOpenNow(run)) return `${name}${now}`;
    if (draft) return `draft ${name}${now}`;
    return `${name}${run.verification?.exitCode === 0 ? "" : ", not verified"}${now}`;
  }
  if (run.state === "working" && run.activity) {
    const until = waitOf(run);
    return until ? `${run.activity}, next try ${until.slice(11, 16)} UTC` : run.activity;
  }
  const standing = runStanding(run);
  if (!standing && run.runningCommand) return commandNow(run.runningCommand, run.updatedAt);
  return standing ? `${STANDINGS[standing].words}${earlierWords(run)}` : (STATES[run.state].words ?? run.state);
}

/** How the pull request of an earlier round stands, which this one left as it was. */
function earlierWords(run: RepoRun): string {
  if (!run.pullRequest || run.pullRequest.closed) return "";
  return ` · pull request #${run.pullRequest.number}: ${pullRequestWords(run) || "open"}`;
}

/** The same behind its sign, for lists. */
export function signedWords(run: RepoRun, isNarrow = false): string {
  const standing = runStanding(run);
  const words = capitalised(stateWords(run, isNarrow));
  // How an open pull request stands has a sign of its own.
  const isSigned = standing === "published" && pullRequestWords(run) !== "";
  return standing && !isSigned ? `${STANDINGS[standing].sign} ${words}` : words;
}

/** The same in a plan, where Slack's own tick and cross stand beside it. */
export function plannedWords(run: RepoRun, isNarrow: boolean): string {
  const standing = runStanding(run);
  const isShown = standing === "published" || standing === "failed";
  return isShown ? capitalised(stateWords(run, isNarrow)) : signedWords(run, isNarrow);
}

export const diffstat = ({ files, additions, deletions }: { files: number; additions: number; deletions: number }) =>
  `${plural(files, "file")}, +${additions} −${deletions}`;

export const costSomething = (run: RepoRun) => run.turns > 0 || lostOf(run) !== undefined;

/** Turns, tokens, dollars and time of a repository, over all its rounds. */
export const costWords = (run: RepoRun): string =>
  [plural(run.turns, "turn"), tokensOf(run.usage), ...paidWords(run)].join(" · ");

/** The same in one line of a phone: without tokens, which Details count. */
export const briefCostWords = (run: RepoRun): string => [plural(run.turns, "turn"), ...paidWords(run)].join(" · ");

function paidWords(run: RepoRun): string[] {
  const lost = lostOf(run);
  return [
    dollars(run.spendUsd),
    ...(lost ? [lostWords(lost)] : []),
    ...(run.startedAt || run.workedMs ? [duration(workedMs(run))] : []),
  ];
}
