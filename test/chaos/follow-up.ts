import { setTimeout as sleep } from "node:timers/promises";
import type { Reply } from "./schedule.ts";

/**
 * How far a reply has come. waiting: the job does not rest yet. ready: it rests, and the reply was held back. asked: it
 * stands in the thread. there: its round exists. nothing: no repository is left that a round could be about.
 */
export type Step = "waiting" | "ready" | "asked" | "there" | "nothing";

const LOOK_MS = 500;
/** A first round under kills and pauses of the model, on a shared machine. */
const LIMIT_MS = 300_000;

/**
 * One reply of a person in a job's thread, with what breaks around it, until its round is there. undefined: it did not
 * come to that in time.
 */
export async function followUp(
  { trouble }: Reply,
  deps: {
    /** Does what can be done now: posts the reply unless it is held, delivers what was posted once more. */
    step: (options: { hold: boolean }) => Promise<Step>;
    restart: (downMs: number) => Promise<void>;
    killRunner: (signal: "SIGKILL" | "SIGTERM") => void;
  },
): Promise<"there" | "nothing" | undefined> {
  const end = Date.now() + LIMIT_MS;
  async function until(hold: boolean, ...steps: Step[]): Promise<Step | undefined> {
    while (Date.now() < end) {
      const step = await deps.step({ hold });
      if (steps.includes(step)) return step;
      await sleep(LOOK_MS);
    }
    return undefined;
  }

  if (trouble.kind === "kill-before") {
    await until(true, "ready", "asked", "there", "nothing");
    await deps.restart(trouble.downMs);
  }
  if (trouble.kind === "kill-after") {
    await until(false, "asked", "there", "nothing");
    await sleep(trouble.afterMs);
    await deps.restart(trouble.downMs);
  }
  const step = await until(false, "there", "nothing");
  if (step !== "there" && step !== "nothing") return undefined;
  if (step === "there" && trouble.kind === "kill-amid") {
    await sleep(trouble.afterMs);
    await deps.restart(trouble.downMs);
    await deps.step({ hold: false });
  }
  if (step === "there" && trouble.kind === "kill-runner") {
    await sleep(trouble.afterMs);
    deps.killRunner(trouble.signal);
  }
  return step;
}
