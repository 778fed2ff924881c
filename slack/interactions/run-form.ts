import { setTimeout as sleep } from "node:timers/promises";
import type { types, ViewOutput, webApi } from "@slack/bolt";
import { DEFAULT_COST_LIMIT_USD, type JobOptions } from "../../packages/jobs/job.ts";
import { resolveSettings } from "../../packages/jobs/resolve-settings.ts";
import type { PersonDefaults } from "../../packages/jobs/team.ts";
import { slackErrorOf } from "../../packages/notify/client.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createPastCosts, estimateOf } from "../estimate.ts";
import { type Opener, openView, type Values } from "../listen.ts";
import type { SlackFile } from "../read-file.ts";
import { editionOfBlock, fieldOf, valuesByField } from "./editions.ts";
import { estimateBlock, FIELDS, type FormContent, REPOSITORIES_ACTION, runModal } from "./run-modal.ts";
import { type Alone, aloneIn, type ChosenRepository, isAboutRepository, repositoryBlocks } from "./run-repositories.ts";

/** What the form says, as far as an estimate and the lines about each repository need it. */
type Choice = { names: string[]; model: string; capUsd: number; alone: (name: string) => Alone };

/** A form that is open, as Slack has it. */
type OpenForm = { id: string; hash: string | undefined; view: types.ModalView };

const GONE = ["hash_conflict", "not_found"];

/** The view of a click, to be shown again. */
export function asModal(view: ViewOutput): types.ModalView {
  const { callback_id, private_metadata, title, submit, close, blocks } = view as unknown as types.ModalView;
  return {
    type: "modal",
    callback_id: callback_id!,
    private_metadata: private_metadata!,
    title,
    ...(submit && { submit }),
    ...(close && { close }),
    blocks,
  };
}

/** What a form says now. */
export function choiceIn(typed: Values): Choice {
  const values = valuesByField(typed);
  const repositories = values[FIELDS.repositories]?.[REPOSITORIES_ACTION]?.selected_options ?? [];
  const limit = Number(values[FIELDS.capUsd]?.[FIELDS.capUsd]?.value ?? Number.NaN);
  return {
    // A client that sends one twice is told so at the submit.
    names: [...new Set(repositories.map(({ value }) => value))],
    model: values[FIELDS.model]?.[FIELDS.model]?.selected_option?.value ?? "",
    capUsd: Number.isFinite(limit) ? limit : DEFAULT_COST_LIMIT_USD,
    alone: (name) => aloneIn(values, name),
  };
}

/** What a form says that was filled in so. */
export const choiceOf = (
  { defaultModel }: { defaultModel: string },
  { repositories = [], options = {} }: FormContent,
): Choice => ({
  names: [...repositories],
  model: options.model ?? defaultModel,
  capUsd: options.capUsd ?? DEFAULT_COST_LIMIT_USD,
  alone: (name) => options.byRepository?.[name] ?? {},
});

/** A trigger lives for three seconds, of which Slack itself takes some. */
const DEFAULTS_MS = 1_000;

function chosenIn({ model, effort, delivery, capUsd, tellDirectly }: PersonDefaults): Partial<JobOptions> {
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort }),
    ...(delivery !== undefined && { delivery }),
    ...(capUsd !== undefined && { capUsd }),
    ...(tellDirectly && { tellDirectly }),
  };
}

const MAX_FORMS = 500;

/**
 * What this process has shown in each open form. Of two that follow one form the older one gives up, and a click that
 * was on its way while the form changed is followed from what it shows now. A form that another process has changed
 * comes with a hash that is not known here, and that one counts.
 */
function createShown() {
  const forms = new Map<string, { turn: number; hashes: readonly string[] }>();
  const learn = (id: string, hash: string | undefined) => {
    const { turn, hashes } = forms.get(id) ?? { turn: 0, hashes: [] };
    if (hash !== undefined && !hashes.includes(hash)) forms.set(id, { turn, hashes: [...hashes, hash] });
  };
  return {
    learn,
    begin(id: string, seen: string | undefined) {
      if (forms.size >= MAX_FORMS && !forms.has(id)) forms.clear();
      const { turn: before, hashes } = forms.get(id) ?? { turn: 0, hashes: [] };
      const turn = before + 1;
      forms.set(id, { turn, hashes });
      learn(id, seen);
      return { isNewest: () => forms.get(id)?.turn === turn, hash: () => forms.get(id)?.hashes.at(-1) };
    },
  };
}

