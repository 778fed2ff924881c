import { App, LogLevel, SocketModeReceiver } from "@slack/bolt";
import { afterEach, expect, test } from "vitest";
import type { Courier, DeliveryResult } from "../../packages/stand-ins/slack/delivery.ts";
import type { SlackLimits } from "../../packages/stand-ins/slack/limits.ts";
import { type Slack, startSlack } from "../../packages/stand-ins/slack/start.ts";
import {
  APP_TOKEN,
  BOT_TOKEN,
  button,
  orderModal,
  plain,
  section,
  socketManifest,
} from "../fixtures/slack-standin-app.ts";

/** Other tests may keep the machine busy. */

let slack: Slack;
let app: App;

/** The app is made but not started: each test adds its listeners first. */
async function open(limits: Partial<SlackLimits> = {}, carry?: (courier: Courier) => Courier) {
  slack = await startSlack({
    log: () => {},
    manifest: socketManifest,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    limits,
    carry,
  });
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    // Also the pause before a new connection.
    clientPingTimeout: 1_000,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions },
  });
  app = new App({ token: BOT_TOKEN, receiver, clientOptions, logLevel: LogLevel.ERROR });
}
afterEach(async () => {
  await app.stop();
  await slack.stop();
});

test("a slash command opens a modal, its fields are filled by type-ahead, errors stand beside them, then it closes", async () => {
  await open();
  const names = ["acme/orders", "acme/web", "other/app"];
  const submitted: unknown[] = [];
  app.command("/probe", async ({ ack, command, client }) => {
    await client.views.open({ trigger_id: command.trigger_id, view: orderModal });
    await ack();
  });
  app.options("pick", async ({ ack, options }) =>
    ack({
      options: names.filter((name) => name.includes(options.value)).map((name) => ({ text: plain(name), value: name })),
    }),
  );
  app.view("order", async ({ ack, view, body }) => {
    submitted.push([body.user.id, view.private_metadata, view.state.values]);
    const text = view.state.values.prompt?.text?.value;
    if (text === "nonsense") await ack({ response_action: "errors", errors: { prompt: "Say it again." } });
    else await ack();
  });
  await app.start();

  const { requester } = slack.people;
  expect(await requester.command("/probe now")).toEqual({ ok: true });
  const modal = await requester.modal();
  expect(await modal.submit()).toEqual({
    errors: {
      prompt: "Please complete this required field.",
      repositories: "Please complete this required field.",
    },
  });
  expect(submitted).toEqual([]);

  await modal.fill({ prompt: "nonsense", repositories: ["acme/orders", "other/app"], speed: "fast" });
  expect((await modal.suggest("pick", "acme")).map(({ value }) => value)).toEqual(["acme/orders", "acme/web"]);
  await expect(modal.fill({ repositories: names })).rejects.toThrow("at most 2");
  await expect(modal.fill({ repositories: ["acme/secret"] })).rejects.toThrow("does not offer");
  expect(await modal.submit()).toEqual({ errors: { prompt: "Say it again." } });

  await modal.fill({ prompt: "sense" });
  expect(await modal.submit()).toEqual({ closed: true });
  expect(requester.hasModal()).toBe(false);
  expect(submitted.at(-1)).toMatchObject([
    "U0REQUESTER",
    "C0CODY",
    {
      prompt: { text: { type: "plain_text_input", value: "sense" } },
      repositories: { pick: { selected_options: [{ value: "acme/orders" }, { value: "other/app" }] } },
      speed: { radio: { selected_option: { value: "fast" } } },
    },
  ]);
  expect(slack.people.second.hasModal()).toBe(false);
});

test("a button's click reaches the app with its value, and the app answers by update, ephemeral and thread", async () => {
  await open();
  app.action("approve", async ({ ack, body, client, respond, action }) => {
    await ack();
    if (body.type !== "block_actions" || action.type !== "button") return;
    const channel = body.channel!.id;
    await client.chat.update({
      channel,
      ts: body.message!.ts,
      text: `approved ${action.value}`,
      blocks: [section("done")],
    });
    await client.chat.postMessage({ channel, thread_ts: body.message!.ts, text: "thanks" });
    await respond({ text: "only you see this", response_type: "ephemeral" });
  });
  await app.start();
  const posted = await app.client.chat.postMessage({
    channel: "C0CODY",
    text: "Decide",
    blocks: [
      { type: "actions", elements: [button("approve", "1")] },
      { type: "actions", elements: [button("approve", "2")] },
    ],
    metadata: { event_type: "probe", event_payload: { id: "x1" } },
  });
  const seen: string[] = [];
  slack.workspace.onMessage((message) => seen.push(message.text));
  expect(await slack.people.second.click(posted.ts!, "approve", "2")).toEqual({ ok: true });
  await expect.poll(() => slack.people.second.ephemerals().map(({ text }) => text)).toEqual(["only you see this"]);
  expect(seen).toEqual(["approved 2", "thanks"]);
  expect(slack.people.requester.ephemerals()).toEqual([]);

  const history = await app.client.conversations.history({ channel: "C0CODY", include_all_metadata: true });
  expect(history.messages).toMatchObject([
    { ts: posted.ts, text: "approved 2", metadata: { event_payload: { id: "x1" } }, reply_count: 1 },
  ]);
  const replies = await app.client.conversations.replies({ channel: "C0CODY", ts: posted.ts! });
  expect(replies.messages?.map(({ text }) => text)).toEqual(["approved 2", "thanks"]);
});

