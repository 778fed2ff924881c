import { setTimeout as sleep } from "node:timers/promises";
import type { Courier } from "./delivery.ts";
import { eventsOf, type Manifest } from "./manifest.ts";
import { newId } from "./modals.ts";
import { APP, type Channel, type Message, TEAM, type Workspace } from "./workspace.ts";

const MESSAGE_EVENT = { public: "message.channels", private: "message.groups", im: "message.im" } as const;

/** Tells the app what it subscribed to; what is not acked comes again, as with Slack. */
export function createEvents(deps: {
  manifest: Manifest;
  workspace: Workspace;
  courier: Courier;
  nowMs: () => number;
  retriesMs: number[];
  log: (line: string) => void;
}) {
  const stopped = new AbortController();
  const subscribed = eventsOf(deps.manifest);

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

  return {
    /** A message by a person or an app, to the apps that are in the channel. */
    messagePosted: (channel: Channel, message: Message) => {
      if (!channel.members.includes(APP.userId)) return;
      const event = { ...message, channel: channel.id, event_ts: message.ts };
      sendQuietly(MESSAGE_EVENT[channel.kind], { ...event, channel_type: channel.kind === "im" ? "im" : "channel" });
      const isMention = message.text.includes(`<@${APP.userId}>`) && message.user !== APP.userId;
      if (isMention && channel.kind !== "im") sendQuietly("app_mention", { ...event, type: "app_mention" });
    },
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
