import type { types } from "@slack/bolt";
import { CONSENT_LABEL } from "../../packages/github/protected-paths.ts";
import { MAX_FIX_ROUNDS } from "../../packages/jobs/fix-by-itself.ts";
import { DEFAULT_COST_LIMIT_USD, type Delivery, type JobOptions, MAX_REPOSITORIES } from "../../packages/jobs/job.ts";
import { deliveryOptions, tellDirectlyInput } from "../../packages/views/choices.ts";
import { input, line, optionOf, tickInput } from "../../packages/views/inputs.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { FIELDS, REPOSITORIES_ACTION } from "./run-fields.ts";

export const repositoriesInput = (chosen: readonly string[]): types.InputBlock =>
  input(
    FIELDS.repositories,
    "Repositories",
    {
      type: "multi_external_select",
      action_id: REPOSITORIES_ACTION,
      min_query_length: 0,
      max_selected_items: MAX_REPOSITORIES,
      placeholder: plain("Type a name, an owner, a topic or a language", LIMITS.placeholder),
      ...(chosen.length > 0 && { initial_options: chosen.map((name) => optionOf(name, name)) }),
    },
    { hint: `Up to ${MAX_REPOSITORIES}.`, followed: true },
  );

export const deliveryInput = (wanted: Delivery): types.InputBlock =>
  input(FIELDS.delivery, "When a repository is done", {
    type: "radio_buttons",
    action_id: FIELDS.delivery,
    options: deliveryOptions,
    initial_option: deliveryOptions.find(({ value }) => value === wanted)!,
  });

export const consentInput = ({ mayChangeCi }: Partial<JobOptions>): types.InputBlock =>
  tickInput(
    FIELDS.mayChangeCi,
    "What it may touch",
    optionOf("yes", CONSENT_LABEL, "Workflows, hooks, settings of editors and agents: as a draft"),
    mayChangeCi,
  );

export const fixChecksInput = ({ fixChecks }: Partial<JobOptions>): types.InputBlock =>
  tickInput(
    FIELDS.fixChecks,
    "After the pull request is open",
    optionOf(
      "yes",
      "Fix failing checks",
      `Without being asked, at most ${MAX_FIX_ROUNDS} rounds, inside the cost limit`,
    ),
    fixChecks,
  );

export const tellInput = ({ tellDirectly }: Partial<JobOptions>): types.InputBlock =>
  tellDirectlyInput(FIELDS.tellDirectly, tellDirectly);

const typed = (field: string, placeholder: string, value: string | undefined) => ({
  ...line(field, placeholder),
  ...(value !== undefined && { initial_value: value }),
});

export const commandInputs = ({ verifyCommand, setupCommand, baseBranch }: Partial<JobOptions>): types.InputBlock[] => [
  input(FIELDS.verifyCommand, "Check", typed(FIELDS.verifyCommand, "npm test", verifyCommand), {
    hint: "A command that judges the change, without network and without secrets. Without one, or where it fails, the pull request is a draft.",
    optional: true,
  }),
  input(FIELDS.setupCommand, "Setup", typed(FIELDS.setupCommand, "npm ci", setupCommand), {
    hint: "A command that prepares the clone. It runs first, without secrets, and can read from package registries.",
    optional: true,
  }),
  input(FIELDS.baseBranch, "Base branch", typed(FIELDS.baseBranch, "Each repository's default branch", baseBranch), {
    optional: true,
  }),
];

export const costLimitInput = ({ capUsd = DEFAULT_COST_LIMIT_USD }: Partial<JobOptions>): types.InputBlock =>
  input(
    FIELDS.capUsd,
    "Cost limit in US dollars",
    { type: "number_input", action_id: FIELDS.capUsd, is_decimal_allowed: true, initial_value: `${capUsd}` },
    { hint: "For all repositories and rounds together." },
  );
