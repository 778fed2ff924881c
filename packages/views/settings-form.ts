import type { types } from "@slack/bolt";
import type { RepositorySettings } from "../jobs/repository-settings.ts";
import type { SavedSettings } from "../jobs/team.ts";
import { button } from "./button.ts";
import { context } from "./history/blocks.ts";
import { input, optionOf, selectOf } from "./inputs.ts";
import { LIMITS, mrkdwn, plain } from "./text.ts";
import { mention, when } from "./who-and-when.ts";

export const SETTINGS_ACTIONS = {
  /** A button with the repository's name: opens its settings. */
  open: "cody-settings",
  /** A button in Home: opens the choice of a repository. */
  choose: "cody-settings-choose",
} as const;

/** Inputs of the form, by block and action id alike. */
export const SETTINGS_FIELDS = {
  check: "settings-check",
  setup: "settings-setup",
  toolchains: "settings-toolchains",
  image: "settings-image",
  baseBranch: "settings-base-branch",
  reviewers: "settings-reviewers",
  labels: "settings-labels",
  protectedPaths: "settings-protected-paths",
  instructions: "settings-instructions",
  minutes: "settings-minutes",
  turns: "settings-turns",
  commandMinutes: "settings-command-minutes",
} as const;
type Field = keyof typeof SETTINGS_FIELDS;

const text = (field: Field, placeholder: string, value: string | undefined, more: Partial<types.PlainTextInput> = {}) =>
  ({
    type: "plain_text_input",
    action_id: SETTINGS_FIELDS[field],
    placeholder: plain(placeholder, LIMITS.placeholder),
    max_length: LIMITS.input,
    ...(value && { initial_value: value }),
    ...more,
  }) satisfies types.PlainTextInput;

const number = (field: Field, value: number | undefined): types.NumberInput => ({
  type: "number_input",
  action_id: SETTINGS_FIELDS[field],
  is_decimal_allowed: field !== "turns",
  ...(value !== undefined && { initial_value: `${value}` }),
});

const setting = (field: Field, label: string, element: types.InputBlock["element"], hint?: string): types.InputBlock =>
  input(SETTINGS_FIELDS[field], label, element, { hint, optional: true });

/** One of the deployment's; where it has none to choose from, there is no field. */
function imageInput(images: readonly string[], saved: string | undefined): types.KnownBlock[] {
  const gone = saved !== undefined && !images.includes(saved) ? `The image ${saved} is not offered any more. ` : "";
  const options = images.slice(0, LIMITS.options).map((name) => optionOf(name, name));
  if (options.length === 0) return gone ? [context(`${gone}Saving leaves it out.`)] : [];
  const element = selectOf(SETTINGS_FIELDS.image, options, saved, "The deployment's own");
  return [setting("image", "Image", element, `${gone}Where commands run on AWS; it has no effect on one machine.`)];
}

const OVER = "Before .cody.yml and what build files suggest; write none to run nothing.";

/** What is saved for a repository, to change. `saved` absent: nothing yet. */
export function settingsInputs(
  { settings, savedBy, savedAt }: Partial<SavedSettings>,
  images: readonly string[] = [],
): types.KnownBlock[] {
  const {
    check,
    setup,
    toolchains,
    baseBranch,
    reviewers,
    labels,
    protectedPaths,
    instructions,
    limits,
  }: RepositorySettings = settings ?? {};
  return [
    context(
      savedBy && savedAt
        ? `Saved by ${mention(savedBy)}, ${when(savedAt)}.`
        : "Nothing is saved yet: `.cody.yml` and the build files decide.",
    ),
    setting("check", "Check", text("check", "npm test", check), OVER),
    setting("setup", "Setup", text("setup", "npm ci", setup), OVER),
    setting(
      "toolchains",
      "Toolchains",
      text("toolchains", "java@21, maven", toolchains?.join(", ")),
      "What commands must find, commas between: where one is missing, a job ends before anything is spent.",
    ),
    ...imageInput(images, settings?.image),
    setting("baseBranch", "Base branch", text("baseBranch", "The repository's default branch", baseBranch)),
    setting(
      "reviewers",
      "Reviewers",
      text("reviewers", "octocat, acme/platform", reviewers?.join(", ")),
      "GitHub logins and teams, commas between them: asked when a pull request opens.",
    ),
    setting("labels", "Labels of pull requests", text("labels", "dependencies", labels?.join(", "))),
    setting(
      "protectedPaths",
      "Protected paths",
      text("protectedPaths", "migrations/", protectedPaths?.join("\n"), { multiline: true }),
      "One a line, as in .gitignore. A change there is a patch, or a draft with the job's consent.",
    ),
    setting(
      "instructions",
      "Instructions",
      text("instructions", "Every change has a line in CHANGELOG.md.", instructions, { multiline: true }),
    ),
    setting("minutes", "Minutes at most", number("minutes", limits?.minutes)),
    setting("turns", "Turns at most", number("turns", limits?.turns)),
    setting("commandMinutes", "Minutes of setup and check at most", number("commandMinutes", limits?.commandMinutes)),
  ];
}

/** The way from a repository's history to its settings. */
export const settingsButton = (repository: string): types.Button =>
  button("Settings", SETTINGS_ACTIONS.open, repository);

export const settingsHead = (repository: string): types.SectionBlock => ({
  type: "section",
  text: mrkdwn(`*${repository}*`),
});
