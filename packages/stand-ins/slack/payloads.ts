import type { OpenView } from "./modals.ts";
import { APP, type Channel, type PublishedHome, type SlackMessage, type SlackWorkspace, TEAM } from "./workspace.ts";

/** Where an element was used. */
export type ElementSource =
  | { kind: "message"; channel: Channel; message: SlackMessage; ephemeral: boolean }
  | { kind: "modal"; view: OpenView }
  | { kind: "home"; view: PublishedHome };

/** What every interaction payload says: https://docs.slack.dev/reference/interaction-payloads. */
export function commonPayload(workspace: SlackWorkspace, userId: string) {
  const { name } = workspace.user(userId)!;
  return {
    token: "deprecated",
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id: userId, username: name, name, team_id: TEAM.id },
    api_app_id: APP.id,
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function sourcePayload(source: ElementSource) {
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
