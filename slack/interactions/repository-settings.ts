import type { App, BlockButtonAction, types } from "@slack/bolt";
import { z } from "zod";
import { UserError } from "../../packages/jobs/errors.ts";
import { RepositoryName } from "../../packages/jobs/ids.ts";
import { RepositorySettings, RunLimits } from "../../packages/jobs/repository-settings.ts";
import type { SavedSettings } from "../../packages/jobs/team.ts";
import { context } from "../../packages/views/history/blocks.ts";
import { SETTINGS_ACTIONS, SETTINGS_FIELDS, settingsHead, settingsInputs } from "../../packages/views/settings-form.ts";
import { LIMITS, plain } from "../../packages/views/text.ts";
import { STALE } from "../access.ts";
import { audited } from "../audit.ts";
import type { SlackDeps, Who } from "../deps.ts";
import { createFormReader, withoutEmpty } from "../form-reader.ts";
import { type FieldErrors, onSubmit, openModal, openView, showRead, type Values, whoOf } from "../listen.ts";
import { TypedCommand } from "../typed-command.ts";
import { REPOSITORIES_ACTION } from "./run-fields.ts";

export const SETTINGS_MODAL = "cody-repository-settings";

const Metadata = z.object({ repository: RepositoryName, before: z.string().optional() });
const AFTER_LOADING: types.KnownBlock[] = [context("Loading …")];

