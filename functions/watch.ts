import { steadyNow } from "../packages/clock/steady-clock.ts";
import { timeOver } from "../packages/clock/time-over.ts";
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
/** GitHub itself gives a query up after ten seconds. */
const REQUEST_MS = 12_000;
/** Nothing is asked later in a pass: the function has 55 seconds, and keeps what it has seen. */
const BEGIN_WITHIN_MS = 30_000;
/** What people wrote is read while this part of what may go at once is left: how all stand comes first. */
const COMMENTS_LEAVE = 1 / 2;
/** So often the list of what is asked for is looked at where nothing was seen. */
const WAKE_MINUTES = 5;

/**
 * Every minute: how the open pull requests of this deployment stand. It reads, and holds no token that writes; it wakes the
 * function that does.
 */
export function createWatch(
  environment: Environment,
  now: () => number = steadyNow,
  open: typeof openStore = openStore,
) {
  const config = readConfig("watch", environment);
  const store = open(config, console.warn, () => new Date(now()));
  const perHour = config.CODY_PULL_REQUEST_CALLS;
  const rate = { everyMs: HOUR_MS / perHour, burst: Math.max(1, Math.ceil(perHour / BURST_PART)) };
  const deps = {
    ...store,
    read: openPullRequestReader(config, {
      maxWaitS: MAX_WAIT_S,
      requestTimeoutMs: REQUEST_MS,
      retries: 0,
      onlyReads: true,
      log: console.warn,
    }),
    holdCalls: (forMs: number) => store.holdSlots(CALLS, { ...rate, now: now(), until: now() + forMs }),
    now: () => new Date(now()),
  };
  /** For a look; and for what people wrote, which leaves `spare` calls to the looks. */
  const take = async (left: { withinMs: number } | { spare: number }) =>
    (await store.takeSlot(CALLS, { ...rate, now: now(), ...left })) !== undefined;
  return async () => {
    const isOver = timeOver(BEGIN_WITHIN_MS);
    const watched = await watchPullRequests({
      ...deps,
      isOver,
      mayCall: async (what) =>
        !isOver() && take(what === "look" ? { withinMs: 0 } : { spare: Math.floor(rate.burst * COMMENTS_LEAVE) }),
    });
    if (watched.stopped) console.warn(`watch: what is due waits: ${whyStopped(watched.stopped)}`);
    // What people ask for pull requests waits for what was just seen, and what failed is tried again.
    const isTurn = watched.looked > 0 || deps.now().getUTCMinutes() % WAKE_MINUTES === 0;
    if (isTurn && (await store.hasSetWork())) await wakeChangeSet(config);
    return watched;
  };
}

function whyStopped(stopped: NonNullable<WatchResult["stopped"]>): string {
  if (stopped.why === "github") return `GitHub said ${stopped.said}`;
  if (stopped.why === "time") return "this pass has no time left";
  return "the calls of this hour are spent (CODY_PULL_REQUEST_CALLS)";
}

export const handler = onFirstCall((environment) => createWatch(environment));
