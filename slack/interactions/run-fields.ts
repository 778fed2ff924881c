import { z } from "zod";
import type { JobOptions } from "../../packages/jobs/job.ts";
import { SlackFile } from "../read-file.ts";
import { PROMPT } from "./run-prompt.ts";

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
  fixChecks: "fix-checks",
  tellDirectly: "tell-directly",
  attached: "attached",
  /** Not a field: it says what the choice may cost. */
  estimate: "estimate",
  template: "template",
  /** Not a field: which saved job was chosen. */
  templateNote: "template-note",
  /** Not a field: what else can be done with it. */
  templateMore: "template-more",
  saveAs: "save-as",
} as const;
export const RUN_MODAL = "cody-run";
/** Slack asks for options by this id alone. */
export const REPOSITORIES_ACTION = "cody-repositories";

/** What is chosen in the form when it opens, or when a saved job is chosen in it. */
export type FormContent = {
  prompt?: string;
  repositories?: readonly string[];
  options?: Partial<JobOptions> | undefined;
  /** For the person, at the head of the form. */
  note?: string | undefined;
};

const Metadata = z.object({ channelId: z.string().min(1), files: z.array(SlackFile).optional() });
/** Travels with the modal: where the card of the job belongs, and the files of the message that became the prompt. */
export type Metadata = z.infer<typeof Metadata>;
export const readMetadata = (text: string): Metadata => Metadata.parse(JSON.parse(text));
