import { bench, benchOf } from "./bench.ts";
import type { Brain } from "./brain.ts";
import { read } from "./conversation.ts";
import { inspect } from "./inspect.ts";
import { raise } from "./raise/raise.ts";
import { targetsOf } from "./raise/target.ts";

/** One real skill, a bench mode, and an honest look around for everything else. */
export const scriptedBrain: Brain = (request) => {
  const conversation = read(request);
  const benchMode = benchOf(conversation.task);
  if (benchMode) return bench(conversation, benchMode);
  const targets = targetsOf(conversation.task);
  return targets.length > 0 ? raise(conversation, targets) : inspect(conversation);
};
