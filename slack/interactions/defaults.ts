import type { App, BlockButtonAction, types } from "@slack/bolt";
import { z } from "zod";
import { effortRefusal, modelOf } from "../../packages/agent/models.ts";
import { CostLimitUsd, Delivery, Effort } from "../../packages/jobs/job.ts";
import type { PersonDefaults } from "../../packages/jobs/team.ts";
import { DEFAULTS_ACTIONS, DEFAULTS_FIELDS, defaultsInputs } from "../../packages/views/defaults-form.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { readHomeState } from "../../packages/views/history/home-state.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import type { Settings, SlackDeps } from "../deps.ts";
import { createFormReader, withoutEmpty } from "../form-reader.ts";
import { type FieldErrors, onSubmit, openView, showRead, type Values, whoOf } from "../listen.ts";
import { publishHome } from "./home.ts";

const DEFAULTS_MODAL = "cody-person-defaults";

/** `home`: what the Home below it shows, which says anew what the defaults are. */
const view = (home: string, blocks: types.KnownBlock[], maySave = false): types.ModalView => ({
  type: "modal",
  callback_id: DEFAULTS_MODAL,
  private_metadata: home,
  title: plain("Your defaults", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  ...(maySave && { submit: plain("Save", LIMITS.modalTitle) }),
  blocks,
});

/** What is filled in, or all errors at once, each beside its field. */
function parse(
  values: Values,
  { models, defaultModel }: Settings,
): { chosen: Partial<PersonDefaults> } | { errors: FieldErrors } {
  const { errors, hasErrors, number, chosen, isTicked, read } = createFormReader(values);
  const fields = DEFAULTS_FIELDS;
  const offered = z.enum(
    models.map(({ id }) => id),
    "This model is not offered any more: choose another one.",
  );
  const defaults = {
    model: read(fields.model, offered.optional(), chosen(fields.model)),
    effort: read(fields.effort, Effort.optional(), chosen(fields.effort)),
    delivery: read(fields.delivery, Delivery.optional(), chosen(fields.delivery)),
    capUsd: read(fields.capUsd, CostLimitUsd.optional(), number(fields.capUsd)),
    tellDirectly: isTicked(fields.tellDirectly),
  };
  const { model = defaultModel, effort } = defaults;
  const unfit = effort && effortRefusal(modelOf(model), effort);
  if (unfit) errors[fields.effort] = unfit;
  return hasErrors() ? { errors } : { chosen: withoutEmpty(defaults) };
}

export function listenToDefaults(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(DEFAULTS_ACTIONS.open, async (args) => {
    const { body, client, context: about } = args;
    const home = body.view?.private_metadata ?? "";
    const { id: view_id } = await openView(args, body.trigger_id, view(home, [context("Loading …")]));
    await showRead(
      client,
      view_id,
      async () => view(home, defaultsInputs(deps.settings.models, await deps.store.readDefaults(whoOf(about))), true),
      (sentence) => view(home, [context(sentence)]),
    );
  });

  onSubmit(
    app,
    DEFAULTS_MODAL,
    () => DEFAULTS_FIELDS.capUsd,
    async ({ state }, { teamId, userId }) => {
      const submitted = parse(state.values, deps.settings);
      if ("errors" in submitted) return submitted.errors;
      await deps.store.saveDefaults({ teamId, userId, ...submitted.chosen, savedAt: deps.now().toISOString() });
      return {};
    },
    (client, who, { private_metadata }) => publishHome(deps, client, who, readHomeState(private_metadata)),
  );
}
