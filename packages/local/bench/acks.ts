import { FIELDS } from "../../../slack/interactions/run-modal.ts";
import { type Figure, percentile } from "./figure.ts";
import type { Rig } from "./rig.ts";

const COMMANDS = 100;
/** Slack opens at most so many modals a minute for an app; the other commands answer with text. */
const SUBMITS = 60;

/**
 * Commands and submits one after the other, as fast as the app acks, while the jobs that they start are being planned.
 * Their base branch does not exist, so that Plan ends them: what is measured is the app, not a machine full of runners.
 */
export async function ackFigures(rig: Rig): Promise<Figure[]> {
  const acks: number[] = [];
  for (let i = 0; i < SUBMITS; i++) {
    acks.push(await rig.openModal("/cody"));
    const { ackMs } = await rig.submitModal("Measure the ack", rig.names, { [FIELDS.baseBranch]: "no-such-branch" });
    acks.push(ackMs);
    if (i < COMMANDS - SUBMITS) acks.push(await rig.openModal("/cody list"));
    if (i < COMMANDS - SUBMITS) acks.push(await rig.openModal("/cody help"));
  }
  const p = (percent: number) => percentile(acks, percent);
  return [
    {
      name: "ack, p99",
      value: p(99),
      goal: 1_000,
      unit: "ms",
      note: `${acks.length} commands and submits, p50 ${p(50).toFixed(0)} ms, slowest ${Math.max(...acks).toFixed(0)} ms; ${SUBMITS} jobs of ${rig.names.length} repositories were started meanwhile`,
    },
  ];
}
