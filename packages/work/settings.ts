import type { Guidance } from "../agent/guidance.ts";
import type { Redact } from "../agent/redact.ts";
import type { ResolvedSettings } from "../jobs/repository-settings.ts";
import { withoutHidden } from "../text/hidden.ts";
import { someListed } from "../text/lists.ts";
import type { WorkDeps } from "./work-deps.ts";

const MAX_PATHS = 20;

type RunLimitsOfWork = WorkDeps["limits"];

/** Settings only make the deployment's limits lower. */
export const lowerLimits = (limits: RunLimitsOfWork, { turns, minutes }: ResolvedSettings): RunLimitsOfWork => ({
  maxTurns: Math.min(limits.maxTurns, turns?.value ?? Number.POSITIVE_INFINITY),
  maxSeconds: Math.min(limits.maxSeconds, (minutes?.value ?? Number.POSITIVE_INFINITY) * 60),
});

export const commandMs = ({ commandMinutes }: ResolvedSettings): number | undefined =>
  commandMinutes?.value === undefined ? undefined : commandMinutes.value * 60_000;

/** What `.cody.yml` asks for is the repository's word, untrusted like its other guidance. It stands first. */
export async function withInstructions(
  guidance: Guidance[],
  { instructions }: ResolvedSettings,
  redact: Redact,
): Promise<Guidance[]> {
  if (instructions?.source !== "file" || !instructions.value) return guidance;
  const text = (await redact(withoutHidden(instructions.value))).trim();
  return text === "" ? guidance : [{ path: ".cody.yml", text }, ...guidance];
}

/** What people of the workspace say about the repository, and what it protects. */
export function settingsFacts({ instructions, protectedPaths = [] }: ResolvedSettings): string[] {
  const named = someListed(
    protectedPaths.map(({ path }) => `\`${path}\``),
    MAX_PATHS,
  );
  return [
    ...(protectedPaths.length > 0 ? [`This repository protects ${named} in the same way.`] : []),
    ...(instructions?.value && instructions.source !== "file"
      ? [`Instructions of the requester's team for this repository:\n${instructions.value}`]
      : []),
  ];
}
