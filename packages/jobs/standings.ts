import { plural } from "../text/counts.ts";
import { hasCode } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";
import { isAtRest, type RepoRunState } from "./states.ts";

/** What people tell apart where nothing runs: a draft is published and yet no pull request that is ready. */
export type RunStanding =
  | "waiting"
  | "published"
  | "draft"
  | "patch-ready"
  | "unchanged"
  | "blocked"
  | "failed"
  | "cancelled"
  | "rejected";

type StandingFacts = {
  /** One character, of its own for each; text and no emoji, so that it looks alike everywhere. */
  sign: string;
  /** Slack's sign of a task in a plan. It has four: a tick is for what is done, a cross for what went wrong. */
  task: "pending" | "complete" | "error";
  words: string;
  /** In a summary: how many there are. */
  counted: (count: number) => string;
  /** The filter of Home. */
  filter: string;
  /** It ended as the job wanted it to end. */
  isDone?: true;
  /** Its proof is worth reading before anything else: the evidence of the verdict is shown. */
  showsEvidence?: true;
};

/** In the order of a summary: what asks for something comes first. */
export const STANDINGS: Record<RunStanding, StandingFacts> = {
  waiting: {
    sign: "?",
    task: "pending",
    words: "waits for approval",
    counted: (count) => `${count} waiting for approval`,
    filter: "Waiting for approval",
    showsEvidence: true,
  },
  published: {
    sign: "✓",
    task: "complete",
    words: "pull request is open",
    counted: (count) => plural(count, "pull request"),
    filter: "With a pull request",
    isDone: true,
  },
  draft: {
    sign: "◐",
    task: "pending",
    words: "draft pull request is open",
    counted: (count) => plural(count, "draft pull request"),
    filter: "With a draft",
    isDone: true,
  },
  "patch-ready": {
    sign: "±",
    task: "complete",
    words: "patch is ready",
    counted: (count) => plural(count, "patch", "patches"),
    filter: "With a patch",
    isDone: true,
  },
  unchanged: {
    sign: "=",
    task: "complete",
    words: "no changes needed",
    counted: (count) => `${count} unchanged`,
    filter: "Nothing needed",
    isDone: true,
    showsEvidence: true,
  },
  blocked: {
    sign: "⊘",
    task: "error",
    words: "blocked",
    counted: (count) => `${count} blocked`,
    filter: "Blocked",
    showsEvidence: true,
  },
  failed: {
    sign: "✗",
    task: "error",
    words: "failed",
    counted: (count) => `${count} failed`,
    filter: "With a failure",
  },
  cancelled: {
    sign: "■",
    task: "pending",
    words: "cancelled",
    counted: (count) => `${count} cancelled`,
    filter: "Cancelled",
  },
  rejected: {
    sign: "↩",
    task: "pending",
    words: "rejected",
    counted: (count) => `${count} rejected`,
    filter: "Rejected",
  },
};
export const ALL_STANDINGS = Object.keys(STANDINGS) as RunStanding[];

/** What decides about it. */
type Standable = Pick<RepoRun, "state" | "reason" | "pullRequest">;

/** undefined: it runs, or is about to. */
export function runStanding({ state, reason, pullRequest }: Standable): RunStanding | undefined {
  if (!isAtRest(state)) return undefined;
  if (state === "awaiting-approval") return "waiting";
  if (state === "published" && pullRequest?.draft) return "draft";
  if (state === "cancelled" && hasCode(reason, "rejected")) return "rejected";
  return state as Exclude<
    RepoRunState,
    "awaiting-approval" | "queued" | "cloning" | "working" | "verifying" | "publishing"
  >;
}

/** A patch that something stopped on its way to a pull request is not what was asked for. */
export function isDone(run: Standable): boolean {
  const standing = runStanding(run);
  if (standing === undefined || (standing === "patch-ready" && run.reason)) return false;
  return STANDINGS[standing].isDone ?? false;
}

/** "2 pull requests, 1 failed": how many stand how, what asks for something first. */
export const countedStandings = (runs: readonly Standable[], of: readonly RunStanding[] = ALL_STANDINGS): string[] =>
  of.flatMap((standing) => {
    const count = runs.filter((run) => runStanding(run) === standing).length;
    return count > 0 ? [STANDINGS[standing].counted(count)] : [];
  });
