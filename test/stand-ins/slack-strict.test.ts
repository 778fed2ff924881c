import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogLevel, WebClient } from "@slack/web-api";
import { afterEach, describe, expect, test } from "vitest";
import { checkModal } from "../../packages/stand-ins/slack/blocks/view.ts";
import type { SlackLimits } from "../../packages/stand-ins/slack/limits.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import {
  APP_TOKEN,
  BOT_TOKEN,
  button,
  orderModal,
  plain,
  section,
  socketManifest,
} from "../fixtures/slack-standin-app.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

type Setup = {
  token?: string;
  scopes?: string[];
  limits?: Partial<SlackLimits>;
  nowMs?: () => number;
  folder?: string;
};

async function start({ token = BOT_TOKEN, scopes, ...more }: Setup = {}) {
  const manifest = structuredClone(socketManifest);
  if (scopes) Object.assign(manifest, { oauth_config: { scopes: { bot: ["commands", ...scopes] } } });
  if (scopes) manifest.settings.event_subscriptions.bot_events = [];
  const lines: string[] = [];
  const channels = [
    { name: "cody" },
    { name: "elsewhere", withoutApp: true },
    { name: "secret", private: true, withoutApp: true },
  ];
  const log = (line: string) => lines.push(line);
  const slack = await startSlack({ log, manifest, botToken: BOT_TOKEN, appToken: APP_TOKEN, channels, ...more });
  stops.push(slack.stop);
  const silent = {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    getLevel: () => LogLevel.ERROR,
    setName() {},
  };
  const client = new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    logger: silent,
  });
  return { slack, client, lines };
}

const task = (more: object) => ({
  type: "plan",
  title: "Plan",
  tasks: [{ task_id: "a", title: "acme/orders", ...more }],
});
const rich = (text: string) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: text ? [{ type: "text", text }] : [] }],
});
const long = (length: number) => "x".repeat(length);

describe("blocks that Slack takes", () => {
  test.each<[string, object[]]>([
    ["a section of 3,000 characters", [section(long(3_000))]],
    ["a plan with a task in every state", [task({ status: "pending" }), task({ status: "error", output: rich("no") })]],
    ["50 blocks", Array.from({ length: 50 }, () => ({ type: "divider" }))],
    ["a row of buttons", [{ type: "actions", elements: [button("a"), button("b", "1")] }]],
    ["a table", [{ type: "table", rows: [[{ type: "raw_text", text: "a" }]] }]],
  ])("%s", async (_, blocks) => {
    const { client } = await start();
    expect((await client.chat.postMessage({ channel: "C0CODY", text: "t", blocks: blocks as never })).ok).toBe(true);
  });
});

