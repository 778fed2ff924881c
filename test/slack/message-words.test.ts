import { describe, expect, it } from "vitest";
import { MAX_PROMPT_CHARS } from "../../packages/jobs/job.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { messageWords, wordsTo } from "../../slack/message-words.ts";
import { promptText } from "../../slack/prompt-text.ts";
import { readMention, threadWords } from "../../slack/thread-context.ts";
import { manifest } from "./world.ts";

describe("a message's text is what its writer saw", () => {
  it.each<[string, string]>([
    ["update <http://README.md|README.md>", "update README.md"],
    ["clone <mailto:git@github.com|git@github.com>:acme/x", "clone git@github.com:acme/x"],
    ["see <https://example.com/a|example.com/a>", "see example.com/a"],
    ["see <https://www.example.com/|example.com>", "see example.com"],
    ["see <https://example.com/a?x=1&amp;y=2>", "see https://example.com/a?x=1&y=2"],
    ["see <https://example.com/a?x=1&amp;y=2|https://example.com/a?x=1&amp;y=2>", "see https://example.com/a?x=1&y=2"],
    ["see <https://x.example/guide|the guide>", "see the guide (https://x.example/guide)"],
    ["see <https://x.example/very/long/path|https://x.example/very/lo…>", "see https://x.example/very/long/path"],
    ["call <tel:+4930123|+4930123>", "call +4930123"],
    ["<@U012AB> and <@U012AB|jane>", "@U012AB and @jane"],
    ["in <#C012AB|ops> or <#C012AB> or <#C012AB|>", "in #ops or #C012AB or #C012AB"],
    ["<!here> <!channel|channel> <!everyone>", "@here @channel @everyone"],
    ["<!subteam^S012AB|@backend> <!subteam^S012AB>", "@backend @S012AB"],
    [
      "until <!date^1764201600^{date}|27 November> or <!date^1764201600^{date}^https://x.example|then>",
      "until 27 November or then",
    ],
    ["a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"],
    ["List&lt;String&gt; and &amp;lt;", "List<String> and &lt;"],
    ["ship it :tada:", "ship it :tada:"],
    ["“quoted” — and more…", "“quoted” — and more…"],
    ["a <b and 1 > 0", "a <b and 1 > 0"],
    ["<unknown>", "<unknown>"],
  ])("%j: %j", (text, words) => expect(promptText(text)).toBe(words));
});

const inline = (...elements: object[]) => ({ type: "rich_text_section", elements });
const text = (words: string, style?: object) => ({ type: "text", text: words, ...(style && { style }) });
const list = (style: string, indent: number, ...items: string[]) => ({
  type: "rich_text_list",
  style,
  indent,
  elements: items.map((item) => inline(text(item))),
});
const rich = (...elements: object[]) => ({ text: "fallback", blocks: [{ type: "rich_text", elements }] });

