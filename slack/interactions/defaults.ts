import type { App, BlockButtonAction, types } from "@slack/bolt";
import { z } from "zod";
import { CostLimitUsd, Delivery } from "../../packages/jobs/job.ts";
import type { PersonDefaults } from "../../packages/jobs/team.ts";
import { DEFAULTS_ACTIONS, DEFAULTS_FIELDS, defaultsInputs } from "../../packages/views/defaults-form.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { readHomeState } from "../../packages/views/history/home-state.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import type { SlackDeps } from "../deps.ts";
import { type FieldErrors, onSubmit, openView, sentenceFor, type Values, whoOf } from "../listen.ts";
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

type Chosen = Pick<PersonDefaults, "model" | "delivery" | "capUsd" | "tellDirectly">;

/** What is filled in, or all errors at once, each beside its field. */
function parse(values: Values, models: readonly { id: string }[]): { chosen: Chosen; errors: FieldErrors } {
  const errors: FieldErrors = {};
  function read<Value>(field: keyof Chosen, schema: z.ZodType<Value>, value: unknown) {
    if (value === undefined || value === null || value === "") return {};
    const result = schema.safeParse(value);
    if (result.success) return { [field]: result.data };
    errors[DEFAULTS_FIELDS[field]] = result.error.issues[0]!.message;
    return {};
  }
  const said = (field: keyof Chosen) => values[DEFAULTS_FIELDS[field]]?.[DEFAULTS_FIELDS[field]];
  const offered = z.enum(
    models.map(({ id }) => id),
    "This model is not offered any more: choose another one.",
  );
  const limit = said("capUsd")?.value?.trim();
  const chosen = {
    ...read("model", offered, said("model")?.selected_option?.value),
    ...read("delivery", Delivery, said("delivery")?.selected_option?.value),
    ...read("capUsd", CostLimitUsd, limit ? Number(limit) : undefined),
    ...((said("tellDirectly")?.selected_options?.length ?? 0) > 0 && { tellDirectly: true }),
  };
  return { chosen, errors };
}

export function listenToDefaults(app: App, deps: SlackDeps): void {
  app.action<BlockButtonAction>(DEFAULTS_ACTIONS.open, async (args) => {
    const { body, client, context: about } = args;
    const home = body.view?.private_metadata ?? "";
    const { id: view_id } = await openView(args, body.trigger_id, view(home, [context("Loading …")]));
    try {
      const defaults = await deps.store.readDefaults(whoOf(about));
      await client.views.update({ view_id, view: view(home, defaultsInputs(deps.settings.models, defaults), true) });
    } catch (error) {
      await client.views.update({ view_id, view: view(home, [context(sentenceFor(error))]) });
      throw error;
    }
  });

  onSubmit(
    app,
    DEFAULTS_MODAL,
    () => DEFAULTS_FIELDS.capUsd,
    async ({ state }, { teamId, userId }) => {
      const { chosen, errors } = parse(state.values, deps.settings.models);
      if (Object.keys(errors).length > 0) return errors;
      await deps.store.saveDefaults({ teamId, userId, ...chosen, savedAt: deps.now().toISOString() });
      return {};
    },
    (client, who, { private_metadata }) => publishHome(deps, client, who, readHomeState(private_metadata)),
  );
}
