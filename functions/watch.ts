import { steadyNow } from "../packages/clock/steady-clock.ts";
import { onFirstCall } from "../packages/config/on-first-call.ts";
import { readConfig } from "../packages/config/read.ts";
import type { Environment } from "../packages/config/zones.ts";
import { openPullRequestReader } from "../packages/github/pull-request-reader.ts";
import { wakeChangeSet } from "../packages/pipeline/wake.ts";
import { type WatchResult, watchPullRequests } from "../packages/pipeline/watch-pull-requests.ts";
import { openStore } from "../packages/store/open.ts";

/** The shared row that counts the calls of all processes of the deployment. */
const CALLS = "github-pull-requests";
const HOUR_MS = 60 * 60_000;
/** How much of an hour's budget may go at once: all that waited while nothing could be asked. */
const BURST_PART = 12;
/** A rate limit that lasts longer ends the pass. */
const MAX_WAIT_S = 5;
/** So often the list of what is asked for is looked at where nothing was seen. */
const WAKE_MINUTES = 5;

/**
 * Every minute: how the open pull requests of this deployment stand. It reads, and holds no token that writes; it wakes the
 * function that does.
 */
export function createWatch(environment: Environment, now: () => number = steadyNow) {
  const config = readConfig("watch", environment);
  const store = openStore(config, console.warn, () => new Date(now()));
  const perHour = config.CODY_PULL_REQUEST_CALLS;
  const rate = { everyMs: HOUR_MS / perHour, burst: Math.max(1, Math.ceil(perHour / BURST_PART)) };
  const deps = {
    ...store,
    read: openPullRequestReader(config, { maxWaitS: MAX_WAIT_S, log: console.warn }),
    mayCall: async () => (await store.takeSlot(CALLS, { ...rate, now: now(), withinMs: 0 })) !== undefined,
    holdCalls: (forMs: number) => store.holdSlots(CALLS, { ...rate, now: now(), until: now() + forMs }),
    now: () => new Date(now()),
  };
  return async () => {
    const watched = await watchPullRequests(deps);
    if (watched.stopped) console.warn(`watch: what is due waits: ${whyStopped(watched.stopped)}`);
    // What people ask for pull requests waits for what was just seen, and what failed is tried again.
    const isTurn = watched.looked > 0 || deps.now().getUTCMinutes() % WAKE_MINUTES === 0;
    if (isTurn && (await store.hasSetWork())) await wakeChangeSet(config);
    return watched;
  };
}

const whyStopped = (stopped: NonNullable<WatchResult["stopped"]>) =>
  stopped.why === "github"
    ? `GitHub said ${stopped.said}`
    : "the calls of this hour are spent (CODY_PULL_REQUEST_CALLS)";

export const handler = onFirstCall((environment) => createWatch(environment));
