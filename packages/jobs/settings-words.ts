import { duration } from "../text/duration.ts";
import { listed } from "../text/lists.ts";
import { NO_COMMAND, type ResolvedSettings, type SettingOrigin, type Sourced } from "./repository-settings.ts";

/** Where a setting comes from, in a few words; "" for what was typed into the form. */
export function sourceWords({ source, from }: SettingOrigin): string {
  switch (source) {
    case "form":
      return "";
    case "saved":
      return "saved for this repository";
    case "file":
      return "from .cody.yml";
    case "suggested":
      return `suggested by ${from ?? "the build files"}`;
  }
}

/** " (suggested by package.json)", behind a command; nothing where it was typed into the form or is not known. */
export function behind(setting: SettingOrigin | undefined): string {
  const words = setting ? sourceWords(setting) : "";
  return words && ` (${words})`;
}

function said<Value>(setting: Sourced<Value> | undefined, words: (value: Value) => string): string | undefined {
  if (!setting) return undefined;
  return `${setting.value === undefined ? NO_COMMAND : words(setting.value)}${behind(setting)}`;
}

/** Names and values for people: what a run goes by, each with its source. What nothing is said about is left out. */
export function settingsWords(settings: ResolvedSettings): [name: string, value: string][] {
  const { setup, check, protectedPaths = [] } = settings;
  const minutes = (value: number) => duration(value * 60_000);
  const pairs: [string, string | undefined][] = [
    ["Setup", said(setup, (command) => command)],
    ["Check", said(check, (command) => command)],
    ["Toolchains", said(settings.toolchains, (names) => listed(names))],
    ["Image", said(settings.image, (name) => name)],
    ["At most", said(settings.turns, (turns) => `${turns} turns`)],
    ["Time", said(settings.minutes, minutes)],
    ["Time of a command", said(settings.commandMinutes, minutes)],
    ["Instructions", said(settings.instructions, (text) => text)],
    ["Reviewers", said(settings.reviewers, (names) => listed(names))],
    ["Labels", said(settings.labels, (names) => listed(names))],
    ["Protected", protectedPaths.length > 0 ? listed(protectedPaths.map(({ path }) => path)) : undefined],
    ["Left out", settings.note],
  ];
  return pairs.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]]));
}
