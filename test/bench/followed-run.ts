import type { Disturb } from "../../packages/stand-ins/loopback/disturb.ts";
import { randomOf } from "../chaos/random.ts";
import { type Followed, MINUTE, openFollowed } from "./followed-world.ts";
import type { Spent } from "./metered-table.ts";

/** How long DynamoDB takes to answer. */
const TABLE_MS = 5;

/** What happens to each request to GitHub, and how many pull requests have two new comments of people who may write. */
export type Run = { jobs: number; passes: number; disturb?: Disturb; commented?: number };
type Pass = Spent & { ms: number; calls: number };

export const slowly: Disturb = () => ({ kind: "delay", ms: 300 });

export function failingAThird(): Disturb {
  const random = randomOf(1);
  return () => (random.happens(1 / 3) ? { kind: "status", status: 502 } : undefined);
}

/** Passes of the watcher over pull requests that have just been opened, one a minute by its own clock. */
export async function followedRun({ jobs, passes, disturb, commented = 0 }: Run) {
  const looks = new Map<string, number[]>();
  await using world = await openFollowed({
    pulls: jobs,
    tableMs: TABLE_MS,
    ...(disturb && { disturb }),
    onLook({ jobId, repository }, at) {
      const key = `${jobId} ${repository}`;
      looks.set(key, [...(looks.get(key) ?? []), Math.floor(at / MINUTE)]);
    },
  });
  const { clock, runs, watch, store } = world;
  for (const run of runs) await world.open(run);
  writeTo(world, commented);
  const memory = () => process.memoryUsage().rss / 1e6;
  const memoryBefore = memory();
  const all: Pass[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    clock.now += MINUTE;
    all.push(await measured(world, watch));
  }
  const memoryMb = memory() - memoryBefore;
  const rows = await Promise.all(runs.map((run) => store.readRun(run)));
  const looked = [...looks.values()];
  return {
    passes: all,
    memoryMb,
    looks: looked.map((minutes) => minutes.length),
    /** Not seen once, or comments of theirs are not known. */
    lost:
      rows.filter((row) => row?.pullRequestStatus === undefined).length +
      rows.slice(0, commented).filter((row) => row?.pullRequestStatus?.unanswered !== 2).length,
    /** More than one look in one minute. */
    twice: looked.filter((minutes) => new Set(minutes).size < minutes.length).length,
  };
}

async function measured({ calls, spent }: Followed, watch: () => Promise<unknown>): Promise<Pass> {
  const now = () => ({ ...spent, calls: calls.graphql + calls.rest, ms: performance.now() });
  const before = now();
  await watch();
  const after = now();
  const difference = (name: keyof Pass) => after[name] - before[name];
  return {
    ms: difference("ms"),
    calls: difference("calls"),
    reads: difference("reads"),
    writes: difference("writes"),
    readUnits: difference("readUnits"),
    writeUnits: difference("writeUnits"),
  };
}

function writeTo({ runs, place, forge }: Followed, count: number) {
  for (const at of runs.slice(0, count).map(place)) {
    at.repository.people = { ada: "write", bo: "write" };
    for (const author of ["ada", "bo"]) forge.admin.acts.comment(at, { author, path: "NEWS", line: 1, body: "Why?" });
  }
}