describe("what was written in Slack's editor keeps its shape", () => {
  it.each<[string, object, string]>([
    [
      "marks are not words",
      rich(inline(text("Make it "), text("bold", { bold: true }), text(", not "), text("npm ci", { code: true }))),
      "Make it bold, not `npm ci`",
    ],
    [
      "lists, one inside the other",
      rich(
        inline(text("Do:")),
        list("ordered", 0, "first", "second"),
        list("bullet", 1, "a", "b"),
        list("ordered", 0, "third"),
      ),
      "Do:\n1. first\n2. second\n  - a\n  - b\n3. third",
    ],
    ["a numbered list that begins later", rich({ ...list("ordered", 0, "fifth"), offset: 4 }), "5. fifth"],
    [
      "two numbered lists",
      rich(list("ordered", 0, "a"), inline(text("then")), list("ordered", 0, "b")),
      "1. a\nthen\n1. b",
    ],
    [
      "code",
      rich(inline(text("Run\n")), {
        type: "rich_text_preformatted",
        elements: [text("go test ./...\n"), { type: "link", url: "http://README.md", text: "README.md" }],
      }),
      "Run\n```\ngo test ./...\nREADME.md\n```",
    ],
    [
      "a quote",
      rich({ type: "rich_text_quote", elements: [text("one\ntwo")] }, inline(text("so?"))),
      "> one\n> two\nso?",
    ],
    [
      "people, places, dates and emoji",
      rich(
        inline(
          { type: "user", user_id: "U1" },
          text(" "),
          { type: "channel", channel_id: "C1" },
          text(" "),
          { type: "broadcast", range: "here" },
          text(" "),
          { type: "usergroup", usergroup_id: "S1" },
          text(" "),
          { type: "emoji", name: "tada", unicode: "1f389" },
          { type: "emoji", name: "cody" },
          text(" "),
          { type: "date", timestamp: 1, format: "{date}", fallback: "today" },
        ),
      ),
      "@U1 #C1 @here @S1 🎉:cody: today",
    ],
    [
      "links as they were seen",
      rich(
        inline(
          { type: "link", url: "http://README.md", text: "README.md" },
          text(" "),
          { type: "link", url: "https://x.example/a" },
          text(" "),
          { type: "link", url: "https://x.example/a", text: "this" },
        ),
      ),
      "README.md https://x.example/a this (https://x.example/a)",
    ],
    ["elements that are not known yet keep their text", rich(inline({ type: "new_thing", text: "words" })), "words"],
  ])("%s", (_, message, words) => expect(messageWords(message)).toBe(words));
});

