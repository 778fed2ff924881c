import type { RoundRef, RunRef } from "../jobs/execution.ts";
import { RepoRun } from "../jobs/repo-run.ts";
import { totalsSoFar } from "../jobs/run-costs.ts";
import {
  hasEnded,
  isAtRest,
  type RepoRunState,
  statesBefore,
  TERMINAL_STATES,
  waitsForPerson,
} from "../jobs/states.ts";
import { LeaseLost } from "./lease-lost.ts";
import { OFF_THE_LIST, onTheList, type Row, rowOfRun, runKey } from "./rows.ts";
import type { Condition, Writes } from "./writes.ts";

/** What a writer may change; identity, lease and times belong to the store. An explicit `undefined` removes. */
export type RunChanges = Partial<
  Omit<
    RepoRun,
    | keyof RoundRef
    | "repository"
    | "teamId"
    | "userId"
    | "attempt"
    | "before"
    | "createdAt"
    | "startedAt"
    | "updatedAt"
    | "restedAt"
    | "endedAt"
  >
>;
export type Lease = RunRef & { attempt: number };

const RUNNING: readonly RepoRunState[] = ["cloning", "publishing"];

const oneOf = (states: readonly RepoRunState[]) => ({
  expression: `#state IN (${states.map((_, i) => `:state${i}`).join(", ")})`,
  values: Object.fromEntries(states.map((state, i) => [`state${i}`, state])),
});

const both = (a: Condition, b: Condition): Condition => ({
  expression: `${a.expression} AND ${b.expression}`,
  values: { ...a.values, ...b.values },
});

const inRound = (ref: RunRef): Condition => ({ expression: "#round = :round", values: { round: ref.round } });
const held = (lease: Lease): Condition =>
  both(inRound(lease), { expression: "#attempt = :attempt", values: { attempt: lease.attempt } });
const notEnded = (): Condition => {
  const { expression, values } = oneOf(TERMINAL_STATES);
  return { expression: `NOT ${expression}`, values };
};

/** A value that the schema refuses would make the whole job unreadable: it is stopped here. */
function checkChanges(changes: RunChanges) {
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined) RepoRun.shape[name as keyof RunChanges].parse(value);
}

function changeOf(changes: RunChanges, at: string): { set: Row; setOnce: Row } {
  checkChanges(changes);
  const { state } = changes;
  return {
    set: {
      ...(state && isAtRest(state) && { activity: undefined, runningCommand: undefined, waitsUntil: undefined }),
      ...changes,
      ...(state && (waitsForPerson(state) ? onTheList(at) : OFF_THE_LIST)),
      ...("pullRequest" in changes && { pullRequestUrl: changes.pullRequest?.url }),
      ...(state && hasEnded(state) && { endedAt: at }),
      updatedAt: at,
    },
    setOnce: {
      ...(state && RUNNING.includes(state) && { startedAt: at }),
      ...(state && isAtRest(state) && { restedAt: at }),
    },
  };
}

/**
 * A later round counts on top of what was there: its totals, its patch until there is a new one, its pull request,
 * unless it leaves that one behind.
 */
const nextRun = (stored: RepoRun, run: RepoRun): RepoRun => {
  const totals = totalsSoFar(stored);
  const left = run.leftBehind?.find(({ round }) => round === run.round);
  return {
    ...run,
    createdAt: stored.createdAt,
    patch: left?.state === "merged" ? run.patch : (run.patch ?? stored.patch),
    pullRequest: left ? run.pullRequest : (run.pullRequest ?? stored.pullRequest),
    pullRequestStatus: left ? undefined : stored.pullRequestStatus,
    ...totals,
    before: totals,
  };
};

export const createRuns = ({ writes, now }: { writes: Writes; now: () => Date }) => {
  const timestamp = () => now().toISOString();
  const readRun = async (ref: { jobId: string; repository: string }) => {
    const row = await writes.read(runKey(ref));
    return row && RepoRun.parse(row);
  };

  return {
    readRun,

    /** The row of this round: put if absent, or in place of a lower round's; else what is stored, which then stands. */
    async openRun(run: RepoRun): Promise<RepoRun> {
      RepoRun.parse(run);
      for (;;) {
        const found = await writes.read(runKey(run));
        if (!found) {
          const put = await writes.putIfAbsent(rowOfRun(run));
          if (put.written) return RepoRun.parse(put.row);
          continue;
        }
        const stored = RepoRun.parse(found);
        if (stored.round >= run.round) return stored;
        const replaced = await writes.replace(rowOfRun(nextRun(stored, run)), found.version);
        if (replaced.written) return RepoRun.parse(replaced.row);
      }
    },

    /** Takes the lease. undefined: this round's run has ended, or another round is active. */
    async claimRun(ref: RunRef): Promise<RepoRun | undefined> {
      const claim = { count: ["attempt"], set: { updatedAt: timestamp() } };
      const result = await writes.update(runKey(ref), claim, both(inRound(ref), notEnded()));
      return result.written ? RepoRun.parse(result.row) : undefined;
    },

    /** Under the lease; a new state only from a state that may come before it. Throws LeaseLost, and then nothing was written. */
    async updateRun(lease: Lease, changes: RunChanges): Promise<RepoRun> {
      const mayMove = changes.state ? oneOf(statesBefore(changes.state)) : notEnded();
      const result = await writes.update(runKey(lease), changeOf(changes, timestamp()), both(held(lease), mayMove));
      if (result.written) return RepoRun.parse(result.row);
      const { round, attempt, state } = result.found ?? {};
      throw new LeaseLost(
        `${lease.repository} of ${lease.jobId}: round ${lease.round}, attempt ${lease.attempt} may not write ` +
          `${changes.state ?? "its progress"}; the row says round ${round}, attempt ${attempt}, ${state}.`,
      );
    },

    /** Without a lease, from the given states of this round only. undefined when that no longer holds. */
    async moveRun(ref: RunRef, from: readonly RepoRunState[], changes: RunChanges): Promise<RepoRun | undefined> {
      const result = await writes.update(runKey(ref), changeOf(changes, timestamp()), both(inRound(ref), oneOf(from)));
      return result.written ? RepoRun.parse(result.row) : undefined;
    },
  };
};
