import { z } from "zod";
import { complaints } from "./blocks/complaints.ts";
import { OptionGroup, PlainOption } from "./blocks/text.ts";
import type { Courier, Delivery } from "./delivery.ts";
import { checkForm, type Element, type Option } from "./form.ts";
import type { Manifest } from "./manifest.ts";
import type { Modals, OpenView } from "./modals.ts";
import type { Place, ResponseUrls } from "./response-urls.ts";
import type { Triggers } from "./triggers.ts";
import { Refusal } from "./web-api/refusal.ts";
import {
  APP,
  type Block,
  type Channel,
  type Message,
  type PublishedHome,
  SLACKBOT,
  TEAM,
  type Workspace,
} from "./workspace.ts";

/** What a person sees happen: nothing special, or an error in Slack's words. */
export type Outcome = { ok: true } | { ok: false; error: string };
/** What happened to a modal on submit. `errors` stand beside their fields, by block id. */
export type Submitted = { closed: true } | { errors: Record<string, string> } | { view: OpenView } | { error: string };

/** Where an element was used. */
export type Source =
  | { kind: "message"; channel: Channel; message: Message; ephemeral: boolean }
  | { kind: "modal"; view: OpenView }
  | { kind: "home"; view: PublishedHome };

/** https://docs.slack.dev/reference/block-kit/block-elements: a type-ahead asks the app from three characters on unless told. */
const DEFAULT_QUERY_LENGTH = 3;
const TROUBLE = "We had some trouble connecting. Try again?";

const Suggestions = z.union([
  z.object({ options: z.array(PlainOption).max(100) }),
  z.object({ option_groups: z.array(OptionGroup).max(100) }),
]);

