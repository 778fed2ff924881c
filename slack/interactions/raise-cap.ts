import type { App, BlockButtonAction, types } from "@slack/bolt";
import { UserError } from "../../packages/jobs/errors.ts";
import { CostLimitUsd } from "../../packages/jobs/job.ts";
import { costLimitOf } from "../../packages/jobs/round.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { targetOf } from "../access.ts";
import { askForRound } from "../ask-round.ts";
import type { SlackDeps } from "../deps.ts";
import { createFormReader } from "../form-reader.ts";
import { onSubmit, openModal, type Values } from "../listen.ts";

export const RAISE_CAP_MODAL = "cody-raise-cap";
export const CAP_FIELD = "cap";

export const view = (value: string): types.ModalView => ({
  type: "modal",
  callback_id: RAISE_CAP_MODAL,
  private_metadata: value,
  title: plain("Raise the cost limit", LIMITS.modalTitle),
  submit: plain("Raise it", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [
    {
      type: "input",
      block_id: CAP_FIELD,
      label: plain("New cost limit in US dollars", LIMITS.label),
      hint: plain("For the whole job. What the cost limit stopped goes on where it stopped.", LIMITS.hint),
      element: { type: "number_input", action_id: CAP_FIELD, is_decimal_allowed: true, focus_on_load: true },
    },
  ],
});

export function parse(values: Values): number {
  const { errors, number, read } = createFormReader(values);
  const limit = read(CAP_FIELD, CostLimitUsd, number(CAP_FIELD));
  if (limit === undefined) throw new UserError(errors[CAP_FIELD]!);
  return limit;
}

export function listenToRaiseCap(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(ACTIONS.raiseCap, (args) =>
    openModal(args, args.body.trigger_id, view(args.action.value ?? "")),
  );
  onSubmit(
    app,
    RAISE_CAP_MODAL,
    () => CAP_FIELD,
    async ({ private_metadata, state }, who) => {
      const capUsd = parse(state.values);
      await askForRound(deps, targetOf(private_metadata).jobId, who, "raise-cap", ({ job, rounds }) => {
        const current = costLimitOf(job, rounds);
        if (capUsd <= current) throw new UserError(`The cost limit is $${current} already; name a higher one.`);
        return { kind: "raise-cap", capUsd };
      });
      return {};
    },
  );
}
