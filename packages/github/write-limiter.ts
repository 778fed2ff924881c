import { setTimeout as sleep } from "node:timers/promises";
import type { ThrottlingOptions } from "@octokit/plugin-throttling";
import { steadyNow } from "../clock/steady-clock.ts";

const BURST = 5;

/**
 * GitHub asks for a second between *many* writes. The throttling plugin spaces even the second one, which costs a
 * publish (one pull request, its labels) a second for nothing; this limiter lets a few through and spaces the rest.
 */
export function createWriteLimiter(secondMs: number, now: () => number = steadyNow): Group {
  let freeAt = Number.NEGATIVE_INFINITY;
  const schedule = async (_options: unknown, job: () => unknown) => {
    const start = Math.max(freeAt, now() - (BURST - 1) * secondMs);
    freeAt = start + secondMs;
    if (start > now()) await sleep(start - now());
    return job();
  };
  // The plugin calls nothing but `key(id).schedule(options, job)` of a Bottleneck group.
  return { key: () => ({ schedule }) } as unknown as Group;
}

type Group = NonNullable<ThrottlingOptions["write"]>;
