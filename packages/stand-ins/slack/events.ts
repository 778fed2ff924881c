import { setTimeout as sleep } from "node:timers/promises";
import type { Courier } from "./delivery.ts";
import { type Manifest, subscribedEvents } from "./manifest.ts";
import { newId } from "./modals.ts";
import { APP, type Channel, type SlackMessage, type SlackWorkspace, TEAM } from "./workspace.ts";

const channelType = ({ kind }: Channel) => (kind === "im" ? "im" : "channel");

const MESSAGE_EVENT = { public: "message.channels", private: "message.groups", im: "message.im" } as const;

/** Tells the app what it subscribed to; what is not acked comes again, as with Slack. */
export function createEvents(deps: {
  manifest: Manifest;
  workspace: SlackWorkspace;
  courier: Courier;
  nowMs: () => number;
  retriesMs: number[];
  log: (line: string) => void;
}) {
  const stopped = new AbortController();
  const subscribed = subscribedEvents(deps.manifest);

  async function send(subscription: string, event: { type: string; [key: string]: unknown }) {
    if (!subscribed.includes(subscription)) return;
    const payload = {
      token: "deprecated",
      team_id: TEAM.id,
      api_app_id: APP.id,
      type: "event_callback",
      event,
      event_id: `Ev${newId(8)}`,
      event_time: Math.floor(deps.nowMs() / 1_000),
      authorizations: [
        { enterprise_id: null, team_id: TEAM.id, user_id: APP.userId, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: false,
    };
    let delivery = await deps.courier.send({ kind: "events_api", payload });
    for (const [index, delay] of deps.retriesMs.entries()) {
      if (delivery.acked) return;
      const reason = delivery.error === "operation_timeout" ? "http_timeout" : "http_error";
      await sleep(delay, undefined, { signal: stopped.signal, ref: false });
      delivery = await deps.courier.send({ kind: "events_api", payload }, { number: index + 1, reason });
    }
    if (!delivery.acked) deps.log(`slack gave up on a ${event.type} event: ${delivery.error}`);
  }

  const sendQuietly = (subscription: string, event: { type: string; [key: string]: unknown }) => {
    send(subscription, event).catch((error: unknown) => {
      if (!stopped.signal.aborted) deps.log(`slack could not deliver a ${event.type} event: ${error}`);
    });
  };

  function mentioned(channel: Channel, message: SlackMessage) {
    const isMention = message.text.includes(`<@${APP.userId}>`) && message.user !== APP.userId;
    if (!isMention || channel.kind === "im") return;
    sendQuietly("app_mention", { ...message, type: "app_mention", channel: channel.id, event_ts: message.ts });
  }

  function changed(channel: Channel, subtype: "message_changed" | "message_deleted", what: object) {
    const ts = deps.workspace.newTs();
    const event = { type: "message", subtype, hidden: true, channel: channel.id, ts, event_ts: ts, ...what };
    sendQuietly(MESSAGE_EVENT[channel.kind], { ...event, channel_type: channelType(channel) });
  }

  return {
    /** A message by a person or an app, to the apps that are in the channel. */
    messagePosted: (channel: Channel, message: SlackMessage) => {
      if (!channel.members.includes(APP.userId)) return;
      const parent = message.thread_ts && deps.workspace.message(channel.id, message.thread_ts)?.user;
      const event = {
        ...message,
        channel: channel.id,
        event_ts: message.ts,
        ...(parent && { parent_user_id: parent }),
      };
      sendQuietly(MESSAGE_EVENT[channel.kind], { ...event, channel_type: channelType(channel) });
      mentioned(channel, message);
    },
    /** An edited mention comes as a mention again, with who edited it and when. */
    messageEdited: (channel: Channel, message: SlackMessage, before: SlackMessage) => {
      if (!channel.members.includes(APP.userId)) return;
      changed(channel, "message_changed", { message, previous_message: before });
      mentioned(channel, message);
    },
    messageDeleted: (channel: Channel, message: SlackMessage) => {
      if (!channel.members.includes(APP.userId)) return;
      changed(channel, "message_deleted", { deleted_ts: message.ts, previous_message: message });
    },
    sessionStopped: (channel: Channel, { ts }: SlackMessage, user: string) =>
      sendQuietly("agent_session_stopped", {
        type: "agent_session_stopped",
        channel: channel.id,
        user,
        thread_ts: ts,
        streaming_message_ts: [],
        event_ts: deps.workspace.newTs(),
      }),
    homeOpened: (user: string) => {
      const home = deps.workspace.home(user);
      sendQuietly("app_home_opened", {
        type: "app_home_opened",
        user,
        channel: deps.workspace.openDirectMessage(user).id,
        tab: "home",
        event_ts: deps.workspace.newTs(),
        ...(home && { view: home }),
      });
    },
    stop: () => stopped.abort(),
  };
}
export type Events = ReturnType<typeof createEvents>;
