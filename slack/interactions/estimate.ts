import type { App, BlockAction } from "@slack/bolt";
import { whoOf } from "../listen.ts";
import { asModal, choiceIn } from "./run-choice.ts";
import { FIELDS, REPOSITORIES_ACTION, RUN_MODAL } from "./run-fields.ts";
import type { RunForm } from "./run-form.ts";

/** The estimate, and what will run in each repository, follow what is chosen. */
export function listenToEstimate(app: App, form: RunForm): void {
  for (const actionId of [REPOSITORIES_ACTION, FIELDS.model])
    app.action<BlockAction>(actionId, async ({ ack, action, body, client, context }) => {
      await ack();
      const { view } = body;
      if (view?.callback_id !== RUN_MODAL) return;
      const clickedAt = "action_ts" in action ? action.action_ts : undefined;
      const shown = { id: view.id, hash: view.hash, view: asModal(view), clickedAt };
      await form.follow(client, whoOf(context), shown, choiceIn(view.state.values));
    });
}
