import type { App, BlockAction, types, ViewOutput } from "@slack/bolt";
import { DEFAULT_COST_LIMIT_USD } from "../../packages/jobs/job.ts";
import { resolveSettings } from "../../packages/jobs/resolve-settings.ts";
import { slackErrorOf } from "../../packages/notify/client.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createPastCosts, estimateOf } from "../estimate.ts";
import { whoOf } from "../listen.ts";
import { estimateBlock, FIELDS, REPOSITORIES_ACTION, RUN_MODAL } from "./run-modal.ts";
import { type ChosenRepository, isAboutRepository, repositoryBlocks } from "./run-repositories.ts";

const GONE = ["hash_conflict", "not_found"];

/** What the form says now, as far as an estimate needs it. */
function choiceOf({ state: { values } }: Pick<ViewOutput, "state">) {
  const repositories = values[FIELDS.repositories]?.[REPOSITORIES_ACTION]?.selected_options ?? [];
  const limit = Number(values[FIELDS.capUsd]?.[FIELDS.capUsd]?.value ?? Number.NaN);
  return {
    // A client that sends one twice is told so at the submit.
    names: [...new Set(repositories.map(({ value }) => value))],
    model: values[FIELDS.model]?.[FIELDS.model]?.selected_option?.value ?? "",
    capUsd: Number.isFinite(limit) ? limit : DEFAULT_COST_LIMIT_USD,
  };
}

/**
 * Follows what is chosen. Everything else in the form stays as the person has it: Slack keeps what stands in blocks
 * whose ids do not change. GitHub is asked about the person's rights already here: what is wrong is said at once, and the submit need not wait.
 */
export function listenToEstimate(app: App, deps: SlackDeps): void {
  const pastCosts = createPastCosts(deps);
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

  for (const actionId of [REPOSITORIES_ACTION, FIELDS.model])
    app.action<BlockAction>(actionId, async ({ ack, body, client, context }) => {
      await ack();
      const { view } = body;
      if (view?.callback_id !== RUN_MODAL) return;
      const who = whoOf(context);
      const { names, model, capUsd } = choiceOf(view);
      const [costs, lacking, chosen] = await Promise.all([
        pastCosts(who),
        lackingOf(who, names),
        Promise.all(names.map((name) => chosenOf(who, name))),
      ]);
      const sentence = [...lacking, estimateOf(costs, { repositories: names.length, model, capUsd })].join(" ");
      const { callback_id, private_metadata, title, submit, close } = view;
      const shown = client.views.update({
        view_id: view.id,
        hash: view.hash,
        view: {
          type: "modal",
          callback_id,
          private_metadata,
          title,
          ...(submit && { submit }),
          ...(close && { close }),
          blocks: (view.blocks as types.KnownBlock[])
            .filter(({ block_id = "" }) => !isAboutRepository(block_id))
            .flatMap((block) =>
              block.block_id === FIELDS.estimate ? [estimateBlock(sentence), ...repositoryBlocks(chosen)] : [block],
            ),
        },
      });
      await shown.catch((error: unknown) => {
        // The form has changed meanwhile, by a choice that comes with an estimate of its own or by a saved prompt, or its
        // person has closed it.
        if (!GONE.includes(slackErrorOf(error) ?? "")) throw error;
      });
    });
}
