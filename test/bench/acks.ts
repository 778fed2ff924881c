import { FIELDS } from "../../slack/interactions/run-fields.ts";
import { type Figure, percentile } from "./figure.ts";
import { benchPrompt } from "./job.ts";
import type { Rig } from "./rig.ts";

/** Slack opens at most 100 modals a minute for an app: for both parts together. */
const QUIET_SUBMITS = 60;
const BUSY_SUBMITS = 30;
/** Long enough to go on while the acks are measured; the job is cancelled then. */
const BUSY_TURNS = 200;
const BUSY_THINK_MS = 500;

/**
 * Commands and submits one after the other, as fast as the app acks, while the jobs that they start are being planned.
 * Their base branch does not exist, so that Plan ends them: what is measured is the app, not a machine full of runners.
 * Then the same beside five runs, which is what a machine full of runners is.
 */
export async function ackFigures(rig: Rig): Promise<Figure[]> {
  const quiet = await acksOf(rig, QUIET_SUBMITS);
  const { jobId } = await rig.submit(benchPrompt(BUSY_TURNS, BUSY_THINK_MS), rig.names);
  await rig.untilWorking(jobId);
  const busy = await acksOf(rig, BUSY_SUBMITS);
  await rig.openModal(`/cody cancel ${jobId}`);
  return [
    figureOf("ack, p99", quiet, `${QUIET_SUBMITS} jobs of ${rig.names.length} repositories were started meanwhile`),
    figureOf("ack beside five runs, p99", busy, `five runners took turns of ${BUSY_THINK_MS} ms on the same machine`),
  ];
}

function figureOf(name: string, acks: readonly number[], what: string): Figure {
  const p = (percent: number) => percentile(acks, percent);
  const note = `${acks.length} commands and submits, p50 ${p(50).toFixed(0)} ms, slowest ${Math.max(...acks).toFixed(0)} ms; ${what}`;
  return { name, value: p(99), goal: 1_000, unit: "ms", note };
}

/** Three and a third times as many as the submits: each opens its form, and two of three have a list and a help beside them. */
async function acksOf(rig: Rig, submits: number): Promise<number[]> {
  const acks: number[] = [];
  for (let i = 0; i < submits; i++) {
    acks.push(await rig.openModal("/cody"));
    const { ackMs } = await rig.submitModal("Measure the ack", rig.names, { [FIELDS.baseBranch]: "no-such-branch" });
    acks.push(ackMs);
    if (i % 3 < 2) acks.push(await rig.openModal("/cody list"), await rig.openModal("/cody help"));
  }
  return acks;
}
