import { type FoundToolchain, missingToolchains } from "../jobs/missing-toolchains.ts";
import type { Outcome } from "../jobs/outcome.ts";
import { because } from "../jobs/reasons.ts";
import { toolchainWords } from "./first-facts.ts";

/** Where commands lack what the repository's settings ask for, the round ends before anything is spent. Pure. */
export function toolchainStop(
  wanted: readonly string[],
  found: readonly FoundToolchain[],
): Pick<Outcome, "ending" | "reason"> | undefined {
  const missing = missingToolchains(wanted, found);
  if (missing.length === 0) return undefined;
  return { ending: "blocked", reason: because("toolchain-missing", missing, toolchainWords(found)) };
}
