import type { types } from "@slack/bolt";
import type { ResolvedSettings } from "../../packages/jobs/repository-settings.ts";
import { behind } from "../../packages/jobs/settings-words.ts";
import { clip } from "../../packages/text/cut.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";

/** What the form says about each chosen repository, below the estimate: what will run, and what to run instead. */
export const onlyField = (what: "check" | "setup", repository: string) => `only-${what}:${repository}`;
const aboutBlock = (repository: string) => `only-about:${repository}`;
export const isAboutRepository = (blockId: string) => blockId.startsWith("only-");

const MAX_COMMAND = 200;

/** `settings` absent: GitHub has not answered within the time that a person waits. */
export type ChosenRepository = { name: string; settings: ResolvedSettings | undefined };

/** One sentence; what is typed into the form goes before it. */
function willRunWords({ name, settings }: ChosenRepository): string {
  if (!settings) return `${name}: what its files say about setup and check is read when the job starts.`;
  const { setup, check, note } = settings;
  const words = (what: string, setting: typeof check) =>
    setting?.value === undefined ? undefined : `${what} ${clip(setting.value, MAX_COMMAND)}${behind(setting)}`;
  const checked = words("Check", check) ?? "No check, so the pull request is a draft";
  return [`${name}: ${[words("Setup", setup), checked].filter(Boolean).join(". ")}.`, note].filter(Boolean).join(" ");
}

const only = (what: "check" | "setup", label: string, name: string): types.InputBlock => ({
  type: "input",
  block_id: onlyField(what, name),
  label: plain(`${label} of ${name}`, LIMITS.label),
  optional: true,
  element: {
    type: "plain_text_input",
    action_id: onlyField(what, name),
    placeholder: plain("As above", LIMITS.placeholder),
  },
});

/** One repository alone has the fields of the form; of several each may have its own. */
export const repositoryBlocks = (chosen: readonly ChosenRepository[]): types.KnownBlock[] =>
  chosen.flatMap((one) => [
    {
      type: "context" as const,
      block_id: aboutBlock(one.name),
      elements: [plain(willRunWords(one), LIMITS.section)],
    },
    ...(chosen.length > 1 ? [only("check", "Check", one.name), only("setup", "Setup", one.name)] : []),
  ]);
