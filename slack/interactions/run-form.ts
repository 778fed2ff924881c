import type { webApi } from "@slack/bolt";
import { modelOf, takesEffort } from "../../packages/agent/models.ts";
import { UserError } from "../../packages/jobs/errors.ts";
import type { JobOptions } from "../../packages/jobs/job.ts";
import { loadingModal, sentenceModal } from "../../packages/views/history/blocks.ts";
import type { Settings, SlackDeps, Who } from "../deps.ts";
import { createPastCosts } from "../estimate.ts";
import { type Opener, openView, sentenceFor } from "../listen.ts";
import type { SlackFile } from "../read-file.ts";
import { choiceOf } from "./run-choice.ts";
import type { FormContent } from "./run-fields.ts";
import { createFollow, type OpenForm } from "./run-follow.ts";
import { runModal } from "./run-modal.ts";
import { defaultsOf, settingsWithCosts } from "./run-opening.ts";

const DIRECT = "The card comes to you directly: here a job is read by the person who starts it and by admins alone.";

type Opening = {
  triggerId: string;
  who: Who;
  channelId: string;
  prompt?: string;
  files?: readonly SlackFile[];
  /** Prompt and files that are known only later; they take the place of the first ones. */
  whole?: () => Promise<{ prompt: string; files: readonly SlackFile[] } | undefined>;
};

const FORM_TITLE = "Run Cody";
type Filled = Pick<Opening, "triggerId" | "who" | "channelId"> & { content: () => Promise<FormContent> };

/** Without an effort that the model does not take: a job that others wrote knows nothing of a person's model. */
export function withFittingEffort(
  { defaultModel }: Pick<Settings, "defaultModel">,
  options: Partial<JobOptions>,
): Partial<JobOptions> {
  const { effort, ...others } = options;
  const takes = effort !== undefined && takesEffort(modelOf(options.model ?? defaultModel), effort);
  return takes ? options : others;
}

/** The form of a new job: opened with what is known, and followed by what the choice in it means. */
export function createRunForm(deps: SlackDeps) {
  const pastCosts = createPastCosts(deps);
  const { follow, show } = createFollow(deps, pastCosts);

  /** The form with this content, in place of what an open view shows. */
  const fill = (
    client: webApi.WebClient,
    who: Who,
    open: Omit<OpenForm, "view">,
    settings: Settings,
    content: Omit<Parameters<typeof runModal>[1], "takesFiles">,
  ) => {
    const view = runModal(settings, { ...content, takesFiles: deps.files.isGranted() });
    return show(client, who, { ...open, view, choice: choiceOf(settings, content) });
  };

  const settingsFor = (who: Who): Promise<Settings> => settingsWithCosts(deps, pastCosts(who));
  const namedIn = async (text: string | undefined, who: Who) => (text ? deps.repositories.named(text, who) : []);

  /** With a person's own defaults; what is given goes before them. */
  async function contentFor(who: Who, { prompt, options, note }: Omit<FormContent, "repositories">) {
    const [settings, defaults, repositories] = await Promise.all([
      settingsFor(who),
      defaultsOf(deps, who),
      namedIn(prompt, who),
    ]);
    const notes = [note, defaults.note, deps.readRights.readers === "requester" ? DIRECT : undefined].filter(Boolean);
    const content: FormContent = {
      ...(notes.length > 0 && { note: notes.join(" ") }),
      ...(prompt !== undefined && { prompt }),
      options: withFittingEffort(settings, { ...defaults.options, ...options }),
      repositories,
    };
    return { settings, content };
  }

  return {
    follow,
    show,
    settingsFor,

    /** In place of another view that is open. */
    async replace(
      client: webApi.WebClient,
      who: Who,
      open: Omit<OpenForm, "view">,
      { channelId, ...given }: { channelId: string } & FormContent,
    ): Promise<void> {
      const { settings, content } = await contentFor(who, given);
      await fill(client, who, open, settings, { channelId, ...content });
    },

    /** With what something else asks for. It is read after a form has opened: a trigger lives for three seconds. */
    async openFilled(opener: Opener, { triggerId, who, channelId, content }: Filled): Promise<void> {
      const { id } = await openView(opener, triggerId, loadingModal(FORM_TITLE));
      try {
        const [settings, filled] = await Promise.all([settingsFor(who), content()]);
        await fill(opener.client, who, { id, hash: undefined }, settings, { channelId, ...filled });
      } catch (error) {
        await opener.client.views.update({ view_id: id, view: sentenceModal(FORM_TITLE, sentenceFor(error)) });
        if (!(error instanceof UserError)) throw error;
      }
    },

    /** With the repositories that its prompt names. */
    async open(opener: Opener, { triggerId, who, channelId, prompt, files = [], whole }: Opening): Promise<void> {
      const { settings, content } = await contentFor(who, { ...(prompt !== undefined && { prompt }) });
      const takesFiles = deps.files.isGranted();
      const view = runModal(settings, { channelId, ...content, files: [...files], takesFiles });
      const { id, hash } = await openView(opener, triggerId, view);
      const rest = await whole?.();
      if (rest && (rest.prompt !== prompt || rest.files.length > files.length)) {
        const later = { ...content, prompt: rest.prompt, repositories: await namedIn(rest.prompt, who) };
        // Only what differs stands in other fields: the rest stays as the person has it.
        const isSame = later.repositories.join() === content.repositories?.join();
        const editions = { prompt: 1, fields: isSame ? 0 : 1 };
        const longer = { channelId, ...later, files: [...rest.files], editions };
        return fill(opener.client, who, { id, hash }, settings, longer);
      }
      const choice = choiceOf(settings, content);
      if (choice.names.length > 0) await follow(opener.client, who, { id, hash, view }, choice);
    },
  };
}
export type RunForm = ReturnType<typeof createRunForm>;
