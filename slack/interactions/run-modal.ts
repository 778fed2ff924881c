import type { types } from "@slack/bolt";
import { z } from "zod";
import { CONSENT_LABEL } from "../../packages/github/protected-paths.ts";
import { MAX_ATTACHMENTS } from "../../packages/jobs/attachment.ts";
import { DELIVERIES } from "../../packages/jobs/deliveries.ts";
import { DEFAULT_COST_LIMIT_USD, type Effort, type JobOptions, MAX_REPOSITORIES } from "../../packages/jobs/job.ts";
import { MAX_TEMPLATE_NAME } from "../../packages/jobs/team.ts";
import { listed } from "../../packages/text/lists.ts";
import { TELL_DIRECTLY } from "../../packages/views/defaults-form.ts";
import { EFFORT_HINT, effortOptions } from "../../packages/views/efforts.ts";
import { button } from "../../packages/views/ending.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { input, line, optionOf } from "../../packages/views/inputs.ts";
import { escaped, LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import type { Settings } from "../deps.ts";
import { nameOfFile, SlackFile } from "../read-file.ts";
import { inEdition } from "./editions.ts";
import { PROMPT, promptInputs } from "./run-prompt.ts";
import { repositoryBlocks } from "./run-repositories.ts";

/** Blocks of the modal; errors go beside them. Each holds one element whose action id is the block's, but one. */
export const FIELDS = {
  prompt: PROMPT,
  repositories: "repositories",
  delivery: "delivery",
  baseBranch: "base-branch",
  setupCommand: "setup-command",
  verifyCommand: "verify-command",
  model: "model",
  effort: "effort",
  capUsd: "cap",
  mayChangeCi: "may-change-ci",
  tellDirectly: "tell-directly",
  attached: "attached",
  /** Not a field: it says what the choice may cost. */
  estimate: "estimate",
  template: "template",
  /** Not a field: which saved job was chosen. */
  templateNote: "template-note",
  saveAs: "save-as",
} as const;
export const RUN_MODAL = "cody-run";
/** Slack asks for options by this id alone. */
export const REPOSITORIES_ACTION = "cody-repositories";
export const TEMPLATE_ACTION = "cody-template";
export const DELETE_TEMPLATE = "cody-delete-template";
/** What is chosen in the form when it opens, or when a saved job is chosen in it. */
export type FormContent = {
  prompt?: string;
  repositories?: readonly string[];
  options?: Partial<JobOptions> | undefined;
  /** For the person, at the head of the form. */
  note?: string | undefined;
};

function modelInput({ models, defaultModel }: Settings, wanted: string | undefined): types.InputBlock {
  const options = models.slice(0, LIMITS.options).map(({ id, label }) => optionOf(id, label));
  const offered = (model: string | undefined) => options.find(({ value }) => value === model);
  const initial = offered(wanted) ?? offered(defaultModel) ?? options[0]!;
  const isGone = wanted !== undefined && !offered(wanted);
  return input(
    FIELDS.model,
    "Model",
    { type: "static_select", action_id: FIELDS.model, options, initial_option: initial },
    {
      followed: true,
      ...(isGone && { hint: `${wanted} is not offered any more; ${initial.value} stands in its place.` }),
    },
  );
}

function effortInput(wanted: Effort | undefined): types.InputBlock {
  const initial = effortOptions.find(({ value }) => value === wanted);
  return input(
    FIELDS.effort,
    "Effort",
    {
      type: "static_select",
      action_id: FIELDS.effort,
      placeholder: plain("What this deployment or the model uses", LIMITS.placeholder),
      options: effortOptions,
      ...(initial && { initial_option: initial }),
    },
    { hint: EFFORT_HINT, optional: true },
  );
}

const attachedInput = input(
  FIELDS.attached,
  "Files",
  { type: "file_input", action_id: FIELDS.attached, max_files: MAX_ATTACHMENTS },
  { hint: "Images (PNG, JPEG, GIF, WebP) and text files that explain the task: the model reads them.", optional: true },
);

const templateInput = input(
  FIELDS.template,
  "Saved job",
  {
    type: "external_select",
    action_id: TEMPLATE_ACTION,
    min_query_length: 0,
    placeholder: plain("Start from one of this workspace", LIMITS.placeholder),
  },
  { optional: true, followed: true },
);

const deleteTemplate = button("Delete", DELETE_TEMPLATE, "delete", {
  accessibility_label: "Delete this saved job",
  confirm: {
    title: plain("Delete this saved job?", LIMITS.confirmTitle),
    text: plain("It can no longer be chosen in this workspace.", LIMITS.confirmText),
    confirm: plain("Delete it", 30),
    deny: plain("Keep it", 30),
  },
});

/** Below the menu of saved jobs once one was chosen: which, and the way to be rid of it. `words` is mrkdwn of ours. */
export const templateNote = (words: string, { mayDelete }: { mayDelete: boolean }): types.SectionBlock => ({
  type: "section",
  block_id: FIELDS.templateNote,
  text: mrkdwn(words),
  ...(mayDelete && { accessory: deleteTemplate }),
});

/** Below the repositories; empty before one is chosen. */
export const estimateBlock = (sentence: string): types.ContextBlock => ({
  type: "context",
  block_id: FIELDS.estimate,
  elements: [plain(sentence || "The estimate follows your choice.", LIMITS.section)],
});

const Metadata = z.object({ channelId: z.string().min(1), files: z.array(SlackFile).optional() });
/** Travels with the modal: where the card of the job belongs, and the files of the message that became the prompt. */
export type Metadata = z.infer<typeof Metadata>;
export const readMetadata = (text: string): Metadata => Metadata.parse(JSON.parse(text));

function carriedNote(files: readonly SlackFile[], takesFiles: boolean): types.ContextBlock {
  const names = listed(files.map(nameOfFile));
  const words = takesFiles
    ? `Files of the message go along: ${names}.`
    : `Files of the message do not go along: ${names}. The people who run Cody give its app the scope files:read.`;
  return { type: "context", block_id: "carried-files", elements: [plain(words, LIMITS.section)] };
}

/**
 * Built from what it is given alone. A prompt is never cut. `editions`: of the prompt and of all other fields; one more
 * each time that something else takes the place of what was there. `takesFiles`: the app may read what people attach.
 */
export function runModal(
  settings: Settings,
  {
    channelId,
    files = [],
    prompt = "",
    repositories = [],
    options = {},
    note,
    editions = {},
    takesFiles = false,
  }: Metadata & FormContent & { editions?: { prompt?: number; fields?: number }; takesFiles?: boolean },
): types.ModalView {
  const deliveries = Object.entries(DELIVERIES).map(([value, { choice: label, meaning }]) =>
    optionOf(value, label, meaning),
  );
  const carried = takesFiles ? files : [];
  const alone = options.byRepository ?? {};
  const delivery = options.delivery ?? settings.defaultDelivery ?? "open-pr";
  const consent = optionOf("yes", CONSENT_LABEL, "Workflows, hooks, settings of editors and agents: as a draft");
  const tell = optionOf("yes", TELL_DIRECTLY.choice, TELL_DIRECTLY.meaning);
  const typed = (field: string, placeholder: string, value: string | undefined) => ({
    ...line(field, placeholder),
    ...(value !== undefined && { initial_value: value }),
  });
  const fields: types.KnownBlock[] = [
    input(
      FIELDS.repositories,
      "Repositories",
      {
        type: "multi_external_select",
        action_id: REPOSITORIES_ACTION,
        min_query_length: 0,
        max_selected_items: MAX_REPOSITORIES,
        placeholder: plain("Type a name, an owner, a topic or a language", LIMITS.placeholder),
        ...(repositories.length > 0 && { initial_options: repositories.map((name) => optionOf(name, name)) }),
      },
      { hint: `Up to ${MAX_REPOSITORIES}.`, followed: true },
    ),
    estimateBlock(""),
    // At once, not with the estimate: a submit right after this keeps what was saved for one repository alone.
    ...(Object.keys(alone).length > 0
      ? repositoryBlocks(repositories.map((name) => ({ name, settings: undefined, alone: alone[name] ?? {} })))
      : []),
    input(FIELDS.delivery, "When a repository is done", {
      type: "radio_buttons",
      action_id: FIELDS.delivery,
      options: deliveries,
      initial_option: deliveries.find(({ value }) => value === delivery)!,
    }),
    input(
      FIELDS.mayChangeCi,
      "What it may touch",
      {
        type: "checkboxes",
        action_id: FIELDS.mayChangeCi,
        options: [consent],
        ...(options.mayChangeCi && { initial_options: [consent] }),
      },
      { optional: true },
    ),
    input(FIELDS.verifyCommand, "Check", typed(FIELDS.verifyCommand, "npm test", options.verifyCommand), {
      hint: "A command that judges the change, without network and without secrets. Without one, or where it fails, the pull request is a draft.",
      optional: true,
    }),
    input(
      FIELDS.setupCommand,
      "Command that prepares the clone",
      typed(FIELDS.setupCommand, "npm ci", options.setupCommand),
      { hint: "Runs first, without secrets. It can read from package registries.", optional: true },
    ),
    input(
      FIELDS.baseBranch,
      "Base branch",
      typed(FIELDS.baseBranch, "Each repository's default branch", options.baseBranch),
      { optional: true },
    ),
    modelInput(settings, options.model),
    effortInput(options.effort),
    input(
      FIELDS.capUsd,
      "Cost limit in US dollars",
      {
        type: "number_input",
        action_id: FIELDS.capUsd,
        is_decimal_allowed: true,
        initial_value: `${options.capUsd ?? DEFAULT_COST_LIMIT_USD}`,
      },
      { hint: "For all repositories and rounds together." },
    ),
    input(
      FIELDS.tellDirectly,
      TELL_DIRECTLY.label,
      {
        type: "checkboxes",
        action_id: FIELDS.tellDirectly,
        options: [tell],
        ...(options.tellDirectly && { initial_options: [tell] }),
      },
      { optional: true },
    ),
  ];
  return {
    type: "modal",
    callback_id: RUN_MODAL,
    private_metadata: JSON.stringify({ channelId, ...(carried.length > 0 && { files: carried }) } satisfies Metadata),
    title: plain("Run Cody", LIMITS.modalTitle),
    submit: plain("Run", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      ...(note === undefined ? [] : [context(escaped(note))]),
      templateInput,
      ...promptInputs(prompt.trim(), editions.prompt),
      ...(takesFiles ? [attachedInput] : []),
      ...(files.length > 0 ? [carriedNote(files, takesFiles)] : []),
      ...fields.map((block) =>
        block.type === "input" ? { ...block, block_id: inEdition(block.block_id!, editions.fields ?? 0) } : block,
      ),
      input(
        FIELDS.saveAs,
        "Save this job as",
        { ...line(FIELDS.saveAs, "Raise log4j"), max_length: MAX_TEMPLATE_NAME },
        { hint: "All of this form, for the whole workspace; your own of that name is replaced.", optional: true },
      ),
    ],
  };
}