test("mentions, thread replies, the home tab and a message shortcut arrive as events and interactions", async () => {
  await open();
  const heard: string[] = [];
  app.event("app_mention", async ({ event }) => void heard.push(`mention ${event.text}`));
  app.message(
    /please/,
    async ({ message }) => void heard.push(`message in ${"thread_ts" in message && message.thread_ts}`),
  );
  app.event("app_home_opened", async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: "home", blocks: [section(`Hello <@${event.user}>`)] },
    });
  });
  app.shortcut("run-on-this", async ({ ack, shortcut, client }) => {
    await ack();
    if (shortcut.type === "message_action")
      await client.views.open({
        trigger_id: shortcut.trigger_id,
        view: { ...orderModal, private_metadata: shortcut.message.text! },
      });
  });
  await app.start();
  const { requester } = slack.people;
  const first = requester.say("hello <@U0CODYBOT>");
  requester.say("please", { threadTs: first.ts });
  requester.say("<@U0CODYBOT> no app hears this", { channel: "#elsewhere" });
  await expect.poll(() => heard.length).toBe(2);
  expect(heard.sort()).toEqual(["mention hello <@U0CODYBOT>", `message in ${first.ts}`]);

  requester.openHome();
  await expect.poll(() => requester.home()?.blocks).toMatchObject([section("Hello <@U0REQUESTER>")]);
  expect(await requester.shortcut(first.ts, "run-on-this")).toEqual({ ok: true });
  expect((await requester.modal()).view.private_metadata).toBe("hello <@U0CODYBOT>");
});

test("a listener that is late, or silent, is told to the person as operation_timeout; with no app connected it is dispatch_failed", async () => {
  await open({ ackMs: 400 });
  const { requester } = slack.people;
  expect(await requester.command("/probe")).toMatchObject({ ok: false });
  app.command("/probe", async () => {});
  app.view("order", async () => {});
  await app.start();
  expect(await requester.command("/nonsense")).toEqual({ ok: false, error: "/nonsense is not a valid command." });
  expect(await requester.command("/probe")).toMatchObject({ ok: false });
  expect(requester.notices()).toEqual([
    '/probe failed with the error "dispatch_failed"',
    "/nonsense is not a valid command.",
    '/probe failed with the error "operation_timeout"',
  ]);
});

test("a trigger opens one modal, once, and only while it is fresh", async () => {
  await open({ triggerMs: 1_000 });
  const triggers: string[] = [];
  app.command("/probe", async ({ ack, command }) => {
    triggers.push(command.trigger_id);
    await ack({ text: "one moment", response_type: "ephemeral" });
  });
  await app.start();
  const { requester } = slack.people;
  await requester.command("/probe");
  await requester.command("/probe");
  expect(requester.ephemerals().map(({ text }) => text)).toEqual(["one moment", "one moment"]);
  const openModal = (trigger_id: string) => app.client.views.open({ trigger_id, view: orderModal });
  await openModal(triggers[0]!);
  await expect(openModal(triggers[0]!)).rejects.toThrow("exchanged_trigger_id");
  await new Promise((resolve) => setTimeout(resolve, 1_020));
  await expect(openModal(triggers[1]!)).rejects.toThrow("expired_trigger_id");
  await expect(openModal("1.2.3")).rejects.toThrow("invalid_trigger_id");
});

test("an app that is told to reconnect is reached again", async () => {
  await open();
  app.command("/probe", async ({ ack }) => ack("still here"));
  await app.start();
  slack.refreshConnections();
  await expect.poll(() => slack.connections()).toBe(0);
  await expect.poll(() => slack.connections()).toBe(1);
  expect(await slack.people.requester.command("/probe")).toEqual({ ok: true });
});

test("an envelope that is sent twice at once reaches the app twice, and each sending has its ack", async () => {
  const deliveries: DeliveryResult[] = [];
  await open({ ackMs: 2_000 }, (courier) => ({
    ...courier,
    async send(parcel, retry) {
      const sent = { ...parcel, envelopeId: "the-same" };
      deliveries.push(...(await Promise.all([courier.send(sent, retry), courier.send(sent, retry)])));
      return deliveries[0]!;
    },
  }));
  let came = 0;
  app.command("/probe", async ({ ack }) => ack(`${++came}`));
  await app.start();
  expect(await slack.people.requester.command("/probe")).toEqual({ ok: true });
  expect(deliveries.map((delivery) => delivery.acked)).toEqual([true, true]);
  expect(came).toBe(2);
});