function view(
  repository: string,
  shown: { saved?: SavedSettings | undefined; images?: readonly string[] | undefined; blocks?: types.KnownBlock[] },
): types.ModalView {
  const before = shown.saved?.savedAt;
  return {
    type: "modal",
    callback_id: SETTINGS_MODAL,
    private_metadata: JSON.stringify({ repository, ...(before && { before }) }),
    title: plain("Repository settings", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    ...(!shown.blocks && { submit: plain("Save", LIMITS.modalTitle) }),
    blocks: [settingsHead(repository), ...(shown.blocks ?? settingsInputs(shown.saved ?? {}, shown.images))],
  };
}

const CHOICE_MODAL = "cody-settings-choice";
export const CHOICE_FIELD = "settings-repository";
/** Any repository that Cody may use, also before its first job. */
const CHOICE: types.ModalView = {
  type: "modal",
  callback_id: CHOICE_MODAL,
  title: plain("Repository settings", LIMITS.modalTitle),
  submit: plain("Open", LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [
    {
      type: "input",
      block_id: CHOICE_FIELD,
      label: plain("Repository", LIMITS.label),
      hint: plain("What is saved counts in every job there. For people who may write to it, and admins.", LIMITS.hint),
      element: {
        type: "external_select",
        action_id: REPOSITORIES_ACTION,
        min_query_length: 0,
        placeholder: plain("Type a name, an owner, a topic or a language", LIMITS.placeholder),
      },
    },
  ],
};

const words = (text: string | undefined, between: RegExp) =>
  text
    ?.split(between)
    .map((word) => word.trim())
    .filter(Boolean);

/** Every field that is filled in, or all errors at once, each beside its field. */
function parse(values: Values, images: readonly string[]): { settings: RepositorySettings } | { errors: FieldErrors } {
  const { errors, hasErrors, text, number, chosen, read } = createFormReader(values);
  const fields = SETTINGS_FIELDS;
  const { shape } = RepositorySettings;
  const image = z.enum(images, "Choose an image of the list.").optional();
  const limits = withoutEmpty({
    turns: read(fields.turns, RunLimits.shape.turns, number(fields.turns)),
    minutes: read(fields.minutes, RunLimits.shape.minutes, number(fields.minutes)),
    commandMinutes: read(fields.commandMinutes, RunLimits.shape.commandMinutes, number(fields.commandMinutes)),
  });
  const settings = {
    check: read(fields.check, TypedCommand, text(fields.check)),
    setup: read(fields.setup, TypedCommand, text(fields.setup)),
    toolchains: read(fields.toolchains, shape.toolchains, words(text(fields.toolchains)?.toLowerCase(), /[,\s]+/)),
    image: read(fields.image, image, chosen(fields.image)),
    baseBranch: read(fields.baseBranch, shape.baseBranch, text(fields.baseBranch)),
    reviewers: read(fields.reviewers, shape.reviewers, words(text(fields.reviewers)?.replaceAll("@", ""), /[,\s]+/)),
    labels: read(fields.labels, shape.labels, words(text(fields.labels), /,/)),
    protectedPaths: read(fields.protectedPaths, shape.protectedPaths, words(text(fields.protectedPaths), /\n/)),
    instructions: read(fields.instructions, shape.instructions, text(fields.instructions)),
    limits: Object.keys(limits).length > 0 ? limits : undefined,
  };
  return hasErrors() ? { errors } : { settings: withoutEmpty(settings) };
}

/** What is saved here runs in all jobs of the workspace there: for people whose login GitHub lets write, and for admins. */
async function refusalOf(deps: SlackDeps, who: Who, repository: string): Promise<string | undefined> {
  if (deps.settings.admins.includes(who.userId)) return undefined;
  return (
    deps.repositories.refusal(repository, who) ??
    (deps.repositories.loginOf(who) === undefined
      ? "Cody does not know your GitHub login, so it cannot ask whether you may write to this repository. Ask an admin to save this, or to name you in CODY_PEOPLE."
      : await deps.repositories.lacksRights(repository, who))
  );
}

const OVERTAKEN =
  "Another person has saved other settings since you opened these: close this, open it again, and change those.";

export function listenToRepositorySettings(app: App, deps: SlackDeps): void {
  const { images = [] } = deps.settings;
  app.action<BlockButtonAction>(SETTINGS_ACTIONS.open, async (args) => {
    const { ack, action, body, client, context } = args;
    const repository = RepositoryName.safeParse(action.value).data;
    if (!repository) {
      await ack();
      throw new UserError(STALE);
    }
    const { id } = await openView(args, body.trigger_id, view(repository, { blocks: AFTER_LOADING }));
    const { teamId } = whoOf(context);
    await showRead(
      client,
      id,
      async () => view(repository, { saved: await deps.store.readSettings({ teamId, repository }), images }),
      (sentence) => view(repository, { blocks: [{ type: "section", text: plain(sentence, LIMITS.section) }] }),
    );
  });

  // Slack itself shows the next modal in place of the choice.
  app.action<BlockButtonAction>(SETTINGS_ACTIONS.choose, (args) => openModal(args, args.body.trigger_id, CHOICE));
  app.view(CHOICE_MODAL, async ({ ack, view: { state }, context }) => {
    const chosen = state.values[CHOICE_FIELD]?.[REPOSITORIES_ACTION]?.selected_option?.value;
    const repository = RepositoryName.safeParse(chosen);
    const who = whoOf(context);
    const refusal = repository.success
      ? await refusalOf(deps, who, repository.data)
      : "Choose a repository of the list, or type its full name.";
    if (refusal || !repository.success)
      return ack({ response_action: "errors", errors: { [CHOICE_FIELD]: refusal ?? "" } });
    const saved = await deps.store.readSettings({ teamId: who.teamId, repository: repository.data });
    await ack({ response_action: "update", view: view(repository.data, { saved, images }) });
  });

  onSubmit(
    app,
    SETTINGS_MODAL,
    () => SETTINGS_FIELDS.check,
    async ({ private_metadata, state }, who) => {
      const { repository, before } = Metadata.parse(JSON.parse(private_metadata));
      const submitted = parse(state.values, images);
      if ("errors" in submitted) return submitted.errors;
      const { settings } = submitted;
      const what = { action: "save-settings" as const, repositories: [repository] };
      const { teamId, userId: savedBy } = who;
      await audited(deps, who, what, async () => {
        const refusal = await refusalOf(deps, who, repository);
        if (refusal) throw new UserError(refusal);
        const row = { teamId, repository, settings, savedBy, savedAt: deps.now().toISOString() };
        const saved = await deps.store.saveSettings(row, before);
        if (saved !== "saved") throw new UserError(OVERTAKEN);
      });
      return {};
    },
  );
}
