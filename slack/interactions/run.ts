import type { App } from "@slack/bolt";
import { z } from "zod";
import { effortRefusal, modelOf } from "../../packages/agent/models.ts";
import { emptyPlacesProblem } from "../../packages/gallery/places.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { BranchName } from "../../packages/jobs/given-text.ts";
import { jobIdOf } from "../../packages/jobs/ids.ts";
import { CostLimitUsd, Delivery, Effort, type Job, JobOptions, Prompt, Repositories } from "../../packages/jobs/job.ts";
import { TemplateName } from "../../packages/jobs/team.ts";
import { mustBeAllowedToStart } from "../access.ts";
import { readFiles, readMessageFiles, storeFiles, toldOf } from "../attached-files.ts";
import { audited, keepingRefusals, keepRefusal } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createFormReader, withoutEmpty } from "../form-reader.ts";
import { type FieldErrors, onSubmit, type Values } from "../listen.ts";
import { SlackFile } from "../read-file.ts";
import { requesterNamed } from "../requester.ts";
import { TypedCommand } from "../typed-command.ts";
import { besideBlocks, valuesByField } from "./editions.ts";
import { FIELDS, REPOSITORIES_ACTION, RUN_MODAL, readMetadata } from "./run-fields.ts";
import { problemsOnGitHub } from "./run-problems.ts";
import { isPromptField, jointOf, partOf } from "./run-prompt.ts";
import { onlyField } from "./run-repositories.ts";
import { isGalleryValue } from "./run-start-from.ts";
import { saveTemplate } from "./templates.ts";

/** What a person asked for; who and where come from the submit. */
export type Draft = Pick<Job, "prompt" | "repositories" | "options">;

/** What the menu of saved jobs would take for a job of the gallery is no name of one. */
const OwnName = TemplateName.refine((name) => !isGalleryValue(name), "A name cannot begin so: choose another one.");

/** All errors at once, each beside its field. `refusal` knows the patterns and the cached list. */
export function parse(
  typed: Values,
  { models, refusal }: { models: readonly { id: string }[]; refusal: (repository: string) => string | undefined },
):
  | { draft: Draft; saveAs: string | undefined; errors?: undefined; refused?: undefined }
  | { draft?: undefined; saveAs?: undefined; errors: FieldErrors; refused?: string } {
  const values = valuesByField(typed);
  const { errors, hasErrors, text, number, chosen, isTicked, read } = createFormReader(values);
  const names = values[FIELDS.repositories]?.[REPOSITORIES_ACTION]?.selected_options?.map(({ value }) => value) ?? [];

  const prompt = read(promptFieldIn(values), Prompt, joined(values));
  const empty = prompt && emptyPlacesProblem(prompt);
  if (empty) errors[promptFieldIn(values)] = empty;
  const saveAs = read(FIELDS.saveAs, OwnName.optional(), text(FIELDS.saveAs));
  const repositories = read(FIELDS.repositories, Repositories, names);
  const options = {
    baseBranch: read(FIELDS.baseBranch, BranchName.optional(), text(FIELDS.baseBranch)),
    delivery: read(FIELDS.delivery, Delivery, chosen(FIELDS.delivery)),
    setupCommand: read(FIELDS.setupCommand, TypedCommand, text(FIELDS.setupCommand)),
    verifyCommand: read(FIELDS.verifyCommand, TypedCommand, text(FIELDS.verifyCommand)),
    model: read(
      FIELDS.model,
      z.enum(
        models.map(({ id }) => id),
        "Choose a model of the list.",
      ),
      chosen(FIELDS.model),
    ),
    effort: read(FIELDS.effort, Effort.optional(), chosen(FIELDS.effort)),
    capUsd: read(FIELDS.capUsd, CostLimitUsd, number(FIELDS.capUsd)),
    mayChangeCi: isTicked(FIELDS.mayChangeCi),
    fixChecks: isTicked(FIELDS.fixChecks),
    tellDirectly: isTicked(FIELDS.tellDirectly),
  };
  const { model, effort } = options;
  const unfit = model && effort && effortRefusal(modelOf(model), effort);
  if (unfit) errors[FIELDS.effort] = unfit;
  const alone = (repositories ?? []).flatMap((name) => {
    const own = (what: "check" | "setup") => {
      const field = onlyField(what, name);
      const value = read(field, TypedCommand, text(field));
      return value === undefined ? {} : { [what]: value };
    };
    const said = { ...own("check"), ...own("setup") };
    return Object.keys(said).length > 0 ? [[name, said] as const] : [];
  });
  const refused = (repositories ?? []).flatMap((name) => refusal(name) ?? []).join(" ");
  if (refused) errors[FIELDS.repositories] = refused;
  if (hasErrors()) return { errors: besideBlocks(errors, typed), ...(refused && { refused }) };
  const all = { ...options, ...(alone.length > 0 && { byRepository: Object.fromEntries(alone) }) };
  return {
    draft: { prompt: prompt!, repositories: repositories!, options: JobOptions.parse(withoutEmpty(all)) },
    saveAs,
  };
}

