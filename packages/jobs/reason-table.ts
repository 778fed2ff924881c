import { clip } from "../text/cut.ts";

/** What a button does about a reason: Work or Publish runs again, the cost limit is raised, or nothing. */
export type Remedy = "retry" | "raise-cap" | "nothing";

/** What happened, and what to do about it. */
export type Said = readonly [message: string, nextStep: string];

type Entry<Facts extends unknown[]> = { remedy: Remedy; say: (...facts: Facts) => Said };

const entry =
  (remedy: Remedy) =>
  <Facts extends unknown[]>(say: (...facts: Facts) => Said): Entry<Facts> => ({ remedy, say });

/** The run can be started again: by Retry once it has failed, whatever else the sentence offers. */
export const retried = entry("retry");
export const stoppedByLimit = entry("raise-cap");
/** A person has decided, or must. */
export const final = entry("nothing");

/** As a sentence, in a reason's space: the next step stands right behind it. */
export const ended = (message: string) => clip(message.trimEnd(), 499).replace(/[^.!?…]$/, "$&.");

export const RETRY = "Press Retry to start it again.";
export const DOWNLOAD = "The patch can be downloaded.";
/** Who finds each code in the runbook. */
export const OPERATOR = "the operator, who finds it in docs/runbook.md, Model errors";
