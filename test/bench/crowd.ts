import { setTimeout as sleep } from "node:timers/promises";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import type { Figure } from "./figure.ts";
import { benchPrompt } from "./job.ts";
import type { Rig, Submit } from "./rig.ts";

const JOBS = 200;
/** What the stack holds once it has seen enough to be warm. */
const FEW = 20;
const TURNS = 3;
const GIVE_UP_MS = 3 * 60 * 60_000;

const megabytes = () => {
  // Twice, so that what the first collection set free is free; without --expose-gc the figure is what it is.
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  return process.memoryUsage().rss / 1e6;
};

/** Hundreds of jobs at once: none is lost, and the stack's memory does not grow with them. The runners are processes of their own. */
export async function crowdFigures(rig: Rig): Promise<Figure[]> {
  const submits: Submit[] = [];
  for (let i = 0; i < JOBS; i++) submits.push(await rig.submit(benchPrompt(TURNS, 0), rig.names));
  const startedAt = submits[0]!.submittedAt;
  const waiting = new Set(submits.map(({ jobId }) => jobId));
  const runs = { all: 0, wrong: 0 };
  let afterFew = Number.NaN;
  for (const end = Date.now() + GIVE_UP_MS; waiting.size > 0 && Date.now() < end; await sleep(1_000))
    for (const jobId of [...waiting].slice(0, 2 * FEW)) {
      const record = await rig.store.readJob(jobId);
      if (!record || !allAtRest(record)) continue;
      waiting.delete(jobId);
      runs.all += record.runs.length;
      runs.wrong += record.runs.filter(({ state, turns }) => state !== "unchanged" || turns !== TURNS).length;
      if (JOBS - waiting.size === FEW) afterFew = megabytes();
    }
  const after = megabytes();
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1);
  return [
    {
      name: "200 jobs at once: lost or wrong",
      value: waiting.size + runs.wrong,
      goal: 0,
      unit: "wrong",
      note: `${JOBS} jobs, ${runs.all} runs of ${TURNS} turns in ${minutes} minutes`,
    },
    {
      name: "200 jobs at once: memory over that after 20",
      value: after / afterFew,
      goal: 1.2,
      unit: "x",
      note: `the stack and its stand-ins: ${afterFew.toFixed(0)} MB after ${FEW} jobs had ended, ${after.toFixed(0)} MB after ${JOBS}`,
    },
  ];
}
