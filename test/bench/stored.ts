import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TEAM } from "../../packages/stand-ins/slack/workspace.ts";
import { readHome } from "../../packages/views/history/home-data.ts";
import { type HomeState, readHomeState } from "../../packages/views/history/home-state.ts";
import type { Figure } from "./figure.ts";
import { benchPrompt } from "./job.ts";
import { multiplyJob } from "./many-jobs.ts";
import { openRig } from "./rig.ts";

const JOBS = 1_000;

/** One job of five repositories that ran here, a thousand times: how long a start takes then, and a look back. */
export async function storedFigures(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "cody-bench-"));
  try {
    {
      await using rig = await openRig({ repositories: 5, folder });
      const { jobId } = await rig.submit(benchPrompt(3, 0), rig.names);
      await rig.ended({ jobId, submittedAt: 0, ackMs: 0, presses: 0 });
      // The last line about it is in the stream by then, and Slack's card is as it stays.
      await sleep(4_000);
      await rig.close();
      multiplyJob(folder, jobId, JOBS);
    }
    const first = await start(folder);
    const again = await start(folder);
    return [
      figure(
        "start with 1,000 jobs stored",
        again.startMs,
        3_000,
        `the first one, which finds everything uncompacted, took ${(first.startMs / 1_000).toFixed(1)} s`,
      ),
      figure("Home with 1,000 jobs, slowest filter", again.homeMs, 1_000, again.homes),
      figure("/cody list with 1,000 jobs", again.listMs, 1_000, "from the command to the answer that the person sees"),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const figure = (name: string, value: number, goal: number, note: string): Figure => ({
  name,
  value,
  goal,
  unit: "ms",
  note,
});

const FILTERS: Record<string, Partial<HomeState>> = {
  none: {},
  mine: { whose: "mine" },
  "a state that none is in": { state: "failed" },
  "a text that none has": { text: "no such words" },
  "a repository": { repository: "bench/service-3" },
  "a repository, and a text that none has": { repository: "bench/service-3", text: "no such words" },
};

async function start(folder: string) {
  const begun = performance.now();
  await using rig = await openRig({ repositories: 5, folder });
  const startMs = performance.now() - begun;
  const times: [string, number][] = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    const state = { ...readHomeState(undefined), ...filter };
    const at = performance.now();
    await readHome({ store: rig.store, now: () => new Date() }, { teamId: TEAM.id, userId: rig.requester.id }, state);
    times.push([name, performance.now() - at]);
  }
  const listMs = await listed(rig);
  await rig.close();
  return {
    startMs,
    listMs,
    homeMs: Math.max(...times.map(([, ms]) => ms)),
    homes: times.map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(", "),
  };
}

async function listed(rig: Awaited<ReturnType<typeof openRig>>): Promise<number> {
  const before = rig.requester.ephemerals().length;
  const at = performance.now();
  await rig.openModal("/cody list");
  while (rig.requester.ephemerals().length === before && performance.now() - at < 20_000) await sleep(5);
  return performance.now() - at;
}
