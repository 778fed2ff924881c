import type { App, BlockAction, types, ViewOutput, webApi } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { type Template, TemplateName } from "../../packages/jobs/team.ts";
import { clip } from "../../packages/text/cut.ts";
import { firstLine } from "../../packages/text/lines.ts";
import { escaped, LIMITS, plain } from "../../packages/views/text.ts";
import { mention, when } from "../../packages/views/who-and-when.ts";
import { keepAudit, keepRefusal } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { decider, whoOf } from "../listen.ts";
import {
  DELETE_TEMPLATE,
  editionOf,
  FIELDS,
  isPromptField,
  promptInputs,
  RUN_MODAL,
  TEMPLATE_ACTION,
  templateNote,
} from "./run-modal.ts";

const isAdmin = ({ settings }: Pick<SlackDeps, "settings">, { userId }: Who) => settings.admins.includes(userId);

/** A sentence beside the field when the name is another person's; undefined: saved. */
export async function saveTemplate(
  deps: SlackDeps,
  who: Who,
  { name, prompt }: Pick<Template, "name" | "prompt">,
): Promise<string | undefined> {
  const { teamId, userId: savedBy } = who;
  const template = { teamId, name, prompt, savedBy, savedAt: deps.now().toISOString() };
  const saved = await deps.store.saveTemplate(template, { anybodys: isAdmin(deps, who) });
  if (saved === "saved") return undefined;
  const sentence = `Another person saved a prompt as “${saved.name}”; choose another name.`;
  await keepRefusal(deps, who, { action: "save-prompt" }, new UserError(sentence));
  return sentence;
}

const option = ({ name, prompt }: Template): types.PlainTextOption => ({
  text: plain(name, LIMITS.optionText),
  value: name,
  description: plain(firstLine(prompt), LIMITS.optionText),
});

/**
 * Their form as they have it, with other blocks at its head: the prompt's inputs, and a line about where they come
 * from. It comes in any case: an estimate that changed the form meanwhile follows the next choice again.
 */
async function showHead(
  client: webApi.WebClient,
  view: ViewOutput,
  note: types.SectionBlock,
  inputs?: types.InputBlock[],
) {
  const { callback_id, private_metadata, title, submit, close, blocks } = view as unknown as types.ModalView;
  const isHead = (block: types.KnownBlock) =>
    isPromptField(block.block_id ?? "") || block.block_id === FIELDS.templateNote;
  const kept = blocks as types.KnownBlock[];
  const rest = kept.filter((block) => !isHead(block) && block.block_id !== FIELDS.template);
  const select = kept.filter((block) => block.block_id === FIELDS.template);
  const prompts = inputs ?? kept.filter((block) => isPromptField(block.block_id ?? ""));
  await client.views.update({
    view_id: view.id,
    view: {
      type: "modal",
      callback_id: callback_id!,
      private_metadata: private_metadata!,
      title,
      ...(submit && { submit }),
      ...(close && { close }),
      blocks: [...select, note, ...prompts, ...rest],
    },
  });
}

/** Prompts that a workspace saved: to choose one in the form, and to delete it there. Saving is part of the submit. */
export function listenToTemplates(app: App, deps: SlackDeps): void {
  app.options(TEMPLATE_ACTION, async ({ ack, options, context }) => {
    const query = (options.value ?? "").trim().toLowerCase();
    const all = await deps.store.templatesOfTeam(whoOf(context).teamId);
    const found = all.filter(({ name, prompt }) => `${name}\n${prompt}`.toLowerCase().includes(query));
    await ack({ options: found.slice(0, LIMITS.options).map(option) });
  });

  app.action<BlockAction>(TEMPLATE_ACTION, async ({ ack, body, client, context }) => {
    await ack();
    const { view } = body;
    if (view?.callback_id !== RUN_MODAL) return;
    const name = view.state.values[FIELDS.template]?.[TEMPLATE_ACTION]?.selected_option?.value;
    if (name === undefined) return;
    const who = whoOf(context);
    const template = await deps.store.readTemplate({ teamId: who.teamId, name });
    if (!template)
      return showHead(client, view, templateNote(`“${escaped(name)}” is not there any more.`, { mayDelete: false }));
    const { savedBy, savedAt, prompt } = template;
    const note = templateNote(`“${escaped(template.name)}”, saved by ${mention(savedBy)}, ${when(savedAt)}`, {
      mayDelete: savedBy === who.userId || isAdmin(deps, who),
    });
    // Slack keeps what stands in a field whose id stays: a new text needs new ids.
    await showHead(client, view, note, promptInputs(prompt, editionOf(view.blocks) + 1));
  });

  app.action<BlockAction>(DELETE_TEMPLATE, async ({ ack, body, client, context }) => {
    await ack();
    const { view } = body;
    const chosen = view?.state.values[FIELDS.template]?.[TEMPLATE_ACTION]?.selected_option?.value;
    const name = TemplateName.safeParse(chosen).data;
    if (view?.callback_id !== RUN_MODAL || name === undefined) return;
    const { who, finish } = decider(context);
    const of = { teamId: who.teamId, name };
    const gone = await deps.store.deleteTemplate(of, { by: who.userId, anybodys: isAdmin(deps, who) });
    const left = gone ? undefined : await deps.store.readTemplate(of);
    const note = left
      ? `Only ${mention(left.savedBy)}, who saved it, or an admin may delete “${escaped(clip(name, 100))}”.`
      : `“${escaped(clip(name, 100))}” is deleted; the prompt below stays until you change it.`;
    if (gone) await keepAudit(deps, who, { action: "delete-prompt", result: "done", sentence: name });
    if (left)
      await keepRefusal(deps, who, { action: "delete-prompt" }, new UserError(`“${name}” belongs to another person.`));
    await finish();
    await showHead(client, view, templateNote(note, { mayDelete: false }));
  });
}
