import type { types, webApi } from "@slack/bolt";
import { slackErrorOf } from "../../packages/notify/client.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { type createPastCosts, estimateOf } from "../estimate.ts";
import { editionOfFields } from "./editions.ts";
import type { Choice } from "./run-choice.ts";
import { chosenRepository, lackingRights } from "./run-chosen.ts";
import { FIELDS } from "./run-fields.ts";
import { estimateBlock } from "./run-modal.ts";
import { isAboutRepository, repositoryBlocks } from "./run-repositories.ts";
import { createShownForms } from "./shown-forms.ts";

/** A form that is open, as Slack has it. */
export type OpenForm = { id: string; hash: string | undefined; view: types.ModalView };

const CHANGED = "hash_conflict";
const GONE = [CHANGED, "not_found"];

/** What an open form shows of what a person chooses in it. */
export function createFollow(deps: SlackDeps, pastCosts: ReturnType<typeof createPastCosts>) {
  const shown = createShownForms();

  /**
   * Shows what a choice may cost and what will run. Everything else in the form stays as the person has it: Slack keeps
   * what stands in blocks whose ids do not change. GitHub is asked about the person's rights already here: what is wrong
   * is said at once, and the submit need not wait. `clickedAt`: of the click that is followed; where another process has
   * shown what an older click means, the newest one is shown all the same.
   */
  async function follow(
    client: webApi.WebClient,
    who: Who,
    form: OpenForm & { clickedAt?: string | undefined },
    choice: Choice,
  ) {
    const { id, view, clickedAt } = form;
    const turn = shown.begin(id, form.hash);
    const { names, model, capUsd, alone } = choice;
    const blocks = view.blocks as types.KnownBlock[];
    const edition = editionOfFields(blocks);
    const of = { viewId: id, edition };
    const noted = clickedAt === undefined ? undefined : deps.store.noteFormClick(of, clickedAt);
    const [costs, lacking, chosen] = await Promise.all([
      pastCosts(who),
      lackingRights(deps, who, names),
      Promise.all(names.map((name) => chosenRepository(deps, who, name))),
      noted,
    ]);
    if (!turn.isNewest()) return;
    const sentence = [...lacking, estimateOf(costs, { repositories: names.length, model, capUsd })].join(" ");
    const about = repositoryBlocks(
      chosen.map((one) => ({ ...one, alone: alone(one.name) })),
      edition,
    );
    const update = async (hash: string | undefined) => {
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
    };
    // The form has changed meanwhile, by a choice that comes with an estimate of its own or by a saved job, or its
    // person has closed it.
    const whereGone = (error: unknown) => {
      if (!GONE.includes(slackErrorOf(error) ?? "")) throw error;
      return slackErrorOf(error);
    };
    const gone = await update(turn.hash()).catch(whereGone);
    if (gone !== CHANGED || clickedAt === undefined || !turn.isNewest()) return;
    if (await deps.store.isNewestFormClick(of, clickedAt)) await update(undefined).catch(whereGone);
  }

  /** In place of what the form shows. Repositories that are chosen in it then have their estimate right after. */
  async function show(
    client: webApi.WebClient,
    who: Who,
    { id, hash, view, choice }: OpenForm & { choice: Choice },
  ): Promise<void> {
    shown.begin(id, hash);
    const edition = editionOfFields(view.blocks as types.KnownBlock[]);
    if (edition > 0) await deps.store.noteFormReplaced({ viewId: id, edition: edition - 1 });
    const answer = await client.views.update({ view_id: id, view });
    shown.learn(id, answer.view?.hash);
    if (choice.names.length > 0) await follow(client, who, { id, hash: undefined, view }, choice);
  }

  return { follow, show };
}