describe("a message without a text of its own, as monitoring apps post it", () => {
  it.each<[string, object, string]>([
    [
      "blocks",
      {
        text: "",
        blocks: [
          { type: "header", text: { type: "plain_text", text: "High error rate" } },
          {
            type: "section",
            text: { type: "mrkdwn", text: "*orders* &gt; 5 %" },
            fields: [{ type: "mrkdwn", text: "*Since*\n12:04" }],
          },
          {
            type: "context",
            elements: [
              { type: "image", image_url: "https://x.example/i.png", alt_text: "red" },
              { type: "mrkdwn", text: "<https://x.example/r|Runbook>" },
            ],
          },
          { type: "divider" },
          { type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Acknowledge" } }] },
        ],
      },
      "High error rate\n*orders* > 5 %\n*Since*\n12:04\nred Runbook (https://x.example/r)",
    ],
    [
      "an attachment",
      {
        text: "",
        attachments: [
          {
            pretext: "Alert",
            title: "NullPointerException",
            title_link: "https://x.example/1",
            text: "in `OrderService`",
            fields: [{ title: "Host", value: "a &amp; b", short: true }],
            fallback: "not this",
          },
        ],
      },
      "Alert\nNullPointerException (https://x.example/1)\nin `OrderService`\nHost: a & b",
    ],
    ["only a fallback", { attachments: [{ fallback: "Build 7 failed", color: "danger" }] }, "Build 7 failed"],
    [
      "blocks in an attachment",
      {
        text: "Alert",
        attachments: [{ color: "#f00", blocks: [{ type: "section", text: { type: "mrkdwn", text: "disk full" } }] }],
      },
      "Alert\ndisk full",
    ],
    [
      "files",
      { text: "", files: [{ name: "trace.log" }, { title: "Screenshot" }] },
      "File: trace.log\nFile: Screenshot",
    ],
    [
      "a table",
      {
        blocks: [
          {
            type: "table",
            rows: [
              [
                { type: "raw_text", text: "a" },
                { type: "raw_text", text: "b" },
              ],
              [
                { type: "raw_text", text: "1" },
                { type: "raw_text", text: "2" },
              ],
            ],
          },
        ],
      },
      "a | b\n1 | 2",
    ],
    [
      "a shared message",
      { text: "look", attachments: [{ is_share: true, from_url: "https://x.slack.example/1", text: "it fails" }] },
      "look\nit fails",
    ],
    [
      "a preview of a link is no person's words",
      {
        text: "see <https://x.example>",
        attachments: [{ from_url: "https://x.example", title: "Example", text: "Lorem" }],
      },
      "see https://x.example",
    ],
    ["nothing at all", { text: "" }, ""],
    ["nonsense", { text: 7, blocks: "x", attachments: [null, 3], files: {} }, ""],
  ])("%s", (_, message, words) => expect(messageWords(message)).toBe(words));

  it.each<[string, object, string]>([
    ["in its text", { text: "<@UBOT> raise it, <@UBOT> please" }, "raise it, please"],
    ["with a colon", { text: "<@UBOT|cody>: raise it" }, "raise it"],
    ["in the editor", rich(inline({ type: "user", user_id: "UBOT" }, text(" raise it"))), "raise it"],
  ])("a mention of us is left out: %s", (_, message, words) => expect(wordsTo(message, "UBOT")).toBe(words));
});

describe("a thread gives its end, and says what is missing", () => {
  const said = (count: number, chars = 10) => Array.from({ length: count }, (_, i) => `${i + 1}`.padEnd(chars, "."));

  it.each<[string, string[], number, RegExp, number]>([
    ["all of a short one", said(3), 0, /^\n\nWhat was said in the thread before:\n> 1/, 3],
    ["what was never read", said(3), 29, /\(29 earlier messages are left out\)/, 3],
    ["what does not fit", said(40, 500), 0, /\(\d+ earlier messages are left out\):\n> \d/, 0],
  ])("%s", (_, messages, leftOut, title, least) => {
    const words = threadWords(messages, leftOut, MAX_PROMPT_CHARS);
    expect(words).toMatch(title);
    expect(words.length).toBeLessThanOrEqual(MAX_PROMPT_CHARS);
    expect(words).toContain(`> ${messages.at(-1)}`);
    const shown = words.split("\n>\n").length;
    expect(shown).toBeGreaterThanOrEqual(least || 15);
    if (!least) expect(words).toContain(`(${messages.length - shown} earlier`);
  });

  it("one long message is shortened to its end", () => {
    const words = threadWords([`begin ${"x".repeat(20_000)} end`], 0, 1_000);
    expect(words).toMatch(/before:\n> ….*x end$/s);
    expect(words.length).toBeLessThanOrEqual(1_000);
    expect(threadWords(["anything"], 0, 50)).toBe("");
  });
});

it("a mention at the end of a long thread finds itself there, and what was said last", async () => {
  const slack = await startSlack({
    manifest: manifest("socket"),
    botToken: "xoxb-x",
    appToken: "xapp-x",
    log: () => {},
  });
  try {
    const client = createSlackClient("xoxb-x", { slackApiUrl: slack.apiUrl });
    const { requester, second } = slack.people;
    const root = second.say("It began here");
    const read = async (count: number) => {
      for (let i = slack.workspace.messages("C0CODY").length; i < count; i++)
        second.say(`Reply ${i}`, { threadTs: root.ts });
      const { ts } = requester.say("<@U0CODYBOT> fix it", { threadTs: root.ts });
      second.say("Said later", { threadTs: root.ts });
      return (await readMention(client, { channelId: "C0CODY", ts, threadTs: root.ts }, "U0CODYBOT"))?.prompt;
    };
    const of132 = await read(131);
    expect(of132).toMatch(/^fix it\n\nWhat was said in the thread before:\n> It began here\n>\n> Reply 1\n/);
    expect(of132).toMatch(/\n> Reply 130$/);
    const of700 = await read(700);
    expect(of700).toMatch(
      /^fix it\n\nWhat was said in the thread before, its end \(\d{3} earlier messages are left out\):\n/,
    );
    expect(of700).toMatch(/\n> Reply 699$/);
  } finally {
    await slack.stop();
  }
});
