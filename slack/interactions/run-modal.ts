import type { types } from "@slack/bolt";
import { MAX_ATTACHMENTS } from "../../packages/jobs/attachment.ts";
import { MAX_TEMPLATE_NAME } from "../../packages/jobs/team.ts";
import { listed } from "../../packages/text/lists.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { input, line } from "../../packages/views/inputs.ts";
import { escaped, LIMITS, plain } from "../../packages/views/text.ts";
import type { Settings } from "../deps.ts";
import { nameOfFile, type SlackFile } from "../read-file.ts";
import { inEdition } from "./editions.ts";
import { FIELDS, type FormContent, type Metadata, RUN_MODAL } from "./run-fields.ts";
import {
  commandInputs,
  consentInput,
  costLimitInput,
  deliveryInput,
  fixChecksInput,
  repositoriesInput,
  tellInput,
} from "./run-inputs.ts";
import { effortInput, modelInput } from "./run-model.ts";
import { promptInputs } from "./run-prompt.ts";
import { repositoryBlocks } from "./run-repositories.ts";
import { startFromInput } from "./run-start-from.ts";

const attachedInput = input(
  FIELDS.attached,
  "Files",
  { type: "file_input", action_id: FIELDS.attached, max_files: MAX_ATTACHMENTS },
  { hint: "Images (PNG, JPEG, GIF, WebP) and text files that explain the task: the model reads them.", optional: true },
);

const saveAsInput = input(
  FIELDS.saveAs,
  "Save this job as",
  { ...line(FIELDS.saveAs, "Raise log4j"), max_length: MAX_TEMPLATE_NAME },
  { hint: "All of this form, for the whole workspace; your own of that name is replaced.", optional: true },
);

/** Below the repositories; empty before one is chosen. */
export const estimateBlock = (sentence: string): types.ContextBlock => ({
  type: "context",
  block_id: FIELDS.estimate,
  elements: [plain(sentence || "The estimate follows your choice.", LIMITS.section)],
});

function carriedNote(files: readonly SlackFile[], takesFiles: boolean): types.ContextBlock {
  const names = listed(files.map(nameOfFile));
  const words = takesFiles
    ? `Files of the message go along: ${names}.`
    : `Files of the message do not go along: ${names}. The people who run Cody give its app the scope files:read.`;
  return { type: "context", block_id: "carried-files", elements: [plain(words, LIMITS.section)] };
}

/** What a saved job fills in anew. */
function fieldsOf(settings: Settings, { repositories = [], options = {} }: FormContent): types.KnownBlock[] {
  const alone = options.byRepository ?? {};
  return [
    repositoriesInput(repositories),
    estimateBlock(""),
    // At once, not with the estimate: a submit right after this keeps what was saved for one repository alone.
    ...(Object.keys(alone).length > 0
      ? repositoryBlocks(repositories.map((name) => ({ name, settings: undefined, alone: alone[name] ?? {} })))
      : []),
    deliveryInput(options.delivery ?? settings.defaultDelivery ?? "open-pr"),
    consentInput(options),
    ...commandInputs(options),
    modelInput(settings, options.model),
    effortInput(options.effort),
    costLimitInput(options),
    fixChecksInput(options),
    tellInput(options),
  ];
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
    editions = {},
    takesFiles = false,
    ...content
  }: Metadata & FormContent & { editions?: { prompt?: number; fields?: number }; takesFiles?: boolean },
): types.ModalView {
  const { prompt = "", note } = content;
  const carried = takesFiles ? files : [];
  return {
    type: "modal",
    callback_id: RUN_MODAL,
    private_metadata: JSON.stringify({ channelId, ...(carried.length > 0 && { files: carried }) } satisfies Metadata),
    title: plain("Run Cody", LIMITS.modalTitle),
    submit: plain("Run", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      ...(note === undefined ? [] : [context(escaped(note))]),
      startFromInput,
      ...promptInputs(prompt.trim(), editions.prompt),
      ...(takesFiles ? [attachedInput] : []),
      ...(files.length > 0 ? [carriedNote(files, takesFiles)] : []),
      ...fieldsOf(settings, content).map((block) =>
        block.type === "input" ? { ...block, block_id: inEdition(block.block_id!, editions.fields ?? 0) } : block,
      ),
      saveAsInput,
    ],
  };
}
