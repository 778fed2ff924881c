import { sameRepository } from "./ids.ts";
import type { Job, JobOptions } from "./job.ts";
import type { RepoRun } from "./repo-run.ts";
import {
  type FileSettings,
  NO_COMMAND,
  type RepositorySettings,
  type ResolvedSettings,
  type RunLimits,
  type SettingsSource,
  type Sourced,
  type Suggestions,
} from "./repository-settings.ts";

/** What each source says about one repository. */
export type SettingsSources = {
  form: RepositorySettings;
  saved?: RepositorySettings | undefined;
  file?: FileSettings | undefined;
  suggested?: Suggestions | undefined;
  note?: string | undefined;
};

/** Pure: the first source that says a thing counts. Protected paths add up, and of limits the lowest counts. */
export function resolveSettings({
  form,
  saved = {},
  file = {},
  suggested = {},
  note,
}: SettingsSources): ResolvedSettings {
  const sources: [SettingsSource, RepositorySettings][] = [
    ["form", form],
    ["saved", saved],
    ["file", file],
  ];
  const first = <Key extends keyof RepositorySettings>(key: Key) => {
    const [source, said] = sources.find(([, one]) => one[key] !== undefined) ?? [];
    return source && said ? { [key]: { value: said[key], source } } : {};
  };
  const command = (key: "setup" | "check") => {
    const said = sources.find(([, one]) => one[key] !== undefined);
    const [source, value, from] = said
      ? [said[0], said[1][key], undefined]
      : (["suggested", suggested[key]?.command, suggested[key]?.from] as const);
    if (value === undefined) return {};
    return {
      [key]: { ...(value !== NO_COMMAND && { value }), source, ...(from && { from }) } satisfies Sourced<string>,
    };
  };
  const lowest = (key: keyof RunLimits) => {
    const said = sources.flatMap(([source, { limits }]) => {
      const value = limits?.[key];
      return value === undefined ? [] : [{ value, source }];
    });
    const [least] = said.toSorted((a, b) => a.value - b.value);
    return least ? { [key]: least } : {};
  };
  const protectedPaths = sources
    .flatMap(([source, one]) => (one.protectedPaths ?? []).map((path) => ({ path, source })))
    .filter(({ path }, i, all) => all.findIndex((other) => other.path === path) === i);
  return {
    ...command("setup"),
    ...command("check"),
    ...first("toolchains"),
    ...first("image"),
    ...lowest("turns"),
    ...lowest("minutes"),
    ...lowest("commandMinutes"),
    ...first("instructions"),
    ...first("reviewers"),
    ...first("labels"),
    ...first("baseBranch"),
    ...(protectedPaths.length > 0 && { protectedPaths }),
    ...(note !== undefined && { note }),
  };
}

/** What the form says about a repository: what was given for it alone, then what was given for all. */
export function formSettings(options: JobOptions, repository: string): RepositorySettings {
  const { setupCommand: setup, verifyCommand: check, baseBranch, byRepository = {} } = options;
  const forAll = {
    ...(setup !== undefined && { setup }),
    ...(check !== undefined && { check }),
    ...(baseBranch !== undefined && { baseBranch }),
  };
  const [, alone] = Object.entries(byRepository).find(([name]) => sameRepository(name, repository)) ?? [];
  return { ...forAll, ...alone };
}

/** The settings that hold for a run. A row of an earlier release has none: there the form alone spoke. */
export const settingsOf = ({ options }: Pick<Job, "options">, run: Pick<RepoRun, "repository" | "settings">) =>
  run.settings ?? resolveSettings({ form: formSettings(options, run.repository) });
