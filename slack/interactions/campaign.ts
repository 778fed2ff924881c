import type { App, types } from "@slack/bolt";
import { z } from "zod";
import { emptyPlacesProblem } from "../../packages/gallery/places.ts";
import { CampaignDraft, CampaignLimitUsd, MergesForNext, StopAfter } from "../../packages/jobs/campaign.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { CampaignId, campaignIdOf } from "../../packages/jobs/ids.ts";
import { DEFAULT_COST_LIMIT_USD, JobOptions, Prompt } from "../../packages/jobs/job.ts";
import { MAX_TEMPLATE_NAME } from "../../packages/jobs/team.ts";
import { clip } from "../../packages/text/cut.ts";
import { firstLine } from "../../packages/text/lines.ts";
import { dollars } from "../../packages/text/money.ts";
import {
  BY_PERSON,
  CAMPAIGN_FIELDS,
  CAMPAIGN_JOB_ACTION,
  campaignInputs,
  campaignPreview,
} from "../../packages/views/campaign-form.ts";
import { sentenceModal } from "../../packages/views/history/blocks.ts";
import { optionOf } from "../../packages/views/inputs.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { mustBeAllowedToStart } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createFormReader } from "../form-reader.ts";
import { decider, type FieldErrors, type Opener, openModal, sentenceFor, type Values, whoOf } from "../listen.ts";
import { withFittingEffort } from "./run-form.ts";
import { defaultsOf } from "./run-opening.ts";

const CAMPAIGN_MODAL = "cody-campaign";
const START_MODAL = "cody-campaign-start";
const TITLE = "Start a campaign";

