import { setTimeout as wait } from "node:timers/promises";

/** Slack takes about 50 `chat.update` a minute for the whole workspace, and a post a second in a channel. */
const UPDATES_A_MINUTE = 45;
const BURST = 10;
/** What progress leaves in the bucket for endings. */
const KEPT_FOR_ENDINGS = 4;
const LEAST_MS_BETWEEN_UPDATES = 2_000;
const MS_BETWEEN_POSTS = 1_000;
/** A job that has shown nothing for so long does not count as running. */
const RUNNING_MS = 60_000;

export type Pace = ReturnType<typeof createPace>;

/**
 * One bucket for everything that a process shows in a workspace. The more jobs run, the longer each waits between two
 * updates of its progress; endings are never left out and stand before progress.
 */
export function createPace({
  now = () => Date.now(),
  sleep = (ms) => wait(ms),
}: {
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
} = {}) {
  const msAToken = 60_000 / UPDATES_A_MINUTE;
  const running = new Map<string, number>();
  const channels = new Map<string, number>();
  let tokens = BURST;
  let filledAt = now();

  function fill() {
    tokens = Math.min(BURST, tokens + (now() - filledAt) / msAToken);
    filledAt = now();
  }

  return {
    /** Between two updates of one job's progress. */
    msBetween(jobId: string): number {
      running.set(jobId, now());
      for (const [other, at] of running) if (now() - at > RUNNING_MS) running.delete(other);
      return Math.max(LEAST_MS_BETWEEN_UPDATES, running.size * msAToken);
    },

    /** Before a `chat.update`. false: leave this one out, a later one will show what it would have shown. */
    async mayUpdate(jobId: string, isEnding: boolean): Promise<boolean> {
      fill();
      if (!isEnding && tokens < 1 + KEPT_FOR_ENDINGS) return false;
      tokens -= 1;
      if (isEnding) running.delete(jobId);
      if (tokens < 0) await sleep(-tokens * msAToken);
      return true;
    },

    /** Before a home tab is shown anew: never on credit. false: leave it out. */
    mayShowHome(isEnding: boolean): boolean {
      fill();
      if (tokens < (isEnding ? 1 : 1 + KEPT_FOR_ENDINGS)) return false;
      tokens -= 1;
      return true;
    },

    /** Before a `chat.postMessage`: one after the other in a channel. */
    async untilPost(channel: string): Promise<void> {
      const at = Math.max(now(), channels.get(channel) ?? 0);
      channels.set(channel, at + MS_BETWEEN_POSTS);
      if (at > now()) await sleep(at - now());
    },
  };
}
