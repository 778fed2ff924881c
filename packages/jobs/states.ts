import { z } from "zod";

export const RepoRunState = z.enum([
  "queued",
  "cloning",
  "working",
  "verifying",
  "awaiting-approval",
  "publishing",
  "published",
  "unchanged",
  "patch-ready",
  "failed",
  "cancelled",
]);
export type RepoRunState = z.infer<typeof RepoRunState>;

/** What one round may do to a repo run. A new round starts again at `queued`, see `mayStartRound`. */
const NEXT: Record<RepoRunState, readonly RepoRunState[]> = {
  queued: ["cloning", "verifying", "publishing", "failed", "cancelled"],
  cloning: ["cloning", "working", "verifying", "unchanged", "failed", "cancelled"],
  working: ["cloning", "working", "verifying", "unchanged", "failed", "cancelled"],
  verifying: [
    "cloning",
    "working",
    "verifying",
    "unchanged",
    "patch-ready",
    "awaiting-approval",
    "publishing",
    "failed",
    "cancelled",
  ],
  "awaiting-approval": ["publishing", "patch-ready", "cancelled"],
  publishing: ["publishing", "published", "unchanged", "patch-ready", "failed", "cancelled"],
  published: [],
  unchanged: [],
  "patch-ready": [],
  failed: [],
  cancelled: [],
};

export const TERMINAL_STATES = ["published", "unchanged", "patch-ready", "failed", "cancelled"] as const;

export const mayMove = (from: RepoRunState, to: RepoRunState) => NEXT[from].includes(to);
/** States from which `to` may be entered: the condition of a write. */
export const statesBefore = (to: RepoRunState) => RepoRunState.options.filter((from) => mayMove(from, to));
export const hasEnded = (state: RepoRunState) => NEXT[state].length === 0;
/** Ended, or waiting for a person: nothing runs until somebody decides. */
export const isAtRest = (state: RepoRunState) => hasEnded(state) || state === "awaiting-approval";
