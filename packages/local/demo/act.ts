import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { choiceIn } from "../../../slack/interactions/run-choice.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../../slack/interactions/run-fields.ts";
import { withFittingEffort } from "../../../slack/interactions/run-form.ts";
import { promptField, promptParts } from "../../../slack/interactions/run-prompt.ts";
import { UserError } from "../../jobs/errors.ts";
import type { Person } from "../../stand-ins/slack/person.ts";
import type { Submitted } from "../../stand-ins/slack/submission.ts";
import { pathFrom } from "../path-from.ts";
import type { DemoOptions } from "./options.ts";

export type FileToAttach = { name: string; bytes: Buffer };

/** What a person does in Slack: type the command, fill in the modal, submit. The modal's own errors are a UserError. */
export async function submitJob(
  person: Person,
  options: DemoOptions,
  repositories: string[],
  attachments: readonly FileToAttach[] = [],
): Promise<void> {
  const [first = ""] = promptParts(options.prompt);
  const long = options.prompt !== first;
  const opened = await person.command(long ? `/cody ${options.prompt}` : "/cody");
  if (!opened.ok) throw new Error(`/cody: ${opened.error}`);
  const modal = await person.modal();
  const attached = attachments.map((file) => person.upload(file).id);
  const { model } = choiceIn(modal.view.state.values);
  const { effort } = withFittingEffort({ defaultModel: options.model ?? model }, { effort: options.effort });
  await modal.fill({
    ...(!long && { [promptField(0)]: options.prompt }),
    [REPOSITORIES_ACTION]: repositories,
    [FIELDS.delivery]: options.delivery,
    ...(attached.length > 0 && { [FIELDS.attached]: attached }),
    ...(options.setup && { [FIELDS.setupCommand]: options.setup }),
    ...(options.check && { [FIELDS.verifyCommand]: options.check }),
    ...(options.model && { [FIELDS.model]: options.model }),
    ...(effort && { [FIELDS.effort]: effort }),
    ...(options.allowCi && { [FIELDS.mayChangeCi]: ["yes"] }),
    ...(options.costLimit !== undefined && { [FIELDS.capUsd]: String(options.costLimit) }),
  });
  const submitted = await submitPatiently(modal);
  if ("errors" in submitted)
    throw new UserError(
      Object.entries(submitted.errors)
        .map(([field, sentence]) => `${field}: ${sentence}`)
        .join("\n"),
    );
  if ("error" in submitted) throw new Error(`The modal: ${submitted.error}`);
}

/** Slack waits three seconds and then asks to try again: the same form submitted again is the same job. */
async function submitPatiently(modal: { submit(): Promise<Submitted> }, tries = 3): Promise<Submitted> {
  const submitted = await modal.submit();
  return "error" in submitted && tries > 1 ? submitPatiently(modal, tries - 1) : submitted;
}

/** The files of `--attach`, from the folder where the command was typed. @throws UserError before anything starts. */
export const readAttachments = (paths: readonly string[], from: string): Promise<FileToAttach[]> =>
  Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await bytesOf(pathFrom(from, path)) })));

const bytesOf = (path: string) =>
  readFile(path).catch((error: unknown) => {
    throw new UserError(`--attach: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Name a file.`);
  });
