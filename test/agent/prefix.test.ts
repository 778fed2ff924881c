import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentInput } from "../../packages/agent/agent-input.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { createTools } from "../../packages/agent/tools/create-tools.ts";
import { toolFor } from "../../packages/agent/tools/earlier-tools.ts";
import { knowsReplies } from "../../packages/agent/tools/report-verdict.ts";
import { Conversation, type Prefix, Turn } from "../../packages/conversation/conversation.ts";
import { conversationOf } from "../../packages/conversation/entries.ts";
import { turnsOfConversation } from "../../packages/conversation/kept-turns.ts";
import { calling, type Stage, saying, stage, verdict } from "./stage.ts";

const look = calling("read_file", { path: "README.md" });

describe("a release that changes the system text and a tool, in the middle of a conversation", () => {
  let on: Stage;
  let earlier: Prefix;
  beforeAll(async () => {
    on = await stage({ brain: saying(look, verdict(false)) });
    const { prefix } = await runAgent(on.deps, on.input());
    earlier = {
      system: `${prefix.system}\nAn older release said this.`,
      tools: prefix.tools.map((tool) =>
        tool.name === "read_file" ? { ...tool, description: "An older text." } : tool,
      ),
    };
  });
  afterAll(() => on[Symbol.asyncDispose]());
  beforeEach(() => {
    on.turns.length = 0;
    on.refused.length = 0;
  });

  /** A conversation as the older release has held it, up to its verdict or only so many turns. */
  async function begun(turns?: number, stores: "prefix" | "nothing" = "prefix"): Promise<Turn[]> {
    // That release asked with its own words from the first request on: the stand-in binds its thinking to them.
    const begin = { ...on.input(), earlierTurns: [], keptPrefix: earlier };
    const { messages } = on.client.withOptions({
      fetch: (url, init) => fetch(url as string, { ...init, body: withPrefix(String(init?.body), earlier) }),
    });
    await runAgent({ ...on.deps, messages }, begin);
    const stored = on.turns.slice(0, turns).map((turn) => Turn.parse(JSON.parse(JSON.stringify(turn))));
    on.turns.length = 0;
    const [first, ...rest] = stored.map(({ prefix: _, ...turn }): Turn => turn);
    return [{ ...first!, ...(stores === "prefix" && { prefix: earlier }) }, ...rest];
  }
  const withPrefix = (body: string, { system, tools }: Prefix) =>
    JSON.stringify({
      ...JSON.parse(body),
      system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
      tools,
    });
  const lastBody = () => on.bodies().at(-1)!;
  const refine = (earlierTurns: Turn[], changes: Partial<AgentInput> = {}) =>
    runAgent(on.deps, on.input({ round: 2, earlierTurns, followUp: "And?", ...changes }));

  test.each<[string, Partial<AgentInput>, number | undefined]>([
    ["a follow-up", { round: 2, followUp: "And?" }, undefined],
    ["a raised cost limit", { round: 2 }, undefined],
    ["an attempt that goes on after a crash", { round: 1, attempt: 2 }, 1],
  ])("%s asks with what the conversation began with", async (_, changes, turns) => {
    const earlierTurns = await begun(turns);
    const run = await runAgent(on.deps, on.input({ earlierTurns, ...changes }));
    expect(on.refused).toEqual([]);
    expect(run.ending.kind).toBe("verdict");
    expect(lastBody().system).toMatchObject([{ text: earlier.system }]);
    expect(JSON.stringify(lastBody().tools)).toBe(JSON.stringify(earlier.tools));
    expect(lastBody().thinking).toEqual({ type: "adaptive", display: "summarized" });
    expect(run.prefix).toEqual(earlier);
    // The next round's conversation.json says so, and a third round goes on from turns that have it.
    expect(conversationOf(on.turns, { ...on.input(), prefix: run.prefix })).toMatchObject(earlier);
    expect(on.turns.every(({ prefix }) => prefix === undefined)).toBe(true);
  });

  test("without what was stored, the strict stand-in would refuse it: the check can fail", async () => {
    const earlierTurns = await begun();
    const { messages } = on.client.withOptions({
      fetch: (url, init) =>
        fetch(url as string, { ...init, body: String(init?.body).replace("An older text.", "A newer text.") }),
    });
    const run = await runAgent({ ...on.deps, messages }, on.input({ round: 2, earlierTurns, followUp: "And?" }));
    expect(on.refused[0]).toContain("The block is bound to a different conversation");
    // It is asked once more, with such thinking dropped, and that stays so.
    expect(run.ending.kind).toBe("verdict");
    expect(on.turns.every(({ concessions }) => concessions?.[0] === "drop-thinking")).toBe(true);
    expect(lastBody().thinking).toMatchObject({ block_binding: { prefix_mismatch_behavior: "drop_block" } });
  });

  test("a conversation that stored nothing goes on with what conversation.json says, and drops what does not fit", async () => {
    const earlierTurns = await begun(undefined, "nothing");
    const kept = Conversation.parse(conversationOf(earlierTurns, { ...on.input(), prefix: earlier }));
    const run = await refine(earlierTurns, { keptPrefix: { system: kept.system, tools: kept.tools } });
    expect([on.refused, run.ending.kind, run.prefix]).toEqual([[], "verdict", earlier]);
    expect(lastBody().thinking).toMatchObject({ block_binding: { prefix_mismatch_behavior: "drop_block" } });
    expect(on.turns[0]!.prefix).toEqual(earlier);
    // Its turns may have expired: then they are the conversation's.
    on.turns.length = 0;
    expect((await refine(turnsOfConversation(kept), { keptPrefix: earlier })).ending.kind).toBe("verdict");
    expect(on.refused).toEqual([]);
  });

  test("and where that is not known, with today's words, and thinking that was bound to others is dropped", async () => {
    const run = await refine(await begun(undefined, "nothing"));
    expect([on.refused, run.ending.kind]).toEqual([[], "verdict"]);
    expect(run.prefix.system).not.toContain("An older release");
    const model = "claude-sonnet-4-6";
    on.turns.length = 0;
    await refine(await begun(undefined, "nothing"), { model });
    expect(lastBody()).toMatchObject({ model, thinking: { type: "adaptive", display: "summarized" } });
    expect(on.refused).toEqual([]);
  });
});

