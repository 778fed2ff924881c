import type { App, BlockAction, types } from "@slack/bolt";
import { galleryOptions } from "../../packages/gallery/gallery-job.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import { type Template, TemplateName } from "../../packages/jobs/team.ts";
import { clip } from "../../packages/text/cut.ts";
import { escaped } from "../../packages/views/text.ts";
import { mention, when } from "../../packages/views/who-and-when.ts";
import { keepAudit, keepRefusal } from "../audit.ts";
import type { Settings, SlackDeps, Who } from "../deps.ts";
import { decider, whoOf } from "../listen.ts";
import { editionOfFields } from "./editions.ts";
import { galleryWords } from "./gallery.ts";
import { asModal, choiceIn, choiceOf, contentIn } from "./run-choice.ts";
import { FIELDS, type FormContent, RUN_MODAL, readMetadata } from "./run-fields.ts";
import { type RunForm, withFittingEffort } from "./run-form.ts";
import { runModal } from "./run-modal.ts";
import { editionOf, isPromptField, promptInputs } from "./run-prompt.ts";
import {
  DELETE_TEMPLATE,
  galleryJobOf,
  isGalleryValue,
  scheduleOffer,
  startFromOptions,
  TEMPLATE_ACTION,
  templateNote,
} from "./run-start-from.ts";

const isAdmin = ({ settings }: Pick<SlackDeps, "settings">, { userId }: Who) => settings.admins.includes(userId);

/** A sentence beside the field when the name is another person's; undefined: saved. */
export async function saveTemplate(
  deps: SlackDeps,
  who: Who,
  job: Pick<Template, "name" | "prompt" | "repositories" | "options">,
): Promise<string | undefined> {
  const { teamId, userId: savedBy } = who;
  const template = { ...job, teamId, savedBy, savedAt: deps.now().toISOString() };
  const saved = await deps.store.saveTemplate(template, { anybodys: isAdmin(deps, who) });
  if (saved === "saved") return undefined;
  const sentence = `Another person saved a job as “${saved.name}”; choose another name.`;
  await keepRefusal(deps, who, { action: "save-prompt" }, new UserError(sentence));
  return sentence;
}

const NOTES: readonly (string | undefined)[] = [FIELDS.templateNote, FIELDS.templateMore];

/** Below the menu, in place of earlier ones. */
function withNote(view: types.ModalView, ...notes: types.KnownBlock[]): types.ModalView {
  const blocks = (view.blocks as types.KnownBlock[]).filter(({ block_id }) => !NOTES.includes(block_id));
  return {
    ...view,
    blocks: blocks.flatMap((block) => (block.block_id === FIELDS.template ? [block, ...notes] : [block])),
  };
}

/** An earlier release saved the prompt alone: everything else stays as the person has it. */
function withPrompt(view: types.ModalView, prompt: string): types.ModalView {
  const blocks = view.blocks as types.KnownBlock[];
  const inputs = promptInputs(prompt, editionOf(blocks) + 1);
  const isPrompt = ({ block_id = "" }: types.KnownBlock) => isPromptField(block_id);
  const first = blocks.find(isPrompt);
  return { ...view, blocks: blocks.flatMap((block) => (block === first ? inputs : isPrompt(block) ? [] : [block])) };
}

/** Everything that was saved, in fields of the next edition: Slack keeps what stands in a field whose id stays. */
function filledIn(
  settings: Settings,
  { view, content, takesFiles }: { view: types.ModalView; content: FormContent; takesFiles: boolean },
): types.ModalView {
  const blocks = view.blocks as types.KnownBlock[];
  const metadata = readMetadata(view.private_metadata!);
  const editions = { prompt: editionOf(blocks) + 1, fields: editionOfFields(blocks) + 1 };
  return {
    ...runModal(settings, { ...metadata, ...content, editions, takesFiles }),
    private_metadata: view.private_metadata!,
  };
}

/** Jobs that a workspace saved: to choose one in the form, and to delete it there. Saving is part of the submit. */
export function listenToTemplates(app: App, deps: SlackDeps, form: RunForm): void {
  app.options(TEMPLATE_ACTION, async ({ ack, options, context }) => {
    const saved = await deps.store.templatesOfTeam(whoOf(context).teamId);
    await ack({ option_groups: startFromOptions(saved, options.value ?? "") });
  });

  app.action<BlockAction>(TEMPLATE_ACTION, async ({ ack, body, client, context }) => {
    await ack();
    const { view } = body;
    if (view?.callback_id !== RUN_MODAL) return;
    const name = view.state.values[FIELDS.template]?.[TEMPLATE_ACTION]?.selected_option?.value;
    if (name === undefined) return;
    const who = whoOf(context);
    const shown = asModal(view);
    const fill = async (content: FormContent, ...notes: types.KnownBlock[]) => {
      const settings = await form.settingsFor(who);
      const fits = { ...content, options: withFittingEffort(settings, content.options ?? {}) };
      const filled = filledIn(settings, { view: shown, content: fits, takesFiles: deps.files.isGranted() });
      await show(withNote(filled, ...notes), choiceOf(settings, fits));
    };
    const show = (next: types.ModalView, choice = choiceIn(view.state.values)) =>
      form.show(client, who, { id: view.id, hash: view.hash, view: next, choice });
    const job = galleryJobOf(name);
    if (isGalleryValue(name) && job) {
      const { options, ...now } = contentIn(view.state.values);
      const content = { ...now, prompt: job.prompt, options: { ...options, ...galleryOptions(job) } };
      return fill(content, templateNote(galleryWords(job), { mayDelete: false }));
    }
    const template = await deps.store.readTemplate({ teamId: who.teamId, name });
    if (!template) {
      const gone = templateNote(`“${escaped(name)}” is not there any more.`, { mayDelete: false });
      return show(withNote(shown, gone));
    }
    const { savedBy, savedAt, prompt, repositories, options } = template;
    const note = templateNote(`“${escaped(template.name)}”, saved by ${mention(savedBy)}, ${when(savedAt)}`, {
      mayDelete: savedBy === who.userId || isAdmin(deps, who),
    });
    if (!repositories || !options) return show(withNote(withPrompt(shown, prompt), note));
    await fill({ prompt, repositories, options }, note, scheduleOffer(template.name));
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
      : `“${escaped(clip(name, 100))}” is deleted; what stands below stays until you change it.`;
    if (gone) await keepAudit(deps, who, { action: "delete-prompt", result: "done", sentence: name });
    if (left)
      await keepRefusal(deps, who, { action: "delete-prompt" }, new UserError(`“${name}” belongs to another person.`));
    await finish();
    const shown = withNote(asModal(view), templateNote(note, { mayDelete: false }));
    await form.show(client, who, { id: view.id, hash: view.hash, view: shown, choice: choiceIn(view.state.values) });
  });
}