describe("blocks that Slack refuses, with a pointer to what is wrong", () => {
  test.each<[string, object[], string]>([
    [
      "a text of 3,001 characters",
      [section(long(3_001))],
      "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ],
    ["an empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
    ["a section without text", [{ type: "section" }], "must define either `text` or `fields` [json-pointer:/blocks/0]"],
    [
      "mrkdwn in a header",
      [{ type: "header", text: section("a").text }],
      "must be one of: plain_text [json-pointer:/blocks/0/text/type]",
    ],
    [
      "a header of 151 characters",
      [{ type: "header", text: plain(long(151)) }],
      "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "a disabled button",
      [{ type: "actions", elements: [{ ...button("a"), disabled: true }] }],
      "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]",
    ],
    [
      "a button's text of 76 characters",
      [{ type: "actions", elements: [{ ...button("a"), text: plain(long(76)) }] }],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ],
    [
      "26 buttons in a row",
      [{ type: "actions", elements: Array.from({ length: 26 }, (_, i) => button(`a${i}`)) }],
      "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ],
    [
      "an action id twice in a block",
      [{ type: "actions", elements: [button("a"), button("a")] }],
      "`action_id` already exists: a [json-pointer:/blocks/0]",
    ],
    [
      "a block id twice",
      [
        { type: "divider", block_id: "a" },
        { type: "divider", block_id: "a" },
      ],
      "block_id already exists: a [json-pointer:/blocks/1/block_id]",
    ],
    [
      "51 blocks",
      Array.from({ length: 51 }, () => ({ type: "divider" })),
      "no more than 50 items allowed [json-pointer:/blocks]",
    ],
    ["an unknown block", [{ type: "sections" }], "unsupported type: sections [json-pointer:/blocks/0/type]"],
    [
      "an alert outside a modal",
      [{ type: "alert", text: plain("a") }],
      "unsupported type: alert [json-pointer:/blocks/0/type]",
    ],
    [
      "a task state of its own",
      [task({ status: "done" })],
      "must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/tasks/0/status]",
    ],
    [
      "a task's output without text",
      [task({ output: rich("") })],
      "must be more than 0 characters [json-pointer:/blocks/0/tasks/0/output]",
    ],
    [
      "a pending task card outside a plan",
      [{ type: "task_card", task_id: "a", title: "a", status: "pending" }],
      "must be one of: in_progress, complete, error [json-pointer:/blocks/0/status]",
    ],
    [
      "a plan beside a bare task card",
      [task({}), { type: "task_card", task_id: "b", title: "b", status: "complete" }],
      "`plan` cannot be mixed with `task_card` blocks [json-pointer:/blocks]",
    ],
    [
      "a link that is no URL",
      [{ type: "actions", elements: [{ ...button("a"), url: "javascript:alert(1)" }] }],
      "invalid url [json-pointer:/blocks/0/elements/0/url]",
    ],
  ])("%s", async (_, blocks, message) => {
    const { client, lines } = await start();
    await expect(
      client.chat.postMessage({ channel: "C0CODY", text: "t", blocks: blocks as never }),
    ).rejects.toMatchObject({
      data: { error: "invalid_blocks", response_metadata: { messages: [`[ERROR] ${message}`] } },
    });
    expect(lines).toEqual([`slack refused chat.postMessage: invalid_blocks; ${message}`]);
  });
});

test.each<[string, (client: WebClient) => Promise<unknown>, string]>([
  [
    "more text than all blocks may hold",
    (c) => c.chat.postMessage({ channel: "C0CODY", text: "t", blocks: Array(5).fill(section(long(2_900))) }),
    "msg_blocks_too_long",
  ],
  ["no text and no blocks", (c) => c.chat.postMessage({ channel: "C0CODY", text: "" }), "no_text"],
  [
    "a channel that the app is not in",
    (c) => c.chat.postMessage({ channel: "C0ELSEWHERE", text: "t" }),
    "not_in_channel",
  ],
  [
    "a private channel that the app is not in",
    (c) => c.chat.postMessage({ channel: "C0SECRET", text: "t" }),
    "channel_not_found",
  ],
  [
    "a channel that does not exist",
    (c) => c.chat.postMessage({ channel: "C0NOWHERE", text: "t" }),
    "channel_not_found",
  ],
  [
    "a thread that does not exist",
    (c) => c.chat.postMessage({ channel: "C0CODY", text: "t", thread_ts: "1.1" }),
    "thread_not_found",
  ],
  [
    "an ephemeral for a person who is not there",
    (c) => c.chat.postEphemeral({ channel: "C0CODY", user: "U0NOBODY", text: "t" }),
    "user_not_in_channel",
  ],
  [
    "metadata without a payload",
    (c) => c.chat.postMessage({ channel: "C0CODY", text: "t", metadata: { event_type: "a" } as never }),
    "invalid_metadata_format",
  ],
  ["a scope that the manifest does not ask for", (c) => c.users.info({ user: "U0REQUESTER" }), "missing_scope"],
  ["an unknown method", (c) => c.apiCall("chat.shout"), "unknown_method"],
  ["the bot token where the app token belongs", (c) => c.apps.connections.open({}), "not_allowed_token_type"],
  [
    "history of a channel that the app is not in",
    (c) => c.conversations.history({ channel: "C0ELSEWHERE" }),
    "not_in_channel",
  ],
])("refused: %s", async (_, call, error) => {
  const { client } = await start();
  await expect(call(client)).rejects.toMatchObject({ data: { error } });
});

test.each<[string, string, string]>([
  ["no token", "", "not_authed"],
  ["a made-up token", "xoxb-other", "invalid_auth"],
  ["the app token", APP_TOKEN, "not_allowed_token_type"],
])("a message with %s is refused", async (_, token, error) => {
  const { client } = await start({ token });
  await expect(client.chat.postMessage({ channel: "C0CODY", text: "t" })).rejects.toMatchObject({ data: { error } });
});

test("an app without the history scope is told which scope it needs", async () => {
  const { client } = await start({ scopes: ["chat:write"] });
  await expect(client.conversations.history({ channel: "C0CODY" })).rejects.toMatchObject({
    data: { error: "missing_scope", needed: "channels:history", provided: "commands,chat:write" },
  });
});

test.each<[string, object, string]>([
  [
    "an input without a submit button",
    { ...orderModal, submit: undefined, blocks: orderModal.blocks.slice(0, 1) },
    "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
  ],
  [
    "a title of 25 characters",
    { ...orderModal, title: plain(long(25)) },
    "must be less than 25 characters [json-pointer:/view/title/text]",
  ],
  [
    "a plan in a modal",
    { ...orderModal, blocks: [task({})] },
    "unsupported type: plan [json-pointer:/view/blocks/0/type]",
  ],
  [
    "private metadata of 3,001 characters",
    { ...orderModal, private_metadata: long(3_001) },
    "must be less than 3001 characters [json-pointer:/view/private_metadata]",
  ],
  [
    "two fields that want the focus",
    {
      ...orderModal,
      blocks: ["a", "b"].map((id) => ({
        type: "input",
        label: plain(id),
        element: { type: "plain_text_input", focus_on_load: true },
      })),
    },
    "only one element may have `focus_on_load` [json-pointer:/view/blocks]",
  ],
])("a modal is refused for %s", (_, view, message) => {
  expect(checkModal(view)).toEqual({ ok: false, error: "invalid_arguments", messages: [message] });
});

test("only the app's own messages can be changed, and only within 4,000 characters", async () => {
  const { client, slack } = await start();
  const own = await client.chat.postMessage({ channel: "C0CODY", text: "mine" });
  const other = slack.people.second.say("theirs");
  const update = (ts: string, text: string) => client.chat.update({ channel: "C0CODY", ts, text });
  await expect(update(own.ts!, long(4_001))).rejects.toMatchObject({ data: { error: "msg_too_long" } });
  await expect(update(other.ts, "t")).rejects.toMatchObject({ data: { error: "cant_update_message" } });
  await expect(update("1.1", "t")).rejects.toMatchObject({ data: { error: "message_not_found" } });
});

test("an update with text alone takes the blocks away; one with blocks alone keeps the text", async () => {
  const { client, slack } = await start();
  const card = await client.chat.postMessage({ channel: "C0CODY", text: "one", blocks: [section("one")] });
  await client.chat.update({ channel: "C0CODY", ts: card.ts!, blocks: [section("two")] } as never);
  expect(slack.workspace.message("C0CODY", card.ts!)).toMatchObject({ text: "one", blocks: [section("two")] });
  await client.chat.update({ channel: "C0CODY", ts: card.ts!, text: "three" });
  expect(slack.workspace.message("C0CODY", card.ts!)).not.toHaveProperty("blocks");
});

test("too many updates in a minute, or posts in a second, are answered with 429 and the seconds to wait", async () => {
  let now = 1_000_000_000_000;
  const limits = { callsPerMinute: { "chat.update": 3 }, otherCallsPerMinute: 100, postBurst: 2 };
  const { client, slack } = await start({ limits, nowMs: () => now });
  const first = await client.chat.postMessage({ channel: "C0CODY", text: "1" });
  await client.chat.postMessage({ channel: "C0CODY", text: "2" });
  await expect(client.chat.postMessage({ channel: "C0CODY", text: "3" })).rejects.toMatchObject({ retryAfter: 1 });
  const update = () => client.chat.update({ channel: "C0CODY", ts: first.ts!, text: "again" });
  for (let i = 0; i < 3; i++) await update();
  await expect(update()).rejects.toMatchObject({ retryAfter: 60 });
  now += 60_000;
  expect((await update()).ok).toBe(true);
  expect(slack.calls.filter(({ error }) => error === "ratelimited").map(({ method }) => method)).toEqual([
    "chat.postMessage",
    "chat.update",
  ]);
});

test("messages, their metadata and the home tab survive a restart, even with a line torn by the kill", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slack-"));
  stops.push(() => rm(folder, { recursive: true }));
  const before = await start({ folder });
  const metadata = { event_type: "cody_job", event_payload: { jobId: "j1" } };
  const card = await before.client.chat.postMessage({ channel: "C0CODY", text: "queued", metadata });
  await before.client.chat.update({ channel: "C0CODY", ts: card.ts!, text: "working" });
  const gone = await before.client.chat.postMessage({ channel: "C0CODY", text: "gone" });
  await before.client.chat.delete({ channel: "C0CODY", ts: gone.ts! });
  await before.client.views.publish({ user_id: "U0SECOND", view: { type: "home", blocks: [section("hello")] } });
  const direct = await before.client.chat.postMessage({ channel: "U0SECOND", text: "psst" });
  await stops.pop()!();
  await appendFile(join(folder, "workspace.jsonl"), '{"key":"C0CODY/1","kind":"mess');

  const after = await start({ folder });
  const { messages } = await after.client.conversations.history({ channel: "C0CODY", include_all_metadata: true });
  expect(messages).toMatchObject([{ ts: card.ts, text: "working", metadata }]);
  expect(after.slack.people.second.home()?.blocks).toMatchObject([section("hello")]);
  expect(after.slack.workspace.messages(direct.channel!).map(({ text }) => text)).toEqual(["psst"]);
  const next = await after.client.chat.postMessage({ channel: "C0CODY", text: "next" });
  expect(Number(next.ts)).toBeGreaterThan(Number(direct.ts));
});

test("a manifest that Slack would refuse is refused with all reasons at once", async () => {
  const manifest = structuredClone(socketManifest);
  manifest.oauth_config.scopes.bot = ["chat:write"];
  manifest.settings.socket_mode_enabled = false;
  await expect(startSlack({ log: () => {}, manifest, botToken: "b", appToken: "a" })).rejects.toThrow(
    /slash commands needs the scope commands[\s\S]*app_mention needs the scope app_mentions:read[\s\S]*\/probe needs a url[\s\S]*interactivity needs a request_url/,
  );
});