/** The form of a new job: opened with what is known, and followed by what the choice in it means. */
export function createRunForm(deps: SlackDeps) {
  const pastCosts = createPastCosts(deps);
  const shown = createShown();
  const lackingOf = async (who: Who, names: readonly string[]) =>
    (await Promise.all(names.map((name) => deps.repositories.lacksRights(name, who)))).flatMap((lack) => lack ?? []);

  /** The same that Plan will resolve, but for what the form says. */
  async function chosenOf({ teamId }: Who, name: string): Promise<ChosenRepository> {
    const [saved, found] = await Promise.all([
      deps.store.readSettings({ teamId, repository: name }),
      deps.repositories.look(name),
    ]);
    return { name, settings: found && resolveSettings({ form: {}, saved: saved?.settings, ...found }) };
  }

  /**
   * Shows what a choice may cost and what will run. Everything else in the form stays as the person has it: Slack keeps
   * what stands in blocks whose ids do not change. GitHub is asked about the person's rights already here: what is wrong
   * is said at once, and the submit need not wait.
   */
  async function follow(client: webApi.WebClient, who: Who, form: OpenForm, choice: Choice) {
    const { id, view } = form;
    const turn = shown.begin(id, form.hash);
    const { names, model, capUsd, alone } = choice;
    const [costs, lacking, chosen] = await Promise.all([
      pastCosts(who),
      lackingOf(who, names),
      Promise.all(names.map((name) => chosenOf(who, name))),
    ]);
    if (!turn.isNewest()) return;
    const hash = turn.hash();
    const sentence = [...lacking, estimateOf(costs, { repositories: names.length, model, capUsd })].join(" ");
    const blocks = view.blocks as types.KnownBlock[];
    const repositories = blocks.find(({ block_id = "" }) => fieldOf(block_id) === FIELDS.repositories);
    const about = repositoryBlocks(
      chosen.map((one) => ({ ...one, alone: alone(one.name) })),
      editionOfBlock(repositories?.block_id ?? ""),
    );
    try {
      const answer = await client.views.update({
        view_id: id,
        ...(hash !== undefined && { hash }),
        view: {
          ...view,
          blocks: blocks
            .filter(({ block_id = "" }) => !isAboutRepository(block_id))
            .flatMap((block) => (block.block_id === FIELDS.estimate ? [estimateBlock(sentence), ...about] : [block])),
        },
      });
      shown.learn(id, answer.view?.hash);
    } catch (error) {
      // The form has changed meanwhile, by a choice that comes with an estimate of its own or by a saved job, or its
      // person has closed it.
      if (!GONE.includes(slackErrorOf(error) ?? "")) throw error;
    }
  }

  /** A person's own, within the time in which a form can still be opened; else the deployment's, and the form says so. */
  async function defaultsOf({ teamId, userId }: Who): Promise<Pick<FormContent, "options" | "note">> {
    try {
      const late = sleep(DEFAULTS_MS, "late" as const, { ref: false });
      const found = await Promise.race([deps.store.readDefaults({ teamId, userId }), late]);
      if (found === "unreadable")
        return { note: "Your own defaults could not be read: these are the deployment's. Save yours anew in Home." };
      if (found !== "late") return { options: found && chosenIn(found) };
    } catch (error) {
      deps.log(`defaults of ${userId}: ${error}`);
    }
    return { note: "Your own defaults could not be read just now: these are the deployment's." };
  }

  return {
    follow,

    /** In place of what the form shows. Repositories that are chosen in it then have their estimate right after. */
    async show(
      client: webApi.WebClient,
      who: Who,
      { id, hash, view, choice }: OpenForm & { choice: Choice },
    ): Promise<void> {
      shown.begin(id, hash);
      const answer = await client.views.update({ view_id: id, view });
      shown.learn(id, answer.view?.hash);
      if (choice.names.length > 0) await follow(client, who, { id, hash: undefined, view }, choice);
    },

    /** `whole`: prompt and files that are known only later; they take the place of the first ones. */
    async open(
      opener: Opener,
      {
        triggerId,
        who,
        channelId,
        prompt,
        files = [],
        whole,
      }: {
        triggerId: string;
        who: Who;
        channelId: string;
        prompt?: string;
        files?: readonly SlackFile[];
        whole?: () => Promise<{ prompt: string; files: readonly SlackFile[] } | undefined>;
      },
    ): Promise<void> {
      const repositories = prompt === undefined ? [] : deps.repositories.named(prompt, who);
      const takesFiles = deps.files.isGranted();
      const defaults = await defaultsOf(who);
      const content: FormContent = { ...defaults, ...(prompt !== undefined && { prompt }), repositories };
      const view = runModal(deps.settings, { channelId, ...content, files: [...files], takesFiles });
      const choice = choiceOf(deps.settings, content);
      const { id, hash } = await openView(opener, triggerId, view);
      const rest = await whole?.();
      if (rest && (rest.prompt !== prompt || rest.files.length > files.length)) {
        const longer = runModal(deps.settings, {
          channelId,
          ...content,
          prompt: rest.prompt,
          files: [...rest.files],
          editions: { prompt: 1 },
          takesFiles,
        });
        return this.show(opener.client, who, { id, hash, view: longer, choice });
      }
      if (choice.names.length > 0) await follow(opener.client, who, { id, hash, view }, choice);
    },
  };
}
export type RunForm = ReturnType<typeof createRunForm>;
