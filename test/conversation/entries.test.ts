import fc from "fast-check";
import { expect, test } from "vitest";
import { messagesOf } from "../../packages/agent/history.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { Conversation, Turn } from "../../packages/conversation/conversation.ts";
import { conversationOf, entriesOf, messagesFromEntries } from "../../packages/conversation/entries.ts";
import { turnsOfConversation } from "../../packages/conversation/kept-turns.ts";
import { addUsage, NO_USAGE } from "../../packages/jobs/usage.ts";
import { calling, saying, stage, verdict } from "../agent/stage.ts";
import { anyCharacter } from "../any-character.ts";
import { aTurn, fromModel, fromUser } from "../turn-builders.ts";

const words = fc.string({ unit: anyCharacter, minLength: 1 });
const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text: words }),
  fc.record({ type: fc.constant("thinking"), thinking: fc.string(), signature: words }),
  fc.record({ type: fc.constant("tool_use"), id: words, name: words, input: fc.dictionary(words, fc.jsonValue()) }),
  fc.record({ type: fc.constant("tool_result"), tool_use_id: words, content: words, is_error: fc.boolean() }),
  fc.record({ type: words, anything: fc.jsonValue() }),
);
const blocks = fc.array(block, { minLength: 1, maxLength: 4 });
const usage = fc.record({
  input: fc.nat(),
  cacheWrite5m: fc.nat(),
  cacheWrite1h: fc.nat(),
  cacheRead: fc.nat(),
  output: fc.nat(),
});
const history = fc
  .array(fc.record({ asked: fc.option(blocks), answered: blocks, usage }), { minLength: 1, maxLength: 6 })
  .map((turns) =>
    turns.map(
      ({ asked, answered, usage: used }, i): Turn =>
        aTurn({
          turn: i + 1,
          sent: asked ? [fromUser(...asked)] : [],
          received: fromModel(...answered),
          messageId: `msg_${i}`,
          usage: used,
          costUsd: null,
        }),
    ),
  );

test("stored entries give back the messages to the byte, through JSON, whatever the blocks hold", () => {
  fc.assert(
    fc.property(history, (turns) => {
      const stored = JSON.parse(JSON.stringify(turns.flatMap(entriesOf)));
      expect(JSON.stringify(messagesFromEntries(stored))).toBe(JSON.stringify(messagesOf(turns)));
    }),
  );
});

test("a round's turns come back from its conversation with every message and its usage", () => {
  fc.assert(
    fc.property(history, (turns) => {
      const run = { jobId: "j0123456789abcdef", repository: "acme/app", round: 1, model: "m", scripted: true };
      const conversation = { ...run, system: "", tools: [], entries: turns.flatMap(entriesOf) };
      const back = turnsOfConversation(JSON.parse(JSON.stringify(conversation)));
      expect(JSON.stringify(messagesOf(back))).toBe(JSON.stringify(messagesOf(turns)));
      expect(back.map(({ turn, usage }) => [turn, usage])).toEqual(turns.map(({ turn, usage }) => [turn, usage]));
    }),
  );
});

test("the usage of all entries is the usage of the run, counted once a turn", () => {
  fc.assert(
    fc.property(history, (turns) => {
      const sum = (parts: { usage?: Turn["usage"] | undefined }[]) =>
        parts.reduce((total, part) => addUsage(total, part.usage ?? NO_USAGE), NO_USAGE);
      expect(sum(turns.flatMap(entriesOf))).toEqual(sum(turns));
    }),
  );
});

test("a real run's turns and conversation fit their schemas, and its entries are its last request and answer", async () => {
  await using on = await stage({ brain: saying(calling("read_file", { path: "README.md" }), verdict(false)) });
  const run = await runAgent(on.deps, on.input());
  const conversation = conversationOf(on.turns, { ...on.input(), prefix: run.prefix });
  expect(Conversation.parse(conversation)).toEqual(conversation);
  for (const turn of on.turns) expect(Turn.parse(turn)).toEqual(turn);
  const plain = (value: unknown) => JSON.stringify(value, (key, part) => (key === "cache_control" ? undefined : part));
  const last = on.bodies().at(-1)!;
  expect(plain(messagesFromEntries(conversation.entries).slice(0, -1))).toBe(plain(last.messages));
  expect(plain([{ type: "text", text: conversation.system }])).toBe(plain(last.system));
  expect(JSON.stringify(conversation.tools)).toBe(JSON.stringify(last.tools));
  expect(conversation.entries.map(({ role, type }) => `${role} ${type}`)).toEqual([
    "human message",
    "assistant message",
    "assistant tool_call",
    "human tool_result",
    "assistant message",
    "assistant tool_call",
  ]);
});

test("a call whose id is a word of the language has no command but its own", () => {
  const results = ["constructor", "toString", "__proto__"].map((id) => ({ type: "tool_result", tool_use_id: id }));
  const without = aTurn({ turn: 1, sent: [fromUser(...results)], commands: {} });
  expect(entriesOf(without).filter(({ command }) => command)).toEqual([]);
  const command = { exitCode: 0, timedOut: false, durationMs: 1 };
  const of = aTurn({ turn: 1, sent: [fromUser(...results)], commands: { constructor: command } as never });
  expect(entriesOf(of).flatMap((entry) => entry.command ?? [])).toEqual([command]);
});
