import { lostOf, type RepoRun } from "../jobs/repo-run.ts";
import type { RepoRunState } from "../jobs/states.ts";
import type { Lost, Usage } from "../jobs/usage.ts";

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export function dollars(usd: number | null): string {
  if (usd === null) return "no known price";
  if (usd > 0 && usd < 0.01) return "under $0.01";
  return `$${usd.toFixed(2)}`;
}

/** Nobody can know what a lost answer cost. */
export function lostWords({ turns, usd }: Lost): string {
  const cost = usd !== null && usd >= 0.01 ? `about ${dollars(usd)}` : dollars(usd);
  return `${plural(turns, "turn")} lost, ${cost}`;
}

/** How long a command ran, behind how it ended. */
export const afterWords = (ms: number) => (ms < 500 ? "within 1 s" : `after ${duration(ms)}`);

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds === 0) return "under 1 s";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function tokens(usage: Usage): string {
  const all = Object.values(usage).reduce((sum, count) => sum + count, 0);
  if (all < 1_000) return plural(all, "token");
  return `${(all / 1_000).toFixed(all < 10_000 ? 1 : 0)}k tokens`;
}

/** From rows only, never from the clock: the same rows give the same card. */
const elapsedMs = (run: RepoRun) =>
  run.startedAt ? Date.parse(run.endedAt ?? run.updatedAt) - Date.parse(run.startedAt) : 0;

const STATE_WORDS: Record<RepoRunState, string> = {
  queued: "queued",
  cloning: "cloning",
  working: "working",
  verifying: "checking the result",
  "awaiting-approval": "waits for approval",
  publishing: "opening the pull request",
  published: "pull request is open",
  unchanged: "no changes needed",
  "patch-ready": "patch is ready",
  failed: "failed",
  cancelled: "cancelled",
};

const WAITING = /^(waiting for Claude, next try )(\d{4}-\d\d-\d\dT[\d:.]+Z)$/;

/** When a run that waits for Claude asks again; undefined: it does not wait. */
export const waitsUntil = ({ state, activity = "" }: RepoRun): string | undefined =>
  state === "working" ? WAITING.exec(activity)?.[2] : undefined;

/** What a repository does or how it ended, in a few words. */
export function stateWords(run: RepoRun): string {
  if (run.state === "published" && run.pullRequest) {
    const { draft, number } = run.pullRequest;
    if (draft) return `draft pull request #${number}`;
    return `pull request #${number}${run.verification?.exitCode === 0 ? "" : ", not verified"}`;
  }
  if (run.state === "cancelled" && run.reason?.code === "rejected") return "rejected";
  if (run.state === "working" && run.activity)
    return run.activity.replace(WAITING, (_, words: string, at: string) => `${words}${at.slice(11, 16)} UTC`);
  return STATE_WORDS[run.state];
}

export const diffstat = ({ files, additions, deletions }: { files: number; additions: number; deletions: number }) =>
  `${plural(files, "file")}, +${additions} −${deletions}`;

export const costSomething = (run: RepoRun) => run.turns > 0 || lostOf(run) !== undefined;

/** Turns, tokens, dollars and time of a repository, over all its rounds. */
export function costWords(run: RepoRun): string {
  const lost = lostOf(run);
  return [
    plural(run.turns, "turn"),
    tokens(run.usage),
    dollars(run.spendUsd),
    ...(lost ? [lostWords(lost)] : []),
    ...(run.startedAt ? [duration(elapsedMs(run))] : []),
  ].join(" · ");
}
