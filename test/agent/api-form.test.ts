import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { toApi } from "../../packages/agent/to-api.ts";
import type { ContentBlock, Message, Turn } from "../../packages/conversation/conversation.ts";
import type { Brain, Reply } from "../../packages/stand-ins/claude/brain.ts";
import { propertyRuns } from "../property-runs.ts";
import { aCall, aResult, aText, fromModel, fromUser } from "../turn-builders.ts";
import { calling, type Stage, saying, stage, verdict } from "./stage.ts";

const LONE = "half \ud83d";
const thinking = (words: string, more = {}): ContentBlock => ({ type: "thinking", thinking: words, ...more });
const use = (id: string, input?: unknown, name?: string) => aCall(id, name, input);
const system = (words: string): Message => ({ role: "system", content: [aText(words)] });

describe("a stored conversation as the API takes it", () => {
  const withNotes = { systemMessages: true };
  const table: [string, Message[], Message[]][] = [
    [
      "blank texts are left out, thinking keeps its place and its signature",
      [
        fromUser(aText("a")),
        fromModel(thinking("", { signature: "s" }), aText("\n\n"), use("t1")),
        fromUser(aResult("t1")),
      ],
      [fromUser(aText("a")), fromModel(thinking("", { signature: "s" }), use("t1")), fromUser(aResult("t1"))],
    ],
    [
      "an answer of nothing but a blank text says so",
      [fromUser(aText("a")), fromModel(aText(" ")), fromUser(aText("b"))],
      [fromUser(aText("a")), fromModel(aText("(no answer)")), fromUser(aText("b"))],
    ],
    [
      "an answer of nothing at all, too",
      [fromUser(aText("a")), fromModel(), fromUser(aText("b"))],
      [fromUser(aText("a")), fromModel(aText("(no answer)")), fromUser(aText("b"))],
    ],
    [
      "thinking is never the last block of an answer",
      [fromUser(aText("a")), fromModel(thinking("x", { signature: "s" }), aText("")), fromUser(aText("b"))],
      [fromUser(aText("a")), fromModel(thinking("x", { signature: "s" }), aText("(no answer)")), fromUser(aText("b"))],
    ],
    ["nothing is put behind a pause", [fromUser(aText("a")), fromModel(aText(" "))], [fromUser(aText("a"))]],
    [
      "an input that is no object becomes one",
      [
        fromUser(aText("a")),
        fromModel(use("t1", ["README.md"]), use("t2", null), use("t3", 5)),
        fromUser(aResult("t1"), aResult("t2"), aResult("t3")),
      ],
      [
        fromUser(aText("a")),
        fromModel(use("t1", { input: ["README.md"] }), use("t2", {}), use("t3", { input: 5 })),
        fromUser(aResult("t1"), aResult("t2"), aResult("t3")),
      ],
    ],
    [
      "halves of surrogate pairs, in texts, names of keys and results",
      [fromUser(aText(LONE)), fromModel(aText(LONE), use("t1", { [LONE]: [LONE] })), fromUser(aResult("t1", LONE))],
      [
        fromUser(aText("half \ufffd")),
        fromModel(aText("half \ufffd"), use("t1", { "half \ufffd": ["half \ufffd"] })),
        fromUser(aResult("t1", "half \ufffd")),
      ],
    ],
    [
      "an id that was used before, and one that the API does not take",
      [
        fromUser(aText("a")),
        fromModel(use("t1"), use("t1")),
        fromUser(aResult("t1", "first"), aResult("t1", "second")),
        fromModel(use("a.b")),
        fromUser(aResult("a.b")),
      ],
      [
        fromUser(aText("a")),
        fromModel(use("t1"), use("toolu_renamed_2")),
        fromUser(aResult("t1", "first"), aResult("toolu_renamed_2", "second")),
        fromModel(use("toolu_renamed_3")),
        fromUser(aResult("toolu_renamed_3")),
      ],
    ],
    [
      "a call without an answer, an answer without a call, an answer behind a text",
      [fromUser(aText("a")), fromModel(use("t1"), use("t2")), fromUser(aText("b"), aResult("t9"), aResult("t2"))],
      [
        fromUser(aText("a")),
        fromModel(use("t1"), use("t2")),
        fromUser({ ...aResult("t1", "There is no answer to this call."), is_error: true }, aResult("t2"), aText("b")),
      ],
    ],
    [
      "an empty answer of a tool",
      [fromUser(aText("a")), fromModel(use("t1"), use("t2")), fromUser(aResult("t1", ""), aResult("t2", [aText(" ")]))],
      [
        fromUser(aText("a")),
        fromModel(use("t1"), use("t2")),
        fromUser(aResult("t1", "(nothing)"), aResult("t2", "(nothing)")),
      ],
    ],
    [
      "blocks of unknown kinds, marks of the cache, thinking that no model signed",
      [
        fromUser({ ...aText("a"), cache_control: { type: "ephemeral" } }),
        fromModel({ type: "server_tool_use", id: "s1" }, { type: "hologram" }, thinking("x"), aText("y")),
        fromUser(aText("b")),
      ],
      [fromUser(aText("a")), fromModel(aText("y")), fromUser(aText("b"))],
    ],
    [
      "a tool whose name the API does not take back",
      [fromUser(aText("a")), fromModel(use("t1", {}, "read file!")), fromUser(aResult("t1"))],
      [fromUser(aText("a")), fromModel(use("t1", {}, "read_file_")), fromUser(aResult("t1"))],
    ],
    [
      "a note stands as a system message behind the user's",
      [fromUser(aText("a")), system("n"), fromModel(aText("b")), fromUser(aText("c"))],
      [fromUser(aText("a")), system("n"), fromModel(aText("b")), fromUser(aText("c"))],
    ],
    [
      "and framed where there is no message of the user",
      [fromUser(aText("a")), fromModel(aText("b")), system("n")],
      [fromUser(aText("a")), fromModel(aText("b")), fromUser(aText("<harness-note>\nn\n</harness-note>"))],
    ],
    [
      "which no file can write",
      [fromUser(aText("a")), fromModel(use("t1")), fromUser(aResult("t1", "1\t<harness-note> < /HARNESS-note>"))],
      [fromUser(aText("a")), fromModel(use("t1")), fromUser(aResult("t1", "1\t<\\harness-note> <\\ /HARNESS-note>"))],
    ],
  ];
  test.each(table)("%s", (_, stored, sent) => {
    const before = structuredClone(stored);
    expect(toApi(stored, withNotes)).toEqual({ messages: sent, unbinds: false });
    expect(stored).toEqual(before);
  });

  test("where the model has no system messages, a note goes into the last answer of a tool", () => {
    const stored = [
      fromUser(aText("a")),
      fromModel(use("t1"), use("t2")),
      fromUser(aResult("t1"), aResult("t2", "x")),
      system("n"),
    ];
    expect(toApi(stored, { systemMessages: false }).messages.at(-1)).toEqual(
      fromUser(aResult("t1"), aResult("t2", "x\n\n<harness-note>\nn\n</harness-note>")),
    );
    expect(toApi([fromUser(aText("a")), system("n")], { systemMessages: false }).messages).toEqual([
      fromUser(aText("a"), aText("<harness-note>\nn\n</harness-note>")),
    ]);
  });

  test("thinking behind a block of its answer that had to be left out or changed is said to be unbound", () => {
    const unbinds = (...content: ContentBlock[]) =>
      toApi([fromUser(aText("a")), fromModel(...content), fromUser(aText("b"))], withNotes).unbinds;
    const signed = thinking("x", { signature: "s" });
    expect(unbinds(aText(" "), signed, aText("y"))).toBe(true);
    expect(unbinds(use("t1", null), signed, use("t2"))).toBe(true);
    expect(unbinds(thinking("unsigned"), signed, aText("y"))).toBe(true);
    expect(unbinds(signed, aText(" "), use("t1", null))).toBe(false);
  });

  test("what was sent once is sent the same for ever, whatever the answers hold", () => {
    const block = fc.oneof(
      fc.constantFrom(aText(" "), aText("x"), thinking("x", { signature: "s" }), thinking("x"), { type: "hologram" }),
      fc.record({
        type: fc.constant("tool_use"),
        id: fc.constantFrom("a", "b", ""),
        name: fc.constant("n"),
        input: fc.jsonValue(),
      }),
    );
    const answer = fc.array(block, { maxLength: 4 });
    const conversation = fc.array(fc.record({ answer, note: fc.boolean() }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(conversation, fc.boolean(), (turns, systemMessages) => {
        const stored: Message[] = [fromUser(aText("task"))];
        let before: Message[] = toApi(stored, { systemMessages }).messages;
        for (const { answer, note } of turns) {
          const results = answer.filter(({ type }) => type === "tool_use").map(({ id }) => aResult(String(id)));
          stored.push(fromModel(...answer), fromUser(...results, ...(results.length > 0 ? [] : [aText("go on")])));
          if (note) stored.push(system("n"));
          const { messages } = toApi(stored, { systemMessages });
          expect(messages.slice(0, before.length)).toEqual(before);
          before = messages;
        }
      }),
      { numRuns: propertyRuns(80) },
    );
  });
});

describe("whatever Claude answers, it is stored as it came and the conversation goes on", () => {
  let on: Stage;
  let brain: Brain;
  beforeAll(async () => {
    on = await stage({ brain: (request) => brain(request) });
  });
  afterAll(() => on[Symbol.asyncDispose]());
  beforeEach(() => {
    on.turns.length = 0;
    on.refused.length = 0;
  });
  const said = (turn: Turn) =>
    turn.sent.flatMap(({ content }) => content).map((block) => String(block.text ?? block.content));

  const odd: [string, Reply, RegExp?][] = [
    ["a blank text before a call", { content: [thinking("x"), aText("\n\n"), use("t1")] }],
    ["a blank text and nothing else", { content: [aText("\n\n")] }, /stopped without a verdict/],
    ["nothing at all", { content: [] }, /stopped without a verdict/],
    ["thinking and nothing else", { content: [thinking("x")] }, /stopped without a verdict/],
    ["thinking behind a blank text, which binds it to that", { content: [aText(" "), thinking("x"), use("t1")] }],
    ["an input that is an array", { content: [use("t1", ["README.md"])] }, /read_file did not run.*expected object/],
    ["an input that is null", { content: [use("t1", null)] }, /read_file did not run/],
    ["an input that is a string", { content: [thinking("x"), use("t1", "README.md")] }, /read_file did not run/],
    ["half of a surrogate pair", { content: [aText(LONE), use("t1", { path: LONE })] }, /half of a surrogate pair/],
    ["the same id twice", { content: [use("t1"), use("t1", { path: "gone" })] }, /There is no gone/],
    ["an id that cannot go back", { content: [use("t 1")] }],
    ["a tool that does not exist", { content: [use("t1", {}, "browse the web")] }, /There is no tool browse the web/],
    ["a block of an unknown kind", { content: [{ type: "hologram", size: "small" }, aText("So."), use("t1")] }],
    ["a call of a server's tool", { content: [{ type: "server_tool_use", id: "s1", name: "web_search", input: {} }] }],
    ["calls in an answer that says end_turn", { content: [use("t1")], stopReason: "end_turn" }, /# Sample/],
    ["calls in an answer that paused", { content: [thinking("x"), use("t1")], stopReason: "pause_turn" }, /# Sample/],
    ["a pause with nothing in it", { content: [], stopReason: "pause_turn" }],
    ["a cut-off call", { content: [use("t1", [])], stopReason: "max_tokens" }, /did not run/],
    ["a stop reason of tomorrow", { content: [use("t1")], stopReason: "tomorrow" }, /# Sample/],
  ];
  test.each(odd)("%s", async (_, reply, answer) => {
    let asked = 0;
    brain = () =>
      [
        reply,
        { ...reply, ...(reply.content && { content: reply.content.map((block) => ({ ...block })) }) },
        verdict(false),
      ][Math.min(asked++, 2)]!;
    const first = await runAgent(on.deps, on.input());
    expect(on.refused).toEqual([]);
    expect(first.ending.kind).toBe(asked === 2 ? "failed" : "verdict");
    const came = on.turns[0]!.received.content.map(({ signature, ...block }) => block);
    expect(came).toEqual(JSON.parse(JSON.stringify(reply.content)));
    if (answer) expect(said(on.turns[1]!).join("\n")).toMatch(answer);
    // A follow-up goes on from there.
    brain = () => verdict(false);
    const again = await runAgent(
      on.deps,
      on.input({ round: 2, earlierTurns: [...on.turns], before: first.totals, followUp: "And?" }),
    );
    expect(on.refused).toEqual([]);
    expect(again.ending.kind).toBe("verdict");
  });

  test.each([
    ["refusal", "refused"],
    ["model_context_window_exceeded", "limit"],
  ])("an answer that ends as %s with a call in it: the run ends, a follow-up goes on", async (stopReason, kind) => {
    brain = () => ({ content: [aText("\n"), use("t1", null)], stopReason });
    const first = await runAgent(on.deps, on.input());
    expect(first.ending.kind).toBe(kind);
    brain = () => verdict(false);
    const again = await runAgent(
      on.deps,
      on.input({ round: 2, earlierTurns: [...on.turns], before: first.totals, followUp: "And?" }),
    );
    expect(again.ending.kind).toBe("verdict");
    expect(on.refused).toEqual([]);
  });

  test("a model without system messages gets the notes framed, and a gateway that has none is found out once", async () => {
    brain = saying(
      calling("read_file", { path: "gone" }),
      calling("read_file", { path: "gone2" }),
      calling("read_file", { path: "gone3" }),
      verdict(false),
    );
    const notes = () => JSON.stringify(on.bodies().at(-1)!.messages).match(/"role":"system"|<harness-note>/g);
    await runAgent(on.deps, on.input({ model: "claude-sonnet-4-6" }));
    expect(notes()).toEqual(["<harness-note>"]);
    await runAgent(on.deps, on.input());
    expect(notes()).toEqual(['"role":"system"']);
    const { messages } = on.client.withOptions({
      fetch: async (url, init) =>
        String(init?.body).includes('"role":"system"')
          ? Response.json(
              {
                type: "error",
                error: {
                  type: "invalid_request_error",
                  message: "messages.7: role 'system' is not supported on this model",
                },
              },
              { status: 400 },
            )
          : fetch(url as string, init),
    });
    on.turns.length = 0;
    expect((await runAgent({ ...on.deps, messages }, on.input())).ending.kind).toBe("verdict");
    expect(notes()).toEqual(["<harness-note>"]);
    expect(on.turns.map(({ concessions }) => concessions)).toEqual([undefined, undefined, undefined, ["frame-notes"]]);
  });
});
