import type { Courier, DeliveryResult } from "./delivery.ts";
import { checkForm, type Element } from "./form.ts";
import type { Manifest } from "./manifest.ts";
import type { Modals } from "./modals.ts";
import { commonPayload, type ElementSource, sourcePayload } from "./payloads.ts";
import type { AnswerPlace, ResponseUrls } from "./response-urls.ts";
import { obey, type Submitted } from "./submission.ts";
import type { Triggers } from "./triggers.ts";
import { createTypeAhead } from "./type-ahead.ts";
import type { Received } from "./web-api/api.ts";
import { WebApiRefusal } from "./web-api/refusal.ts";
import { APP, type Block, type Channel, SLACKBOT, type SlackMessage, type SlackWorkspace, TEAM } from "./workspace.ts";

/** What a person sees happen: nothing special, or an error in Slack's words. */
export type InteractionResult = { ok: true } | { ok: false; error: string };

const TROUBLE = "We had some trouble connecting. Try again?";
const NOT_INTERACTIVE = "This app is not configured to handle interactive responses.";

/** Carries what people do to the app and shows them what comes of it. */
export function createInteractions(deps: {
  manifest: Manifest;
  workspace: SlackWorkspace;
  modals: Modals;
  triggers: Triggers;
  responses: ResponseUrls;
  courier: Courier;
  log: (line: string) => void;
  received: Received;
}) {
  const { manifest, workspace, modals, triggers, responses, courier, log } = deps;
  const common = (user: string) => commonPayload(workspace, user);
  const interact = (payload: Record<string, unknown>) => courier.send({ kind: "interactive", payload });
  const outcome = (delivery: DeliveryResult): InteractionResult =>
    delivery.acked ? { ok: true } : { ok: false, error: delivery.error };

  function tell(user: string, channel: string, text: string): InteractionResult {
    workspace.whisper(channel, user, { user: SLACKBOT, text });
    return { ok: false, error: text };
  }

  async function command(user: string, channel: Channel, line: string): Promise<InteractionResult> {
    const [, name = "", text = ""] = /^(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
    const known = manifest.features.slash_commands.some((each) => each.command === name);
    if (!known) return tell(user, channel.id, `${name} is not a valid command.`);
    const place: AnswerPlace = { user, channel: channel.id };
    const payload = {
      token: "deprecated",
      team_id: TEAM.id,
      team_domain: TEAM.domain,
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: user,
      user_name: workspace.user(user)!.handle,
      command: name,
      text,
      api_app_id: APP.id,
      is_enterprise_install: "false",
      response_url: responses.issue(place),
      trigger_id: triggers.issue(user),
    };
    const delivery = await courier.send({ kind: "slash_commands", payload });
    if (!delivery.acked) return tell(user, channel.id, `${name} failed with the error "${delivery.error}"`);
    const answer = delivery.body as { text?: string; blocks?: unknown };
    if (!answer?.text && !answer?.blocks) return { ok: true };
    try {
      responses.show(place, answer);
      return { ok: true };
    } catch (error) {
      if (!(error instanceof WebApiRefusal)) throw error;
      log(`slack refused the answer to ${name}: ${error.message}`);
      return tell(user, channel.id, `${name} failed with the error "${error.code}"`);
    }
  }

  /** A click on a button or a choice in a menu. `answer` is what the element adds to its action. */
  async function act(
    user: string,
    source: ElementSource,
    block: Block,
    element: Element,
    answer: object,
  ): Promise<InteractionResult> {
    if (!manifest.settings.interactivity?.is_enabled) return { ok: false, error: NOT_INTERACTIVE };
    const { text, value, style, url } = element;
    return outcome(
      await interact({
        ...common(user),
        type: "block_actions",
        ...sourcePayload(source),
        trigger_id: triggers.issue(user, source.kind === "modal"),
        ...(source.kind === "modal" && { state: source.view.state }),
        ...(source.kind === "message" && {
          state: { values: {} },
          response_url: responses.issue({
            user,
            channel: source.channel.id,
            source: { message: source.message, ephemeral: source.ephemeral },
          }),
        }),
        actions: [
          {
            type: element.type,
            action_id: element.action_id,
            block_id: block.block_id,
            ...(element.type === "button" && { text, value, style, url }),
            ...answer,
            action_ts: workspace.newTs(),
          },
        ],
      }),
    );
  }

  async function submit(user: string): Promise<Submitted> {
    const view = modals.top(user);
    if (!view?.submit) throw new Error("There is no modal open with a submit button.");
    const refusedHere = checkForm(view.blocks, view.state.values);
    if (Object.keys(refusedHere).length > 0) return { errors: refusedHere };
    const trigger_id = triggers.issue(user, true);
    const delivery = await interact({ ...common(user), type: "view_submission", trigger_id, view, response_urls: [] });
    if (!delivery.acked) return { error: TROUBLE };
    const { view: shown } = (delivery.body ?? {}) as { view?: unknown };
    if (shown !== undefined) deps.received({ by: "view_submission", view: shown });
    try {
      return obey(modals, user, view, delivery.body);
    } catch (error) {
      if (!(error instanceof WebApiRefusal)) throw error;
      log(`slack refused the answer to ${view.callback_id}: ${error.message}`);
      return { error: TROUBLE };
    }
  }

  async function close(user: string): Promise<void> {
    const view = modals.top(user);
    if (!view) return;
    if (view.clear_on_close) modals.clear(user);
    else modals.close(user);
    if (view.notify_on_close)
      await interact({ ...common(user), type: "view_closed", view, is_cleared: view.clear_on_close ?? false });
  }

  async function messageShortcut(
    user: string,
    channel: Channel,
    message: SlackMessage,
    id: string,
  ): Promise<InteractionResult> {
    const known = manifest.features.shortcuts.some((each) => each.type === "message" && each.callback_id === id);
    if (!known) return { ok: false, error: `There is no message shortcut ${id}.` };
    return outcome(
      await interact({
        ...common(user),
        type: "message_action",
        callback_id: id,
        trigger_id: triggers.issue(user),
        response_url: responses.issue({ user, channel: channel.id }),
        message_ts: message.ts,
        action_ts: workspace.newTs(),
        channel: { id: channel.id, name: channel.name },
        message,
      }),
    );
  }

  return { command, act, submit, close, messageShortcut, suggest: createTypeAhead(deps) };
}
export type Interactions = ReturnType<typeof createInteractions>;
