import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { App, AwsLambdaReceiver, HTTPReceiver, LogLevel } from "@slack/bolt";
import { afterEach, expect, test } from "vitest";
import { signedHeaders } from "../../packages/stand-ins/slack/signature.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { APP_TOKEN, BOT_TOKEN, button, httpManifest, orderModal, plain } from "../fixtures/slack-standin-app.ts";

const SECRET = "signing-secret";
/** Other tests may keep the machine busy. */
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(manifest: object, signingSecret = SECRET) {
  const lines: string[] = [];
  const receiver = new HTTPReceiver({
    signingSecret: SECRET,
    endpoints: ["/slack/events"],
    logLevel: LogLevel.ERROR,
  });
  const server = createServer((request, response) => receiver.requestListener(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const slack = await startSlack({
    log: (line) => lines.push(line),
    manifest,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    http: { url: `http://127.0.0.1:${port}/slack/events`, signingSecret },
    limits: { eventRetriesMs: [50, 50] },
  });
  const app = new App({
    token: BOT_TOKEN,
    receiver,
    clientOptions: { slackApiUrl: slack.apiUrl },
    logLevel: LogLevel.ERROR,
  });
  stops.push(slack.stop, () => server.close());
  return { slack, app, lines };
}

test("the same journey by signed HTTP: command, modal, type-ahead, submit, click, event", async () => {
  const { slack, app } = await start(httpManifest);
  const heard: string[] = [];
  app.command("/probe", async ({ ack, command, client }) => {
    await client.views.open({ trigger_id: command.trigger_id, view: orderModal });
    await ack({ text: `opening ${command.text}` });
  });
  app.options("pick", ({ ack, options }) => ack({ options: [{ text: plain(options.value), value: options.value }] }));
  app.view("order", async ({ ack, view }) => {
    const names = view.state.values.repositories?.pick?.selected_options ?? [];
    if (names.length === 1) return ack({ response_action: "errors", errors: { repositories: "Two, please." } });
    heard.push(`submitted ${names.map(({ value }) => value)}`);
    await ack();
  });
  app.action("stop", async ({ ack, action }) => {
    await ack();
    heard.push(`clicked ${"value" in action && action.value}`);
  });
  app.event("app_mention", async ({ event }) => void heard.push(event.text));

  const { requester } = slack.people;
  expect(await requester.command("/probe  this and that ")).toEqual({ ok: true });
  expect(requester.ephemerals().map(({ text }) => text)).toEqual(["opening this and that"]);
  const modal = await requester.modal();
  await modal.fill({ prompt: "x", repositories: ["acme/a"] });
  expect(await modal.submit()).toEqual({ errors: { repositories: "Two, please." } });
  await modal.fill({ repositories: ["acme/a", "acme/b"] });
  expect(await modal.submit()).toEqual({ closed: true });
  const card = await app.client.chat.postMessage({
    channel: "#cody",
    text: "card",
    blocks: [{ type: "actions", elements: [button("stop", "j1")] }],
  });
  await requester.click(card.ts!, "stop");
  requester.say("<@U0CODYBOT> look");
  await expect.poll(() => heard).toEqual(["submitted acme/a,acme/b", "clicked j1", "<@U0CODYBOT> look"]);
});

test("an app that cannot verify the signature answers 401, and the person sees dispatch_failed", async () => {
  const { slack, app, lines } = await start(httpManifest, "another-secret");
  let calls = 0;
  app.command("/probe", async ({ ack }) => {
    calls += 1;
    await ack();
  });
  await slack.people.requester.command("/probe");
  slack.people.requester.say("<@U0CODYBOT> look");
  expect(slack.people.requester.notices()).toEqual(['/probe failed with the error "dispatch_failed"']);
  await expect.poll(() => lines.at(-1)).toBe("slack gave up on a app_mention event: dispatch_failed");
  expect(calls).toBe(0);
});

test("without message_menu_options_url a type-ahead asks no app, as in Slack", async () => {
  const manifest = structuredClone(httpManifest);
  Object.assign(manifest.settings.interactivity, { message_menu_options_url: undefined });
  const { slack, app, lines } = await start(manifest);
  app.command("/probe", async ({ ack, command, client }) => {
    await client.views.open({ trigger_id: command.trigger_id, view: orderModal });
    await ack();
  });
  await slack.people.requester.command("/probe");
  expect(await (await slack.people.requester.modal()).suggest("pick", "acme")).toEqual([]);
  expect(lines).toEqual(["slack asked no app for options: the manifest names no message_menu_options_url"]);
});

test("the signature is the one that Bolt's Lambda receiver verifies", async () => {
  const receiver = new AwsLambdaReceiver({ signingSecret: SECRET, logLevel: LogLevel.ERROR });
  const app = new App({
    token: BOT_TOKEN,
    receiver,
    botId: "B0CODY",
    botUserId: "U0CODYBOT",
    tokenVerificationEnabled: false,
  });
  app.command("/probe", ({ ack }) => ack("hello from Lambda"));
  const handler = await receiver.start();
  const body = new URLSearchParams({
    command: "/probe",
    text: "",
    team_id: "T0LOCAL",
    user_id: "U0REQUESTER",
  }).toString();
  const send = (headers: Record<string, string>) =>
    handler(
      {
        body,
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
        httpMethod: "POST",
        isBase64Encoded: false,
        path: "/slack/events",
      } as never,
      {},
    );
  const now = Math.floor(Date.now() / 1_000);
  expect(await send(signedHeaders(SECRET, body, now))).toMatchObject({ statusCode: 200, body: "hello from Lambda" });
  expect(await send(signedHeaders(SECRET, body, now - 301))).toMatchObject({ statusCode: 401 });
  expect(await send(signedHeaders("another", body, now))).toMatchObject({ statusCode: 401 });
});
