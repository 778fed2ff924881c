import type { Suggestions } from "../jobs/repository-settings.ts";
import { listed } from "../text/lists.ts";
import type { BuildFiles, SuggestedBuild } from "./build-files.ts";
import { gradleBuild, mavenBuild } from "./suggest/jvm.ts";
import { nodeBuild } from "./suggest/node.ts";
import { cargoBuild, composerBuild, dotnetBuild, goBuild, makeBuild, rubyBuild } from "./suggest/others.ts";
import { pythonBuild } from "./suggest/python.ts";

/** Two builds of one language say the same twice: the first of a row counts. */
const LANGUAGES: readonly (readonly ((files: BuildFiles) => SuggestedBuild | undefined)[])[] = [
  [mavenBuild, gradleBuild],
  [nodeBuild],
  [pythonBuild],
  [goBuild],
  [cargoBuild],
  [dotnetBuild],
  [rubyBuild],
  [composerBuild],
];

/**
 * Pure: what the build files in the root of a repository suggest to run. Several languages are set up and checked one
 * after the other. Nothing where nothing is certain: a suggestion must never be worse than none.
 */
export function suggest(files: BuildFiles, { folder = "" } = {}): Suggestions {
  const found = LANGUAGES.flatMap((ways) => ways.flatMap((build) => build(files) ?? []).slice(0, 1));
  const make = found.length === 0 ? makeBuild(files) : undefined;
  const builds = make ? [make] : found;
  if (builds.length === 0) return {};
  const from = listed(builds.map((build) => (folder ? `${folder}/${build.from}` : build.from)));
  const setups = builds.flatMap(({ setup }) => setup ?? []);
  const command = (parts: readonly string[]) => [...(folder ? [`cd ${folder}`] : []), ...parts].join(" && ");
  return {
    ...(setups.length > 0 && { setup: { command: command(setups), from } }),
    check: { command: command(builds.map(({ check }) => check)), from },
  };
}
