import type { App, BlockButtonAction, types } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { Prompt } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { offers } from "../../packages/jobs/offers.ts";
import { ROUNDS } from "../../packages/jobs/round.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { loadingModal, sentenceModal } from "../../packages/views/history/blocks.ts";
import { input, optionOf } from "../../packages/views/inputs.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { readOwnJob, targetOf } from "../access.ts";
import { askForFollowUp } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { onSubmit, openView, showRead, type Values, whoOf } from "../listen.ts";

export const FOLLOW_UP_MODAL = "cody-follow-up";
export const FOLLOW_UP_FIELDS = { prompt: "follow-up-prompt", repositories: "follow-up-repositories" } as const;
const TITLE = "Follow up";

/** The same as a reply in the job's thread, from wherever a person reads of the job. */
function followUpModal(record: JobRecord, value: string): types.ModalView {
  const { rounds, queue } = offers(record);
  const free = rounds.refine.map(({ repository }) => optionOf(repository, repository));
  // Chosen by hand: a person who sees that it still runs may rather wait for what comes of it.
  const options = [...free, ...queue.map((repository) => optionOf(repository, repository, "Begins when it has ended"))];
  return {
    type: "modal",
    callback_id: FOLLOW_UP_MODAL,
    private_metadata: value,
    title: plain(TITLE, LIMITS.modalTitle),
    submit: plain("Follow up", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      input(
        FOLLOW_UP_FIELDS.prompt,
        "What Cody should do next",
        { type: "plain_text_input", action_id: FOLLOW_UP_FIELDS.prompt, multiline: true, focus_on_load: true },
        { hint: "It goes on from what it did, on the same pull request." },
      ),
      input(FOLLOW_UP_FIELDS.repositories, "Repositories", {
        type: "checkboxes",
        action_id: FOLLOW_UP_FIELDS.repositories,
        options,
        ...(free.length > 0 && { initial_options: free }),
      }),
    ],
  };
}

function parse(values: Values): { prompt: string; repositories: string[] } {
  const said = (field: string) => values[field]?.[field];
  const prompt = Prompt.safeParse(said(FOLLOW_UP_FIELDS.prompt)?.value ?? "");
  if (!prompt.success) throw new UserError(prompt.error.issues[0]!.message);
  const chosen = said(FOLLOW_UP_FIELDS.repositories)?.selected_options ?? [];
  return { prompt: prompt.data, repositories: chosen.map(({ value }) => value ?? "") };
}

export function listenToFollowUp(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(ACTIONS.followUp, async (args) => {
    const { action, body, client, context } = args;
    const { id: view_id } = await openView(args, body.trigger_id, loadingModal(TITLE));
    const value = action.value ?? "";
    const saying = (sentence: string) => sentenceModal(TITLE, sentence);
    const read = async () => {
      const record = await readOwnJob(deps, targetOf(value).jobId, whoOf(context));
      const { rounds, queue } = offers(record);
      const isOpen = rounds.refine.length + queue.length > 0;
      return isOpen ? followUpModal(record, value) : saying(ROUNDS.refine.nothing);
    };
    await showRead(client, view_id, read, saying);
  });
  onSubmit(
    app,
    FOLLOW_UP_MODAL,
    () => FOLLOW_UP_FIELDS.prompt,
    async ({ private_metadata, state, id }, who) => {
      const request = parse(state.values);
      const { jobId } = targetOf(private_metadata);
      await askForFollowUp(deps, jobId, who, request, id);
      return {};
    },
  );
}
