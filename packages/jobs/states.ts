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
  "blocked",
  "failed",
  "cancelled",
]);
export type RepoRunState = z.infer<typeof RepoRunState>;

/** What a run does in a state: it waits for a task, has one, waits for a person, or has ended. */
type Phase = "queued" | "runs" | "waits" | "ended";

type StateFacts = {
  phase: Phase;
  /** What one round may do next. A later round begins again at `queued`. */
  next: readonly RepoRunState[];
  /** What it does, in a few words, where the row says nothing better. At rest standings.ts has the words. */
  words?: string;
};

const runs = (words: string, next: readonly RepoRunState[]): StateFacts => ({ phase: "runs", next, words });
const ENDED: StateFacts = { phase: "ended", next: [] };

export const STATES: Record<RepoRunState, StateFacts> = {
  queued: {
    phase: "queued",
    next: ["cloning", "verifying", "publishing", "failed", "cancelled"],
    words: "queued",
  },
  cloning: runs("cloning", ["cloning", "working", "verifying", "unchanged", "blocked", "failed", "cancelled"]),
  working: runs("working", ["cloning", "working", "verifying", "unchanged", "blocked", "failed", "cancelled"]),
  verifying: runs("checking", [
    "cloning",
    "working",
    "verifying",
    "unchanged",
    "patch-ready",
    "awaiting-approval",
    "publishing",
    "published",
    "blocked",
    "failed",
    "cancelled",
  ]),
  "awaiting-approval": {
    phase: "waits",
    next: ["publishing", "patch-ready", "cancelled"],
  },
  publishing: runs("opening the pull request", [
    "publishing",
    "published",
    "unchanged",
    "patch-ready",
    "failed",
    "cancelled",
  ]),
  published: ENDED,
  unchanged: ENDED,
  "patch-ready": ENDED,
  blocked: ENDED,
  failed: ENDED,
  cancelled: ENDED,
};

export const mayMove = (from: RepoRunState, to: RepoRunState) => STATES[from].next.includes(to);
/** States from which `to` may be entered: the condition of a write. */
export const statesBefore = (to: RepoRunState) => RepoRunState.options.filter((from) => mayMove(from, to));
export const hasEnded = (state: RepoRunState) => STATES[state].phase === "ended";
/** A person decides what becomes of it. */
export const waitsForPerson = (state: RepoRunState) => STATES[state].phase === "waits";
/** Ended, or waiting for a person: nothing runs until that person decides. */
export const isAtRest = (state: RepoRunState) => hasEnded(state) || waitsForPerson(state);
export const TERMINAL_STATES = RepoRunState.options.filter(hasEnded);
