import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { Home } from "../jobs/team.ts";
import { type HomeStore, readableOf, readEverybodys, readRecent } from "../views/history/home-data.ts";
import { readHomeState } from "../views/history/home-state.ts";
import { homeView } from "../views/history/home-view.ts";
import { refusedForMs, slackErrorOf } from "./client.ts";
import type { ReadRights } from "./job-readers.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { isEnding } from "./thread.ts";

export type LiveHomeDeps = {
  slack: { views: Pick<WebClient["views"], "publish"> };
  store: HomeStore & {
    homesOfTeam(teamId: string, since: Date): Promise<Home[]>;
    keepShown(home: Home, shown: Pick<Home, "hash" | "digest" | "shownAt">): Promise<void>;
  };
  rateLimiter: RateLimiter;
  readRights: Pick<ReadRights, "readable">;
  now: () => Date;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
};

/** Slack does not say when a person leaves the tab: for so long after a look they may still be there. */
const LOOKING_MS = 10 * 60_000;
/** More people than these see theirs when they open it again. */
const MAX_HOMES = 20;
/** Progress is shown to each of them no more often than this, times how many they are. */
const MS_BETWEEN_HOMES = 3_000;
/** What has begun or ended waits so long for a slot, over all homes: meanwhile no card is shown either. */
const MAX_WAIT_MS = 3_000;

export const digestOf = (view: types.HomeView) =>
  createHash("sha256").update(JSON.stringify(view)).digest("hex").slice(0, 16);

/**
 * Shows the dashboard anew to the people who looked at it lately, after changes of these jobs. `begun`: those that are
 * new. It never fails: a home that could not be shown is shown by the next change, or when it is opened again.
 */
export async function showHomes(deps: LiveHomeDeps, jobIds: readonly string[], begun: readonly string[]) {
  try {
    const records = await Promise.all(jobIds.map((jobId) => deps.store.readJob(jobId)));
    const byTeam = Map.groupBy(
      records.filter((record) => record !== undefined),
      ({ job }) => job.teamId,
    );
    for (const [teamId, ofTeam] of byTeam) {
      const matters = ofTeam.some((record) => isEnding(record) || begun.includes(record.job.jobId));
      await showHomesOf(deps, teamId, matters);
    }
  } catch (error) {
    deps.log(`home tabs: ${error}`);
  }
}

async function showHomesOf(deps: LiveHomeDeps, teamId: string, matters: boolean): Promise<void> {
  const nowMs = deps.now().getTime();
  const homes = (await deps.store.homesOfTeam(teamId, new Date(nowMs - LOOKING_MS))).slice(0, MAX_HOMES);
  const dueMs = nowMs - MS_BETWEEN_HOMES * homes.length;
  const due = homes.filter(({ shownAt }) => matters || Date.parse(shownAt) <= dueMs);
  if (due.length === 0) return;
  const everybodys = await readEverybodys(deps, { teamId });
  const hasRoom = createRoom(deps, matters);
  for (const home of due) {
    const state = readHomeState(home.state);
    const readable = await deps.readRights.readable(home);
    const [recent, defaults] = await Promise.all([
      readRecent({ ...deps, readable }, home, state),
      deps.store.readDefaults(home),
    ]);
    const view = homeView({ state, ...readableOf(everybodys, readable), ...recent, defaults });
    await showHome(deps, home, view, hasRoom).catch(async (error: unknown) => {
      deps.log(`home tab of ${home.userId}: ${error}`);
      const forMs = refusedForMs(error);
      if (forMs !== undefined) await deps.rateLimiter.homesRefused(forMs);
    });
  }
}

async function showHome(
  deps: LiveHomeDeps,
  home: Home,
  view: types.HomeView,
  hasRoom: () => Promise<boolean>,
): Promise<void> {
  const digest = digestOf(view);
  if (digest === home.digest || !(await hasRoom())) return;
  const { userId: user_id, hash } = home;
  try {
    const answer = await deps.slack.views.publish({ user_id, view, hash });
    await deps.store.keepShown(home, { hash: answer.view!.hash!, digest, shownAt: deps.now().toISOString() });
  } catch (error) {
    // The person has opened it again or chosen another filter: what they see is newer than this.
    if (slackErrorOf(error) !== "hash_conflict") throw error;
  }
}

/** The homes of one change wait together. */
function createRoom({ rateLimiter, sleep }: LiveHomeDeps, matters: boolean) {
  let waitedMs = 0;
  return async (): Promise<boolean> => {
    while (!(await rateLimiter.mayShowHome(matters))) {
      if (!matters || waitedMs >= MAX_WAIT_MS) return false;
      waitedMs += 1_000;
      await sleep(1_000);
    }
    return true;
  };
}