export function createInteractions(deps: {
  manifest: Manifest;
  workspace: Workspace;
  modals: Modals;
  triggers: Triggers;
  responses: ResponseUrls;
  courier: Courier;
  log: (line: string) => void;
}) {
  const { manifest, workspace, modals, triggers, responses } = deps;

  const who = (user: string) => ({
    id: user,
    username: workspace.user(user)!.name,
    name: workspace.user(user)!.name,
    team_id: TEAM.id,
  });
  const common = (user: string) => ({
    token: "deprecated",
    team: { id: TEAM.id, domain: TEAM.domain },
    user: who(user),
    api_app_id: APP.id,
    enterprise: null,
    is_enterprise_install: false,
  });

  async function interact(payload: Record<string, unknown>): Promise<Delivery> {
    return deps.courier.send({ kind: "interactive", payload });
  }

  const interactive = () => manifest.settings.interactivity?.is_enabled === true;

  function tell(user: string, channel: string, text: string): Outcome {
    workspace.whisper(channel, user, { user: SLACKBOT, text });
    return { ok: false, error: text };
  }

  async function command(user: string, channel: Channel, line: string): Promise<Outcome> {
    const [name, ...words] = line.trim().split(/\s+/);
    const known = manifest.features.slash_commands.some((each) => each.command === name);
    if (!known) return tell(user, channel.id, `${name} is not a valid command.`);
    const place: Place = { user, channel: channel.id };
    const delivery = await deps.courier.send({
      kind: "slash_commands",
      payload: {
        token: "deprecated",
        team_id: TEAM.id,
        team_domain: TEAM.domain,
        channel_id: channel.id,
        channel_name: channel.name,
        user_id: user,
        user_name: workspace.user(user)!.name,
        command: name,
        text: words.length > 0 ? line.trim().slice(name!.length).trim() : "",
        api_app_id: APP.id,
        is_enterprise_install: "false",
        response_url: responses.issue(place),
        trigger_id: triggers.issue(user),
      },
    });
    if (!delivery.acked) return tell(user, channel.id, `${name} failed with the error "${delivery.error}"`);
    const answer = delivery.body as { text?: string; blocks?: unknown };
    if (!answer?.text && !answer?.blocks) return { ok: true };
    try {
      responses.show(place, answer);
      return { ok: true };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      deps.log(`slack refused the answer to ${name}: ${error.message}`);
      return tell(user, channel.id, `${name} failed with the error "${error.code}"`);
    }
  }

  function place(source: Source) {
    if (source.kind !== "message") return { container: { type: "view", view_id: source.view.id }, view: source.view };
    const { channel, message, ephemeral } = source;
    return {
      container: {
        type: "message",
        message_ts: message.ts,
        channel_id: channel.id,
        is_ephemeral: ephemeral,
        ...(message.thread_ts && { thread_ts: message.thread_ts }),
      },
      channel: { id: channel.id, name: channel.name },
      message,
    };
  }

  /** A click on a button or a choice in a menu. `answer` is what the element adds to its action. */
  async function act(user: string, source: Source, block: Block, element: Element, answer: object): Promise<Outcome> {
    if (!interactive()) return { ok: false, error: "This app is not configured to handle interactive responses." };
    const { text, value, style, url } = element;
    const delivery = await interact({
      ...common(user),
      type: "block_actions",
      ...place(source),
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
    });
    return delivery.acked ? { ok: true } : { ok: false, error: delivery.error };
  }

  async function suggest(
    user: string,
    source: Source,
    block: Block,
    element: Element,
    query: string,
  ): Promise<Option[]> {
    if (query.length < Number(element.min_query_length ?? DEFAULT_QUERY_LENGTH)) return [];
    const { settings } = manifest;
    if (!interactive() || (!settings.socket_mode_enabled && !settings.interactivity?.message_menu_options_url)) {
      deps.log("slack asked nobody for options: the manifest names no message_menu_options_url");
      return [];
    }
    const delivery = await interact({
      ...common(user),
      type: "block_suggestion",
      ...place(source),
      action_id: element.action_id,
      block_id: block.block_id,
      value: query,
    });
    if (!delivery.acked) return [];
    const parsed = Suggestions.safeParse(delivery.body);
    if (!parsed.success) {
      deps.log(`slack refused the options for ${element.action_id}: ${complaints(parsed.error, delivery.body, "")[0]}`);
      return [];
    }
    return "options" in parsed.data ? parsed.data.options : parsed.data.option_groups.flatMap(({ options }) => options);
  }

  async function submit(user: string): Promise<Submitted> {
    const view = modals.top(user);
    if (!view) throw new Error("There is no open modal to submit.");
    if (!view.submit) throw new Error("This modal has no submit button.");
    const refusedHere = checkForm(view.blocks, view.state.values);
    if (Object.keys(refusedHere).length > 0) return { errors: refusedHere };
    const delivery = await interact({
      ...common(user),
      type: "view_submission",
      trigger_id: triggers.issue(user, true),
      view,
      response_urls: [],
    });
    if (!delivery.acked) return { error: TROUBLE };
    try {
      return obey(user, view, (delivery.body ?? {}) as ResponseAction);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      deps.log(`slack refused the answer to ${view.callback_id}: ${error.message}`);
      return { error: TROUBLE };
    }
  }

  function obey(user: string, view: OpenView, answer: ResponseAction): Submitted {
    switch (answer.response_action) {
      case undefined:
        modals.close(user);
        return { closed: true };
      case "clear":
        modals.clear(user);
        return { closed: true };
      case "update":
        return { view: modals.update({ view_id: view.id }, answer.view) };
      case "push":
        return { view: modals.push(user, answer.view) };
      case "errors":
        return { errors: fieldErrors(view, answer.errors) };
      default:
        throw new Refusal("invalid_response_action", [String(answer.response_action)]);
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
    message: Message,
    callbackId: string,
  ): Promise<Outcome> {
    const known = manifest.features.shortcuts.some(
      (each) => each.type === "message" && each.callback_id === callbackId,
    );
    if (!known) return { ok: false, error: `There is no message shortcut ${callbackId}.` };
    const delivery = await interact({
      ...common(user),
      type: "message_action",
      callback_id: callbackId,
      trigger_id: triggers.issue(user),
      response_url: responses.issue({ user, channel: channel.id }),
      message_ts: message.ts,
      action_ts: workspace.newTs(),
      channel: { id: channel.id, name: channel.name },
      message,
    });
    return delivery.acked ? { ok: true } : { ok: false, error: delivery.error };
  }

  return { command, act, suggest, submit, close, messageShortcut };
}
export type Interactions = ReturnType<typeof createInteractions>;

type ResponseAction = { response_action?: string; view?: unknown; errors?: unknown };

/** Errors may only name input blocks of the view, and must say something. */
function fieldErrors(view: OpenView, errors: unknown): Record<string, string> {
  const entries = Object.entries((errors ?? {}) as Record<string, unknown>);
  const inputs = view.blocks.filter(({ type }) => type === "input").map(({ block_id }) => block_id);
  const wrong = entries.filter(([id, text]) => !inputs.includes(id) || typeof text !== "string" || text === "");
  if (entries.length === 0 || wrong.length > 0)
    throw new Refusal("invalid_errors", [`no input block for: ${wrong.map(([id]) => id).join(", ")}`]);
  return Object.fromEntries(entries) as Record<string, string>;
}