const formOf = (channelId: string, prompt: string): types.ModalView => ({
  type: "modal",
  callback_id: CAMPAIGN_MODAL,
  private_metadata: channelId,
  title: plain(TITLE, LIMITS.modalTitle),
  submit: plain("Next", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: campaignInputs(prompt),
});

const previewOf = (draft: CampaignDraft): types.ModalView => ({
  type: "modal",
  callback_id: START_MODAL,
  private_metadata: draft.campaignId,
  title: plain(TITLE, LIMITS.modalTitle),
  submit: plain("Start", LIMITS.modalTitle),
  close: plain("Back", LIMITS.modalTitle),
  blocks: campaignPreview(draft),
});

/** `/cody campaign`. */
export const openCampaignForm = (opener: Opener, triggerId: string, channelId: string) =>
  openModal(opener, triggerId, formOf(channelId, ""));

type Task = Pick<CampaignDraft, "name" | "prompt" | "options">;

/** What a saved job says, or a prompt with the person's own defaults. @throws UserError about the saved job. */
async function taskOf(deps: SlackDeps, who: Who, saved: string | undefined, prompt: string): Promise<Task> {
  const { models, defaultModel, defaultDelivery = "open-pr" } = deps.settings;
  if (saved === undefined) {
    const { options } = await defaultsOf(deps, who);
    const own = { model: defaultModel, delivery: defaultDelivery, capUsd: DEFAULT_COST_LIMIT_USD, ...options };
    const fitting = JobOptions.parse(withFittingEffort(deps.settings, own));
    const name = clip(firstLine(prompt).trim(), MAX_TEMPLATE_NAME);
    return { name, prompt, options: fitting };
  }
  const template = await deps.store.readTemplate({ teamId: who.teamId, name: saved });
  if (!template?.options)
    throw new UserError(`“${saved}” is not there any more, or was saved by an earlier release: save the job again.`);
  const { name, options } = template;
  if (!models.some(({ id }) => id === options.model))
    throw new UserError(`${options.model} is not offered any more: save the job with another model first.`);
  return { name, prompt: template.prompt, options };
}

/** What was asked for, or all errors at once, each beside its field. */
async function read(
  deps: SlackDeps,
  who: Who,
  values: Values,
): Promise<
  Omit<CampaignDraft, "campaignId" | "teamId" | "userId" | "channelId" | "createdAt"> | { errors: FieldErrors }
> {
  const { errors, hasErrors, text, number, chosen, read: field } = createFormReader(values);
  const fields = CAMPAIGN_FIELDS;
  const saved = values[fields.job]?.[CAMPAIGN_JOB_ACTION]?.selected_option?.value;
  const written = text(fields.prompt);
  if (saved !== undefined && written !== undefined)
    errors[fields.prompt] = "Choose a saved job or write a prompt, not both.";
  const prompt = saved === undefined ? field(fields.prompt, Prompt, written ?? "") : undefined;
  const empty = prompt && emptyPlacesProblem(prompt);
  if (empty) errors[fields.prompt] = empty;
  const selected = await deps.repositories.select(text(fields.repositories) ?? "", who);
  const repositories =
    selected.problem === undefined
      ? field(fields.repositories, CampaignDraft.shape.repositories, selected.names)
      : undefined;
  if (selected.problem !== undefined) errors[fields.repositories] = selected.problem;
  const next = chosen(fields.next);
  const asked = {
    firstWave: field(fields.firstWave, CampaignDraft.shape.firstWave, Number(chosen(fields.firstWave))),
    waveSize: field(fields.waveSize, CampaignDraft.shape.waveSize, Number(chosen(fields.waveSize))),
    merges: next === BY_PERSON ? undefined : field(fields.next, MergesForNext, Number(next)),
    stopAfter: field(fields.stopAfter, StopAfter, number(fields.stopAfter)),
    costLimitUsd: field(fields.limit, CampaignLimitUsd, number(fields.limit)),
  };
  if (hasErrors()) return { errors };
  const task = await taskOf(deps, who, saved, prompt ?? "").catch((error: unknown) => {
    if (error instanceof UserError) return { errors: { [fields.job]: error.message } };
    throw error;
  });
  if ("errors" in task) return task;
  const { capUsd } = task.options;
  if (asked.costLimitUsd! < capUsd)
    return {
      errors: {
        [fields.limit]: `The job of a wave may cost ${dollars(capUsd)}: with less than that none would start.`,
      },
    };
  const { merges, ...rest } = asked;
  return {
    ...task,
    repositories: repositories!,
    firstWave: rest.firstWave!,
    waveSize: rest.waveSize!,
    stopAfter: rest.stopAfter!,
    costLimitUsd: rest.costLimitUsd!,
    ...(merges !== undefined && { merges }),
  };
}

/** A form, then what it means, then the start: the row of the campaign, and the timer starts its waves. */
export function listenToCampaign(app: App, deps: SlackDeps): void {
  app.options(CAMPAIGN_JOB_ACTION, async ({ ack, options, context }) => {
    const query = (options.value ?? "").trim().toLowerCase();
    const saved = await deps.store.templatesOfTeam(whoOf(context).teamId);
    const fitting = saved.filter(({ name, prompt }) => `${name}\n${prompt}`.toLowerCase().includes(query));
    await ack({
      options: fitting.slice(0, LIMITS.options).map(({ name, prompt }) => optionOf(name, name, firstLine(prompt))),
    });
  });

  app.view(CAMPAIGN_MODAL, async ({ ack, view, context }) => {
    const { who, finish } = decider(context);
    try {
      const asked = await read(deps, who, view.state.values);
      if ("errors" in asked) return await ack({ response_action: "errors", errors: asked.errors });
      const { teamId, userId } = who;
      const draft: CampaignDraft = {
        campaignId: campaignIdOf({ teamId, viewId: view.id }),
        teamId,
        userId,
        // A message in the channel would show it to more people than may read it.
        channelId: deps.readRights.readers === "requester" ? userId : z.string().min(1).parse(view.private_metadata),
        createdAt: deps.now().toISOString(),
        ...asked,
      };
      await deps.store.saveCampaignDraft(draft);
      await ack({ response_action: "push", view: previewOf(draft) });
    } catch (error) {
      await ack({ response_action: "errors", errors: { [CAMPAIGN_FIELDS.repositories]: sentenceFor(error) } });
      if (!(error instanceof UserError)) throw error;
    } finally {
      await finish();
    }
  });

  app.view(START_MODAL, async ({ ack, view, context }) => {
    const { who, finish } = decider(context);
    try {
      await start(deps, who, CampaignId.parse(view.private_metadata));
      await ack({ response_action: "clear" });
    } catch (error) {
      await ack({ response_action: "update", view: sentenceModal(TITLE, sentenceFor(error)) });
      if (!(error instanceof UserError)) throw error;
    } finally {
      await finish();
    }
  });
}

async function start(deps: SlackDeps, who: Who, campaignId: string): Promise<void> {
  await audited(deps, who, { action: "campaign", sentence: campaignId }, async () => {
    const draft = await deps.store.readCampaignDraft(campaignId);
    if (!draft || draft.userId !== who.userId || draft.teamId !== who.teamId)
      throw new UserError("This form is too old: fill it in again with `/cody campaign`.");
    mustBeAllowedToStart(deps, who, draft.channelId);
    await deps.store.insertCampaign({ ...draft, createdAt: deps.now().toISOString() });
    who.afterAck?.(() => deps.startSoon({ campaignId }));
  });
}
