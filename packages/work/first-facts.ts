import type { Tree } from "../agent/tree.ts";
import { baselineWords, type CheckWeight } from "../jobs/baseline.ts";
import type { FoundToolchain } from "../jobs/missing-toolchains.ts";
import type { CommandResult } from "../jobs/outcome.ts";
import { plural } from "../text/counts.ts";
import { duration } from "../text/duration.ts";
import { someListed } from "../text/lists.ts";
import { dollars } from "../text/money.ts";
import { shownPath } from "../workspace/paths.ts";

const MAX_NAMED = 40;

/** Where the work happens: `os` and the toolchains with their versions, as commands see them. */
export type Machine = { os: string; tools?: readonly FoundToolchain[] };

export const toolchainWords = (found: readonly FoundToolchain[]) =>
  found.map(({ name, version }) => (version === "installed" ? name : `${name} ${version}`));

export type WorkPlace = {
  machine?: Machine | undefined;
  /** Commands can run here. */
  hasSandbox: boolean;
  limits: { maxTurns: number; maxSeconds: number };
  /** What the job had left for all its repositories when the round began. */
  dollarsLeft: number;
};

/** What a first turn would only look around for. */
export const surroundingFacts = ({ machine, hasSandbox, limits, dollarsLeft }: WorkPlace): string[] => [
  ...(machine
    ? [
        hasSandbox
          ? `Commands run on ${machine.os}.${machine.tools?.length ? ` Tools there: ${toolchainWords(machine.tools).join(", ")}.` : ""}`
          : "No command can run on this machine.",
      ]
    : []),
  `Limits of this round: ${plural(limits.maxTurns, "turn")}, ${duration(limits.maxSeconds * 1_000)}, and ${dollars(dollarsLeft)} for all repositories of the job together.`,
];

/** The repository's top level, folders first. */
export async function topLevelFact(tree: Pick<Tree, "list">): Promise<string[]> {
  const paths = (await tree.list()).map(({ path }) => path.split("/"));
  const folders = new Set(paths.filter(({ length }) => length > 1).map(([name]) => `${name}/`));
  const files = paths.filter(({ length }) => length === 1).map(([name]) => name!);
  const names = [...folders, ...files].map(shownPath);
  return names.length === 0 ? [] : [`Its top level: ${someListed(names, MAX_NAMED)}.`];
}

/** How the check ended before any change, with its output where it is worth reading. */
export function checkFacts(
  verifyCommand: string | undefined,
  baseline: CommandResult | undefined,
  weight: CheckWeight = "full",
): string[] {
  if (verifyCommand === undefined) return [];
  if (!baseline) return [`Your change will be checked with \`${verifyCommand}\`.`];
  const ended = `\`${verifyCommand}\`, which ${baselineWords(baseline)} before it`;
  const said = baseline.exitCode === 0 ? "" : ` Its output:\n${baseline.tail}`;
  switch (weight) {
    case "full":
      return [`Your change will be checked with ${ended}.${said}`];
    case "pass-only":
      return [
        `Your change will be checked with ${ended}. The build files suggest this check and no person asked for it: repair what fails there only where your task asks for it.${said}`,
      ];
    case "nothing":
      return [`Your change is not checked: the build files suggest ${ended}.${said}`];
  }
}
