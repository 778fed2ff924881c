import { z } from "zod";
import { plural } from "../text/counts.ts";

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
  /** In a few words, where the row says nothing better. */
  words: string;
  /** Slack's sign beside a task of a plan. A spinner only where something moves. */
  sign: "pending" | "in_progress" | "complete" | "error";
  /** At rest: its place in a summary (what asks for something comes first), how many there are, the filter of Home. */
  summary?: { place: number; counted: (count: number) => string; filter: string };
  /** Its proof is worth reading before anything else: the evidence of the verdict is shown. */
  showsEvidence?: true;
};

const runs = (words: string, next: readonly RepoRunState[]): StateFacts => ({
  phase: "runs",
  next,
  words,
  sign: "in_progress",
});
const ended = (words: string, sign: StateFacts["sign"], summary: StateFacts["summary"]): StateFacts => ({
  phase: "ended",
  next: [],
  words,
  sign,
  ...(summary && { summary }),
});

export const STATES: Record<RepoRunState, StateFacts> = {
  queued: {
    phase: "queued",
    next: ["cloning", "verifying", "publishing", "failed", "cancelled"],
    words: "queued",
    sign: "pending",
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
    "blocked",
    "failed",
    "cancelled",
  ]),
  "awaiting-approval": {
    phase: "waits",
    next: ["publishing", "patch-ready", "cancelled"],
    words: "waits for approval",
    sign: "pending",
    summary: { place: 1, counted: (count) => `${count} waiting for approval`, filter: "Waiting for approval" },
    showsEvidence: true,
  },
  publishing: runs("opening the pull request", [
    "publishing",
    "published",
    "unchanged",
    "patch-ready",
    "failed",
    "cancelled",
  ]),
  published: ended("pull request is open", "complete", {
    place: 2,
    counted: (count) => plural(count, "pull request"),
    filter: "With a pull request",
  }),
  unchanged: {
    ...ended("no changes needed", "complete", {
      place: 4,
      counted: (count) => `${count} unchanged`,
      filter: "Nothing needed",
    }),
    showsEvidence: true,
  },
  "patch-ready": ended("patch is ready", "complete", {
    place: 3,
    counted: (count) => plural(count, "patch", "patches"),
    filter: "With a patch",
  }),
  blocked: {
    ...ended("blocked", "error", { place: 5, counted: (count) => `${count} blocked`, filter: "Blocked" }),
    showsEvidence: true,
  },
  failed: ended("failed", "error", { place: 6, counted: (count) => `${count} failed`, filter: "With a failure" }),
  cancelled: ended("cancelled", "error", { place: 7, counted: (count) => `${count} cancelled`, filter: "Cancelled" }),
};

/** Those in which a run rests, as a person wants to read of them. */
export const SUMMARY = RepoRunState.options
  .flatMap((state) => (STATES[state].summary ? [{ state, ...STATES[state].summary }] : []))
  .toSorted((a, b) => a.place - b.place);

export const mayMove = (from: RepoRunState, to: RepoRunState) => STATES[from].next.includes(to);
/** States from which `to` may be entered: the condition of a write. */
export const statesBefore = (to: RepoRunState) => RepoRunState.options.filter((from) => mayMove(from, to));
export const hasEnded = (state: RepoRunState) => STATES[state].phase === "ended";
/** A person decides what becomes of it. */
export const waitsForPerson = (state: RepoRunState) => STATES[state].phase === "waits";
/** Ended, or waiting for a person: nothing runs until that person decides. */
export const isAtRest = (state: RepoRunState) => hasEnded(state) || waitsForPerson(state);
export const TERMINAL_STATES = RepoRunState.options.filter(hasEnded);
