import { setTimeout as wait } from "node:timers/promises";
import { steadyNow } from "../clock/steady-clock.ts";
import type { Turn } from "./client.ts";

/** Turns that all processes share; times in ms. */
export type Lanes = {
  takeTurn(lane: string, rate: Rate & { now: number } & Limit): Promise<number | undefined>;
  closeLane(lane: string, rate: Rate & { now: number; until: number }): Promise<void>;
};
type Rate = { everyMs: number; burst: number };
type Limit = { spare?: number; withinMs?: number };

/**
 * No turn is booked further ahead: a process that is ended while it waits (a function has its time-out) wastes at most
 * so many, and those who come after it get on.
 */
const HORIZON_MS = 20_000;

/** Slack takes about 50 `chat.update` a minute for the whole workspace: never more than 8 + 40 in any minute. */
const UPDATES: Rate = { everyMs: 1_500, burst: 8 };
const UPDATES_LANE = "chat.update";
/** What progress leaves in the lane for endings. */
const KEPT_FOR_ENDINGS = 4;
/** A post a second in a channel, with short bursts. */
const POSTS: Rate = { everyMs: 1_000, burst: 3 };

/** Slack counts methods one by one, and takes about 100 a minute of this one. */
const HOMES: Rate = { everyMs: 1_000, burst: 8 };
const HOMES_LANE = "views.publish";

/** Between two updates of a job's progress, when it is alone. */
const PROGRESS_MS = 3_000;
const LEAST_PROGRESS_MS = 1_000;
/** A job that has shown nothing for so long does not count as running. */
const RUNNING_MS = 60_000;

/**
 * When a person asked for a job, and when its card last changed. `isPaused`: nothing moves in it for a while, so this is
 * shown for long and does not wait for its share.
 */
export type Shown = { jobId: string; createdAt: string; shownAt: string; isPaused?: boolean };
export type Pace = ReturnType<typeof createPace>;

/**
 * One bucket for everything that is shown in a workspace, by however many processes. The more jobs run, the longer each
 * waits between two updates of its progress; endings are never left out and stand before progress.
 */
export function createPace({
  lanes,
  now = steadyNow,
  sleep = (ms) => wait(ms),
}: {
  lanes: Lanes;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}) {
  const running = new Map<string, number>();
  const queues = new Map<string, Promise<unknown>>();

  /** In the order in which they came; the lane itself is asked by one at a time, so that they do not overtake each other. */
  function inOrder<Result>(lane: string, act: () => Promise<Result>): Promise<Result> {
    const before = queues.get(lane) ?? Promise.resolve();
    const mine = before.then(act, act);
    queues.set(lane, mine);
    void mine
      .finally(() => {
        if (queues.get(lane) === mine) queues.delete(lane);
      })
      .catch(() => {});
    return mine;
  }

  const take = (lane: string, rate: Rate & Limit) => inOrder(lane, () => lanes.takeTurn(lane, { ...rate, now: now() }));

  const closeFor = (lane: string, rate: Rate, forMs: number) => {
    const at = now();
    return lanes.closeLane(lane, { ...rate, now: at, until: at + forMs });
  };

  const turnIn = (lane: string, rate: Rate): Turn => ({
    async take(told) {
      for (;;) {
        const waitMs = await take(lane, { ...rate, withinMs: HORIZON_MS });
        if (waitMs === 0) return;
        await told?.(waitMs ?? HORIZON_MS / 2);
        await sleep(waitMs ?? HORIZON_MS / 2);
        if (waitMs !== undefined) return;
      }
    },
    refused: (forMs) => closeFor(lane, rate, forMs),
  });

  return {
    /**
     * How long a job's progress has to wait. Alone, three seconds a time from the submit on: so a job that ran for T
     * seconds has at most T / 3 updates of progress, however short it was. One that was posted late catches up.
     */
    msUntilProgress({ jobId, createdAt, shownAt, isPaused }: Shown): number {
      const at = now();
      running.set(jobId, at);
      for (const [other, seen] of running) if (at - seen > RUNNING_MS) running.delete(other);
      const first = Date.parse(createdAt) + PROGRESS_MS;
      const shown = Date.parse(shownAt);
      const share = isPaused ? 0 : running.size * UPDATES.everyMs;
      const between = shown < first ? LEAST_PROGRESS_MS : Math.max(PROGRESS_MS, share);
      // Times of rows that lie ahead were written before the clock was set back.
      return Math.min(Math.max(first, shown + between) - at, Math.max(PROGRESS_MS, between));
    },

    /** Before a `chat.update` of progress. false: leave this one out, a later one will show what it would have shown. */
    async mayShowProgress(): Promise<boolean> {
      return (await take(UPDATES_LANE, { ...UPDATES, spare: KEPT_FOR_ENDINGS })) !== undefined;
    },

    /** Before a home tab is shown anew: never on credit. false: leave it out. */
    async mayShowHome(isEnding: boolean): Promise<boolean> {
      return (await take(HOMES_LANE, { ...HOMES, spare: isEnding ? 0 : KEPT_FOR_ENDINGS })) !== undefined;
    },

    /** Slack itself has said that a home tab came too early. */
    homesRefused: (forMs: number) => closeFor(HOMES_LANE, HOMES, forMs),

    /** For a `chat.update`, of progress too once it may be shown: never left out. */
    updates: turnIn(UPDATES_LANE, UPDATES),

    /** For a `chat.postMessage`: one after the other in a channel. */
    posts: (channel: string) => turnIn(`chat.postMessage ${channel}`, POSTS),

    hasEnded(jobId: string): void {
      running.delete(jobId);
    },
  };
}