const joined = (values: Values) =>
  Object.keys(values)
    .filter(isPromptField)
    .toSorted((a, b) => partOf(a) - partOf(b))
    .map((field, i) => `${i === 0 ? "" : jointOf(field)}${values[field]?.[field]?.value ?? ""}`)
    .join("");

/** Errors about a prompt stand beside its first part. */
const promptFieldIn = (values: Values) =>
  Object.keys(values).find((field) => isPromptField(field) && partOf(field) === 1) ?? FIELDS.prompt;

/** What was attached in the form. Our types of Slack's values know no files. */
const filesIn = (values: Values): SlackFile[] => {
  const { files } = (values[FIELDS.attached]?.[FIELDS.attached] ?? {}) as { files?: unknown };
  return z.array(SlackFile).parse(files ?? []);
};

/** The one write of a submit. The same modal submitted again is the same job. */
async function submit(
  deps: SlackDeps,
  draft: Draft & Pick<Job, "attachments" | "leftOut">,
  from: { who: Who; channelId: string; jobId: string },
) {
  const { teamId, userId } = from.who;
  await deps.store.insertJob({
    jobId: from.jobId,
    teamId,
    userId,
    // A card in the channel would show the job to more people than may read it.
    channelId: deps.readRights.readers === "requester" ? userId : from.channelId,
    ...requesterNamed(from.who.name, deps.repositories.loginOf(from.who)),
    createdAt: deps.now().toISOString(),
    cancel: {},
    ...draft,
  });
}

export function listenToRun(app: App, deps: SlackDeps): void {
  onSubmit(app, RUN_MODAL, promptFieldIn, async (view, who) => {
    const { draft, saveAs, errors, refused } = parse(view.state.values, {
      models: deps.settings.models,
      refusal: (repository) => deps.repositories.refusal(repository, who),
    });
    if (refused) await keepRefusal(deps, who, { action: "submit" }, new UserError(refused));
    if (errors) return errors;
    const jobId = jobIdOf({ teamId: who.teamId, viewId: view.id });
    const { channelId, files = [] } = readMetadata(view.private_metadata);
    const attached = filesIn(view.state.values);
    const [against, chosen, carried] = await Promise.all([
      problemsOnGitHub(deps, who, draft),
      readFiles(deps, attached),
      readMessageFiles(deps, { files, beside: attached }),
    ]);
    const { repositories } = draft;
    const sentence = Object.values(against).join(" ");
    if (sentence) {
      await keepRefusal(deps, who, { action: "submit", repositories }, new UserError(sentence));
      return besideBlocks(against, view.state.values);
    }
    await keepingRefusals(deps, who, { action: "submit", repositories }, () =>
      mustBeAllowedToStart(deps, who, channelId),
    );
    if ("refusal" in chosen) return { [FIELDS.attached]: chosen.refusal };
    const taken = saveAs && (await saveTemplate(deps, who, { name: saveAs, ...draft }));
    if (taken) return { [FIELDS.saveAs]: taken };
    await audited(deps, who, { action: "submit", jobId, repositories }, async () => {
      const attachments = await storeFiles(deps, jobId, [...chosen.read, ...carried.read]);
      await submit(deps, { ...draft, ...toldOf(attachments, carried.leftOut) }, { who, channelId, jobId });
    });
    return {};
  });
}
