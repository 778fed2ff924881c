import type { types } from "@slack/bolt";
import type { Reason } from "../../packages/jobs/reasons.ts";
import type { ResolvedSettings } from "../../packages/jobs/repository-settings.ts";
import { behind } from "../../packages/jobs/settings-words.ts";
import { clip } from "../../packages/text/cut.ts";
import { listed } from "../../packages/text/lists.ts";
import { LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import type { Values } from "../listen.ts";
import { inEdition } from "./editions.ts";

/** What the form says about each chosen repository, below the estimate: what will run, and what to run instead. */
export const onlyField = (what: "check" | "setup", repository: string) => `only-${what}:${repository}`;
const aboutBlock = (repository: string) => `only-about:${repository}`;
export const isAboutRepository = (blockId: string) => blockId.startsWith("only-");

const MAX_COMMAND = 200;

/**
 * `settings` absent: GitHub has not answered within the time that a person waits. `open`: pull requests of Cody's that are
 * open there.
 */
export type ChosenRepository = {
  name: string;
  settings: ResolvedSettings | undefined;
  open?: readonly { number: number; url: string }[];
  /** Why no job can begin there; the submit says it too. */
  problem?: Reason | undefined;
};

/** One sentence; what is typed into the form goes before it. */
function willRunWords({ name, settings, problem }: ChosenRepository): string {
  if (problem) return `${problem.message} ${problem.nextStep}`;
  if (!settings) return `${name}: what its files say about setup and check is read when the job starts.`;
  const { setup, check, note } = settings;
  const words = (what: string, setting: typeof check) =>
    setting?.value === undefined ? undefined : `${what} ${clip(setting.value, MAX_COMMAND)}${behind(setting)}`;
  const checked = words("Check", check) ?? "No check, so the pull request is a draft";
  return [`${name}: ${[words("Setup", setup), checked].filter(Boolean).join(". ")}.`, note].filter(Boolean).join(" ");
}

/** Before anything is paid for: what is asked for now may stand there already. */
function openWords({ open = [] }: ChosenRepository): types.MrkdwnElement[] {
  if (open.length === 0) return [];
  const links = listed(open.map(({ number, url }) => `<${url}|#${number}>`));
  const said =
    open.length === 1 ? "is open there: follow up in its thread" : "are open there: follow up in their threads";
  return [mrkdwn(`Cody's ${links} ${said} to add to it, or run this beside it.`)];
}

/** What is said for one repository alone. */
export type Alone = { check?: string | undefined; setup?: string | undefined };

/** What a form says for one repository alone. */
export function aloneIn(values: Values, name: string): Alone {
  const typed = (what: "check" | "setup") => {
    const field = onlyField(what, name);
    return values[field]?.[field]?.value?.trim() || undefined;
  };
  return { check: typed("check"), setup: typed("setup") };
}

type Shown = { edition: number; value: string | undefined };
const only = (what: "check" | "setup", label: string, name: string, shown: Shown): types.InputBlock => ({
  type: "input",
  block_id: inEdition(onlyField(what, name), shown.edition),
  label: plain(`${label} of ${name}`, LIMITS.label),
  optional: true,
  element: {
    type: "plain_text_input",
    action_id: onlyField(what, name),
    placeholder: plain("As above", LIMITS.placeholder),
    ...(shown.value && { initial_value: shown.value }),
  },
});

/**
 * One repository alone has the fields of the form; of several each may have its own, and keeps them when the others go.
 */
export const repositoryBlocks = (
  chosen: readonly (ChosenRepository & { alone?: Alone })[],
  edition = 0,
): types.KnownBlock[] =>
  chosen.flatMap((one) => {
    const { check, setup } = one.alone ?? {};
    const hasOwn = chosen.length > 1 || check !== undefined || setup !== undefined;
    return [
      {
        type: "context" as const,
        block_id: aboutBlock(one.name),
        elements: [plain(willRunWords(one), LIMITS.section), ...openWords(one)],
      },
      ...(hasOwn
        ? [
            only("check", "Check", one.name, { edition, value: check }),
            only("setup", "Setup", one.name, { edition, value: setup }),
          ]
        : []),
    ];
  });
