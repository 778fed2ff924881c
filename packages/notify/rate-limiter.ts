import { setTimeout as wait } from "node:timers/promises";
import { steadyNow } from "../clock/steady-clock.ts";
import type { Slot } from "./client.ts";

/** Slots that all processes share; times in ms. */
export type Slots = {
  takeSlot(limit: string, rate: Rate & { now: number } & Limit): Promise<number | undefined>;
  holdSlots(limit: string, rate: Rate & { now: number; until: number }): Promise<void>;
};
type Rate = { everyMs: number; burst: number };
type Limit = { spare?: number; withinMs?: number };

/**
 * No slot is booked further ahead: a process that is ended while it waits (a function has its time-out) wastes at most
 * so many, and those who come after it get on.
 */
const HORIZON_MS = 20_000;

/** Slack takes about 50 `chat.update` a minute for the whole workspace: never more than 8 + 40 in any minute. */
const UPDATES: Rate = { everyMs: 1_500, burst: 8 };
const UPDATES_LIMIT = "chat.update";
/** What progress leaves in the limit for endings. */
const KEPT_FOR_ENDINGS = 4;
/** A post a second in a channel, with short bursts. */
const POSTS: Rate = { everyMs: 1_000, burst: 3 };

/** Slack counts methods one by one, and takes about 100 a minute of this one. */
const HOMES: Rate = { everyMs: 1_000, burst: 8 };
const HOMES_LIMIT = "views.publish";

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
export type RateLimiter = ReturnType<typeof createRateLimiter>;

/**
 * One bucket for everything that is shown in a workspace, by however many processes. The more jobs run, the longer each
 * waits between two updates of its progress; endings are never left out and stand before progress.
 */
export function createRateLimiter({
  slots,
  now = steadyNow,
  sleep = (ms) => wait(ms),
}: {
  slots: Slots;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}) {
  const running = new Map<string, number>();
  const queues = new Map<string, Promise<unknown>>();

  /** In the order in which they came; the limit itself is asked by one at a time, so that they do not overtake each other. */
  function inOrder<Result>(limit: string, act: () => Promise<Result>): Promise<Result> {
    const before = queues.get(limit) ?? Promise.resolve();
    const mine = before.then(act, act);
    queues.set(limit, mine);
    void mine
      .finally(() => {
        if (queues.get(limit) === mine) queues.delete(limit);
      })
      .catch(() => {});
    return mine;
  }

  const take = (limit: string, rate: Rate & Limit) =>
    inOrder(limit, () => slots.takeSlot(limit, { ...rate, now: now() }));

  const closeFor = (limit: string, rate: Rate, forMs: number) => {
    const at = now();
    return slots.holdSlots(limit, { ...rate, now: at, until: at + forMs });
  };

  const slotIn = (limit: string, rate: Rate): Slot => ({
    async take(told) {
      for (;;) {
        const waitMs = await take(limit, { ...rate, withinMs: HORIZON_MS });
        if (waitMs === 0) return;
        await told?.(waitMs ?? HORIZON_MS / 2);
        await sleep(waitMs ?? HORIZON_MS / 2);
        if (waitMs !== undefined) return;
      }
    },
    refused: (forMs) => closeFor(limit, rate, forMs),
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
      return (await take(UPDATES_LIMIT, { ...UPDATES, spare: KEPT_FOR_ENDINGS })) !== undefined;
    },

    /** Before a home tab is shown anew: never on credit. false: leave it out. */
    async mayShowHome(isEnding: boolean): Promise<boolean> {
      return (await take(HOMES_LIMIT, { ...HOMES, spare: isEnding ? 0 : KEPT_FOR_ENDINGS })) !== undefined;
    },

    /** Slack itself has said that a home tab came too early. */
    homesRefused: (forMs: number) => closeFor(HOMES_LIMIT, HOMES, forMs),

    /** For a `chat.update`, of progress too once it may be shown: never left out. */
    updates: slotIn(UPDATES_LIMIT, UPDATES),

    /** For a `chat.postMessage`: one after the other in a channel. */
    posts: (channel: string) => slotIn(`chat.postMessage ${channel}`, POSTS),

    hasEnded(jobId: string): void {
      running.delete(jobId);
    },
  };
}
