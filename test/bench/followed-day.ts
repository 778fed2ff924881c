import { failingChecksBrief } from "../../packages/work/failing-checks.ts";
import { anAsk } from "../builders.ts";
import { DAY, type Followed, MINUTE, openFollowed } from "./followed-world.ts";

/** What following asks of GitHub, for each open pull request. `points` of the 5,000 that a token has an hour. */
export type CallsOfDay = { graphql: number; points: number; rest: number };

/** What happens in a minute of the day, the first one being 1. */
type Happens = (world: Followed, minute: number) => Promise<unknown> | unknown;
export type Day = {
  /** Jobs of five repositories, each with an open pull request. */
  jobs: number;
  /** For how long nothing has happened before it; absent: all were opened right before. */
  quietFor?: number;
  /** They are opened one after the other. */
  isSpread?: boolean;
  happens?: Happens;
};

/** A day of passes each minute. */
export async function followedDay({ jobs, quietFor, isSpread = false, happens }: Day): Promise<CallsOfDay> {
  await using world = await openFollowed({ pulls: jobs });
  const { clock, calls, runs, watch, changeSet, forge } = world;
  if (!isSpread) for (const run of runs) await world.open(run);
  if (quietFor !== undefined) await beQuiet(world, quietFor);
  const before = { ...calls, points: forge.admin.graphql.spent.points };
  for (let minute = 1; minute <= DAY / MINUTE; minute += 1) {
    if (isSpread) for (const run of runs.slice(...partOfDay(runs.length, minute))) await world.open(run);
    clock.now += MINUTE;
    await happens?.(world, minute);
    const { looked } = await watch();
    if (looked > 0 || minute % 5 === 0) await changeSet();
  }
  const each = (after: number, earlier: number) => (after - earlier) / runs.length;
  return {
    graphql: each(calls.graphql, before.graphql),
    points: each(forge.admin.graphql.spent.points, before.points),
    rest: each(calls.rest, before.rest),
  };
}

/** Until GitHub has worked out how each of them merges, and all that follows is done; then for so long. */
async function beQuiet({ clock, watch, changeSet }: Followed, forMs: number) {
  for (const _ of [1, 2, 3, 4]) {
    clock.now += MINUTE;
    await watch();
    await changeSet();
  }
  clock.now += forMs;
  await watch();
}

const partOfDay = (count: number, minute: number): [number, number] => {
  const upTo = (minutes: number) => Math.floor((count * minutes * MINUTE) / DAY);
  return [upTo(minute - 1), upTo(minute)];
};

/** All pull requests of a repository are of one commit here. */
async function setChecks({ forge, runs, jobs, place }: Followed, outcome: "success" | "failure" | null) {
  for (const run of runs.slice(0, jobs[0]!.repositories.length))
    await forge.admin.acts.setCheck(place(run), { name: "build", outcome, log: "It failed.\n" });
}

/** Checks run for half an hour, a person approves after three hours and merges after eight. */
export const moving: Happens = async (world, minute) => {
  const { forge, runs, place } = world;
  if (minute === 2) await setChecks(world, null);
  if (minute === 32) await setChecks(world, "success");
  if (minute === 180)
    for (const run of runs) await forge.admin.acts.review(place(run), { author: "ada", state: "APPROVED" });
  if (minute === 480)
    for (const { pull } of runs.map(place)) Object.assign(pull, { state: "closed", mergedAt: "2026-11-22T20:00:00Z" });
};

/** Two people with write access write about each, three times, at another time of the day for each. */
export const commented: Happens = ({ forge, runs, place }, minute) => {
  const [from, to] = partOfDay(3 * runs.length, minute);
  for (let i = from; i < to; i += 1) {
    const at = place(runs[i % runs.length]!);
    at.repository.people = { ada: "write", bo: "write" };
    for (const author of ["ada", "bo"]) forge.admin.acts.comment(at, { author, path: "NEWS", line: 1, body: "Why?" });
  }
};

/** A check fails, and half an hour later a round on it begins for each: it asks GitHub before anything is spent. */
export const failing: Happens = async (world, minute) => {
  if (minute === 60) await setChecks(world, "failure");
  if (minute !== 90) return;
  for (const run of world.runs) await failingChecksBrief(world.reader, run, async (text) => text);
};

/** Each job's set is to be merged when green, one after another; checks run for half an hour. */
export const merged: Happens = async (world, minute) => {
  const { runs, jobs, store, clock } = world;
  if (minute === 2) await setChecks(world, null);
  if (minute === 32) await setChecks(world, "success");
  if (minute !== 5) return;
  const { repositories } = jobs[0]!;
  for (const { jobId, repository, pullRequest } of runs) {
    const { number, nodeId, url, branch, commit } = pullRequest!;
    const after = repositories.slice(0, repositories.indexOf(repository));
    const asked = { by: "U1", login: "ada", at: new Date(clock.now).toISOString(), after };
    const about = { jobId, repository, number, nodeId: nodeId!, url, branch, head: commit };
    await store.insertAsk(anAsk({ ...about, ...asked }));
  }
};
