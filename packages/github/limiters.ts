import { setTimeout as sleep } from "node:timers/promises";

const MOST_AT_ONCE = 10;

/** At most so many requests at once. */
function createGate(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  async function schedule<Args extends unknown[], Result>(
    _options: unknown,
    job: (...args: Args) => Promise<Result>,
    ...args: Args
  ): Promise<Result> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await job(...args);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  }
  return { key: () => ({ schedule }) };
}

type Failed = (error: unknown, info: { args: unknown[]; retryCount: number }) => Promise<number | undefined>;

/** Asks what to do about a request that failed: an answer in milliseconds is waited for, and then it goes again. */
function createRetryLimiter() {
  const listeners: Failed[] = [];
  return {
    on: (_event: "failed", listener: Failed) => void listeners.push(listener),
    async schedule<Args extends unknown[], Result>(job: (...args: Args) => Promise<Result>, ...args: Args) {
      for (let retryCount = 0; ; retryCount++) {
        try {
          return await job(...args);
        } catch (error) {
          const waits = await Promise.all(listeners.map((listener) => listener(error, { args, retryCount })));
          const ms = waits.find((wait) => wait !== undefined);
          if (ms === undefined) throw error;
          await sleep(ms);
        }
      }
    },
  };
}

/**
 * In place of the throttling plugin's Bottlenecks, which remember by the wall clock when the next request may go: set
 * back by an hour, each request would wait an hour. The plugin reads these and calls nothing but what is here; its types
 * leave them out.
 */
export const limiters = (): object => ({
  global: createGate(MOST_AT_ONCE),
  auth: createGate(1),
  search: createGate(1),
  write: createGate(MOST_AT_ONCE),
  retryLimiter: createRetryLimiter(),
});
