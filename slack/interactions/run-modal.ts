import type { types } from "@slack/bolt";
import { z } from "zod";
import { CONSENT_LABEL } from "../../packages/github/protected-paths.ts";
import { DELIVERIES } from "../../packages/jobs/deliveries.ts";
import { DEFAULT_COST_LIMIT_USD, MAX_REPOSITORIES } from "../../packages/jobs/job.ts";
import { MAX_TEMPLATE_NAME } from "../../packages/jobs/team.ts";
import { button } from "../../packages/views/ending.ts";
import { headOfSize, sizeOf } from "../../packages/views/size.ts";
import { LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import type { Settings } from "../deps.ts";

/** Blocks of the modal; errors go beside them. Each holds one element whose action id is the block's, but one. */
export const FIELDS = {
  prompt: "prompt",
  repositories: "repositories",
  delivery: "delivery",
  baseBranch: "base-branch",
  setupCommand: "setup-command",
  verifyCommand: "verify-command",
  model: "model",
  capUsd: "cap",
  mayChangeCi: "may-change-ci",
  /** Not a field: it says what the choice may cost. */
  estimate: "estimate",
  template: "template",
  /** Not a field: which saved prompt was chosen. */
  templateNote: "template-note",
  saveAs: "save-as",
} as const;
export const RUN_MODAL = "cody-run";
/** Slack asks for options by this id alone. */
export const REPOSITORIES_ACTION = "cody-repositories";
export const TEMPLATE_ACTION = "cody-template";
export const DELETE_TEMPLATE = "cody-delete-template";
/** What stood between a part of the prompt and the one before it; what the parts' own input is called says so. */
const JOINTS = { "": "\n", _: " ", "~": "" } as const;
type Joint = keyof typeof JOINTS;
/**
 * One input takes 3,000 characters: a longer prompt is spread over as many as it needs. `edition`: one more each time
 * that a saved prompt takes the place of what was there.
 */
export const promptField = (part: number, edition = 0, joint: Joint = "") =>
  `${FIELDS.prompt}${edition === 0 ? "" : `.${edition}`}${part === 0 ? "" : `-${part + 1}${joint}`}`;
const PROMPT_FIELD = new RegExp(`^${FIELDS.prompt}(?:\\.(\\d+))?(?:-(\\d+)([_~]?))?$`);
export const jointOf = (field: string) => JOINTS[(PROMPT_FIELD.exec(field)?.[3] ?? "") as Joint];
export const isPromptField = (field: string) => PROMPT_FIELD.test(field);
export const partOf = (field: string) => Number(PROMPT_FIELD.exec(field)?.[2] ?? 1);
export const editionOf = (blocks: readonly { block_id?: string }[]) =>
  Math.max(0, ...blocks.map(({ block_id = "" }) => Number(PROMPT_FIELD.exec(block_id)?.[1] ?? 0)));

const input = (
  block_id: string,
  label: string,
  element: types.InputBlock["element"],
  more: { hint?: string; optional?: boolean; followed?: boolean } = {},
): types.InputBlock => ({
  type: "input",
  block_id,
  label: plain(label, LIMITS.label),
  element,
  ...(more.hint && { hint: plain(more.hint, LIMITS.hint) }),
  optional: more.optional ?? false,
  // A choice that the estimate follows is told at once.
  ...(more.followed && { dispatch_action: true }),
});

const line = (action_id: string, placeholder: string): types.PlainTextInput => ({
  type: "plain_text_input",
  action_id,
  placeholder: plain(placeholder, LIMITS.placeholder),
});

const choice = (value: string, text: string, description?: string): types.PlainTextOption => ({
  text: plain(text, LIMITS.optionText),
  value,
  ...(description && { description: plain(description, LIMITS.optionText) }),
});

type Part = { text: string; joint: Joint };

/** Pieces that fit an input each, cut at a line's end, else at a space, else between characters: nothing is added. */
function partsOf(prompt: string): Part[] {
  const parts: Part[] = [];
  let [rest, joint]: [string, Joint] = [prompt, ""];
  while (sizeOf(rest) > LIMITS.input) {
    const max = headOfSize(rest, LIMITS.input).length;
    const [line, space] = ["\n", " "].map((mark) => rest.lastIndexOf(mark, max)) as [number, number];
    const [end, next]: [number, Joint] = line > max / 2 ? [line, ""] : space > max / 2 ? [space, "_"] : [max, "~"];
    parts.push({ text: rest.slice(0, end), joint });
    [rest, joint] = [rest.slice(next === "~" ? end : end + 1), next];
  }
  return [...parts, { text: rest, joint }];
}

export const promptParts = (prompt: string): string[] => partsOf(prompt).map(({ text }) => text);

export const promptInputs = (prompt: string, edition = 0): types.InputBlock[] =>
  partsOf(prompt).map(({ text, joint }, i) =>
    input(
      promptField(i, edition, joint),
      i === 0 ? "What should Cody do?" : "… and on",
      {
        ...line(promptField(i, edition, joint), "Raise log4j-core to at least 2.17.1 and adapt the tests"),
        multiline: true,
        max_length: LIMITS.input,
        ...(i === 0 && { focus_on_load: true }),
        ...(text && { initial_value: text }),
      },
      { optional: i > 0 },
    ),
  );

function modelInput({ models, defaultModel }: Settings): types.InputBlock {
  const options = models.slice(0, LIMITS.options).map(({ id, label }) => choice(id, label));
  const initial = options.find(({ value }) => value === defaultModel) ?? options[0]!;
  return input(
    FIELDS.model,
    "Model",
    { type: "static_select", action_id: FIELDS.model, options, initial_option: initial },
    { followed: true },
  );
}

const templateInput = input(
  FIELDS.template,
  "Saved prompt",
  {
    type: "external_select",
    action_id: TEMPLATE_ACTION,
    min_query_length: 0,
    placeholder: plain("Start from one of this workspace", LIMITS.placeholder),
  },
  { optional: true, followed: true },
);

const deleteTemplate = button("Delete", DELETE_TEMPLATE, "delete", {
  accessibility_label: "Delete this saved prompt",
  confirm: {
    title: plain("Delete this saved prompt?", LIMITS.confirmTitle),
    text: plain("It can no longer be chosen in this workspace.", LIMITS.confirmText),
    confirm: plain("Delete it", 30),
    deny: plain("Keep it", 30),
  },
});

/** Below the menu of saved prompts once one was chosen: which, and the way to be rid of it. `words` is mrkdwn of ours. */
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

const Metadata = z.object({ channelId: z.string().min(1) });
/** Travels with the modal: where the card of the job belongs. */
export type Metadata = z.infer<typeof Metadata>;
export const readMetadata = (text: string): Metadata => Metadata.parse(JSON.parse(text));

/** Built from settings and the request alone: nothing is read before the modal is open. A prompt is never cut. */
export function runModal(
  settings: Settings,
  {
    channelId,
    prompt = "",
    edition = 0,
    repositories = [],
  }: Metadata & { prompt?: string; edition?: number; repositories?: readonly string[] },
): types.ModalView {
  const deliveries = Object.entries(DELIVERIES).map(([value, { choice: label, meaning }]) =>
    choice(value, label, meaning),
  );
  return {
    type: "modal",
    callback_id: RUN_MODAL,
    private_metadata: JSON.stringify({ channelId } satisfies Metadata),
    title: plain("Run Cody", LIMITS.modalTitle),
    submit: plain("Run", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      templateInput,
      ...promptInputs(prompt.trim(), edition),
      input(
        FIELDS.repositories,
        "Repositories",
        {
          type: "multi_external_select",
          action_id: REPOSITORIES_ACTION,
          min_query_length: 0,
          max_selected_items: MAX_REPOSITORIES,
          placeholder: plain("Type a name, an owner, a topic or a language", LIMITS.placeholder),
          ...(repositories.length > 0 && { initial_options: repositories.map((name) => choice(name, name)) }),
        },
        { hint: `Up to ${MAX_REPOSITORIES}.`, followed: true },
      ),
      estimateBlock(""),
      input(FIELDS.delivery, "When a repository is done", {
        type: "radio_buttons",
        action_id: FIELDS.delivery,
        options: deliveries,
        initial_option: deliveries.find(({ value }) => value === (settings.defaultDelivery ?? "open-pr"))!,
      }),
      input(
        FIELDS.mayChangeCi,
        "What it may touch",
        {
          type: "checkboxes",
          action_id: FIELDS.mayChangeCi,
          options: [choice("yes", CONSENT_LABEL, "Workflows, hooks, settings of editors and agents: as a draft")],
        },
        { optional: true },
      ),
      input(FIELDS.verifyCommand, "Check", line(FIELDS.verifyCommand, "npm test"), {
        hint: "A command that judges the change, without network and without secrets. Without one, or where it fails, the pull request is a draft.",
        optional: true,
      }),
      input(FIELDS.setupCommand, "Command that prepares the clone", line(FIELDS.setupCommand, "npm ci"), {
        hint: "Runs first, without secrets. It can read from package registries.",
        optional: true,
      }),
      input(FIELDS.baseBranch, "Base branch", line(FIELDS.baseBranch, "Each repository's default branch"), {
        optional: true,
      }),
      modelInput(settings),
      input(
        FIELDS.capUsd,
        "Cost limit in US dollars",
        {
          type: "number_input",
          action_id: FIELDS.capUsd,
          is_decimal_allowed: true,
          initial_value: `${DEFAULT_COST_LIMIT_USD}`,
        },
        { hint: "For all repositories and rounds together." },
      ),
      input(
        FIELDS.saveAs,
        "Save this prompt as",
        { ...line(FIELDS.saveAs, "Raise log4j"), max_length: MAX_TEMPLATE_NAME },
        { hint: "For the whole workspace; your own of that name is replaced.", optional: true },
      ),
    ],
  };
}