test("a round on a review goes on with today's tools where the conversation's know no replies, and stays with them", async () => {
  const replies = [{ thread: "T1", body: "Because." }];
  const [call] = verdict(false).calls!;
  const replying = { calls: [{ ...call!, input: { ...call!.input, replies } }] };
  await using on = await stage({
    brain: (request) =>
      JSON.stringify(request.messages.at(-1)).includes("T1") ? replying : saying(look, verdict(false))(request),
  });
  await runAgent(on.deps, on.input());
  // As an earlier release has stored it.
  const began = on.turns.splice(0).map((turn) => ({
    ...turn,
    ...(turn.prefix && {
      prefix: JSON.parse(JSON.stringify(turn.prefix).replaceAll('"replies"', '"notes"')) as Prefix,
    }),
  }));
  expect(knowsReplies(began[0]!.prefix!.tools)).toBe(false);
  const run = await runAgent(on.deps, on.input({ round: 2, earlierTurns: began, followUp: "T1?", threads: ["T1"] }));
  expect([on.refused, run.ending]).toMatchObject([[], { kind: "verdict", verdict: { replies } }]);
  expect(knowsReplies(run.prefix.tools)).toBe(true);
  expect(on.bodies().at(-1)!.thinking).toMatchObject({ block_binding: { prefix_mismatch_behavior: "drop_block" } });
  const later = [...began, ...on.turns.splice(0)];
  expect(later.filter(({ prefix }) => prefix)).toHaveLength(2);
  await runAgent(on.deps, on.input({ round: 3, earlierTurns: later, followUp: "And?" }));
  expect([on.refused, on.bodies().at(-1)!.tools]).toEqual([[], run.prefix.tools]);
  expect(on.turns.some(({ prefix }) => prefix)).toBe(false);
});

describe("a tool under the name and in the shape of an earlier release", () => {
  const tools = createTools({} as Parameters<typeof createTools>[0]);
  const earlier = {
    view_file: { name: "read_file", input: ({ file, ...rest }: Record<string, unknown>) => ({ path: file, ...rest }) },
    search: { name: "search", input: ({ regex, ...rest }: Record<string, unknown>) => ({ pattern: regex, ...rest }) },
  };
  const call = (name: string, input: unknown) => ({ type: "tool_use", id: "t1", name, input });
  const path = "README.md";
  test.each([
    ["list_files", { glob: "*" }],
    ["read_file", { path, from_line: 1, to_line: 2 }],
    ["search", { pattern: "x", regex: true, ignore_case: true, glob: "*.md" }],
    ["edit_file", { path, old_text: "a", new_text: "b" }],
    ["write_file", { path, content: "x" }],
    ["delete_file", { path }],
    ["move_file", { from: path, to: "b" }],
    ["run_command", { command: "true", timeout_seconds: 5 }],
    ["report_verdict", verdict(false).calls![0]!.input],
  ])("what the first release took as %s is taken today", (name, input) => {
    const all = createTools({ run: async () => ({}) } as unknown as Parameters<typeof createTools>[0]);
    const { tool, input: today } = toolFor(call(name, input), all);
    expect(tool?.schema.safeParse(today).success).toBe(true);
  });

  test.each([
    ["an old name", call("view_file", { file: "a", from_line: 2 }), "read_file", { path: "a", from_line: 2 }],
    ["an old shape", call("search", { regex: "x" }), "search", { pattern: "x" }],
    ["today's shape under the same name", call("search", { pattern: "x" }), "search", { pattern: "x" }],
    ["today's name, wrongly called", call("read_file", { file: "a" }), "read_file", { file: "a" }],
    ["an old name without an object", call("view_file", ["a"]), "read_file", ["a"]],
    ["a name of Object's own", call("constructor", {}), undefined, {}],
  ])("%s", (_, asked, name, input) => {
    const found = toolFor(asked, tools, earlier);
    expect([found.tool?.name, found.input]).toEqual([name, input]);
  });
});
