import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Claude, startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { aCall, aResult } from "../turn-builders.ts";

let claude: Claude;
const log: string[] = [];
beforeAll(async () => {
  claude = await startClaude({ log: (line) => log.push(line) });
});
afterAll(() => claude.stop());

type Message = { role: string; content: unknown };
const user = (content: unknown): Message => ({ role: "user", content });
const image = (media_type: string, data: string) => ({ type: "image", source: { type: "base64", media_type, data } });
const gif = (width: number) => {
  const bytes = Buffer.from("474946383961000001000000002c00000000010001000002003b", "hex");
  bytes.writeUInt16LE(width, 6);
  return bytes.toString("base64");
};
const [GIF, WIDE] = [gif(1), gif(8_001)];
const assistant = (content: unknown): Message => ({ role: "assistant", content });
const use = (id: string) => aCall(id, "list_files", {});
const system = (content: unknown): Message => ({ role: "system", content });
const result = (id: string) => aResult(id, "none");
const tool = { name: "list_files", input_schema: { type: "object", properties: {} } };
const marked = { type: "text", text: "hi", cache_control: { type: "ephemeral" } };

const DROPS = { "anthropic-beta": "other-beta, thinking-binding-controls-2026-08-01" };
const HEADERS = { "content-type": "application/json", "anthropic-version": "2026-10-21" };

async function post(changes: Record<string, unknown>, headers: Record<string, string> = {}) {
  const body = { model: "claude-sonnet-5-5", max_tokens: 1_000, messages: [user("hi")], ...changes };
  const response = await fetch(`${claude.url}/v1/messages`, {
    method: "POST",
    headers: { ...HEADERS, authorization: `Bearer ${claude.apiKey}`, ...headers },
    body: JSON.stringify(body),
  });
  const json = (await response.json()) as {
    error?: { type: string; message: string };
    model?: string;
    content?: { text?: string }[];
  };
  return { status: response.status, ...json };
}

describe("what the API refuses, the stand-in refuses in its words", () => {
  const table: [string, Record<string, unknown>, RegExp][] = [
    [
      "a tool_use without its result",
      { messages: [user("a"), assistant([use("t1")]), user("b")] },
      /`tool_use` ids were found without `tool_result` blocks immediately after: t1/,
    ],
    [
      "a tool_use at the end",
      { messages: [user("a"), assistant([use("t1")])] },
      /without `tool_result` blocks immediately after/,
    ],
    [
      "one of two results missing",
      { messages: [user("a"), assistant([use("t1"), use("t2")]), user([result("t1")])] },
      /after: t2/,
    ],
    ["a result that was not asked for", { messages: [user([result("t9")])] }, /unexpected `tool_use_id`.*t9/],
    [
      "ids used twice",
      {
        messages: [
          user("a"),
          assistant([use("t1")]),
          user([result("t1")]),
          assistant([use("t1")]),
          user([result("t1")]),
        ],
      },
      /`tool_use` ids must be unique/,
    ],
    [
      "text before a result",
      { messages: [user("a"), assistant([use("t1")]), user([{ type: "text", text: "x" }, result("t1")])] },
      /must come first/,
    ],
    [
      "a blank text",
      { messages: [user("a"), assistant([{ type: "text", text: "\n\n" }]), user("b")] },
      /messages\.1\.content\.0: text content blocks must contain non-whitespace text/,
    ],
    [
      "a blank text in an answer of a tool",
      {
        messages: [
          user("a"),
          assistant([use("t1")]),
          user([{ ...result("t1"), content: [{ type: "text", text: " " }] }]),
        ],
      },
      /non-whitespace text/,
    ],
    [
      "an empty answer of a tool that failed",
      { messages: [user("a"), assistant([use("t1")]), user([{ ...result("t1"), content: "", is_error: true }])] },
      /content cannot be empty if `is_error` is true/,
    ],
    ...[["README.md"], "README.md", 5, null].map((input): [string, Record<string, unknown>, RegExp] => [
      `a tool input that is ${JSON.stringify(input)}`,
      { messages: [user("a"), assistant([{ ...use("t1"), input }]), user([result("t1")])] },
      /messages\.1\.content\.0\.tool_use\.input: Input should be a valid dictionary/,
    ]),
    [
      "a tool's id or name that the API does not write",
      { messages: [user("a"), assistant([use("t.1")]), user([result("t.1")])] },
      /tool_use\.id: String should match pattern/,
    ],
    [
      "a name with a space",
      { messages: [user("a"), assistant([{ ...use("t1"), name: "a b" }]), user([result("t1")])] },
      /tool_use\.name: String should match pattern/,
    ],
    ...["text", "input", "key", "result", "system", "tool"].map((where): [string, Record<string, unknown>, RegExp] => {
      const half = (at: string) => (at === where ? "x\ud83d" : "x");
      const call = { ...use("t1"), input: { [half("key")]: [half("input")] } };
      return [
        `half of a surrogate pair in a ${where}`,
        {
          system: half("system"),
          tools: [{ ...tool, description: half("tool") }],
          messages: [user(half("text")), assistant([call]), user([{ ...result("t1"), content: half("result") }])],
        },
        /The request body is not valid JSON: no low surrogate in string/,
      ];
    }),
    [
      "a block of an unknown kind",
      { messages: [user([{ type: "hologram", size: "small" }])] },
      /Input tag 'hologram' found using 'type' does not match any of the expected tags/,
    ],
    [
      "a block of a server's tool that was not offered",
      {
        messages: [
          user("a"),
          assistant([{ type: "server_tool_use", id: "s1", name: "web_search", input: {} }]),
          user("b"),
        ],
      },
      /Input tag 'server_tool_use'/,
    ],
    ["an image of nothing", { messages: [user([{ type: "image" }])] }, /image\.source: Field required/],
    [
      "an image in an answer",
      { messages: [user("a"), assistant([{ type: "image", source: {} }]), user("b")] },
      /not allowed in assistant/,
    ],
    [
      "a system message on a model that has none",
      { model: "claude-sonnet-4-6", messages: [user("a"), system("n")] },
      /role 'system' is not supported on this model/,
    ],
    ["a system message first", { messages: [system("n"), user("a")] }, /first message must use the "user" role/],
    [
      "a system message behind an answer",
      { messages: [user("a"), assistant("b"), system("n")] },
      /messages\.2: a `system` message must immediately follow a `user` message/,
    ],
    [
      "a system message before the user's",
      { messages: [user("a"), system("n"), user("b")] },
      /messages\.1: a `system` message must be the last one or precede/,
    ],
    [
      "a result that only comes behind a system message",
      { messages: [user("a"), assistant([use("t1")]), user("b"), system("n"), assistant("c")] },
      /`tool_use` ids were found without/,
    ],
    [
      "a beta's field without its header",
      { thinking: { type: "adaptive", block_binding: { prefix_mismatch_behavior: "drop_block" } } },
      /block_binding: this field requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header/,
    ],
    ["an effort that there is not", { output_config: { effort: "huge" } }, /output_config\.effort/],
    [
      "an effort on a model that knows none",
      { model: "claude-haiku-4-5", output_config: { effort: "low" } },
      /does not support the effort parameter/,
    ],
    [
      "an effort that a model does not know",
      { model: "claude-sonnet-4-6", output_config: { effort: "xhigh" } },
      /does not support effort level 'xhigh'/,
    ],
    ["an image without a source", { messages: [user([{ type: "image" }])] }, /image\.source: Field required/],
    ["an image of another kind", { messages: [user([image("image/bmp", GIF)])] }, /media_type: Input should be/],
    ["an image that is another one", { messages: [user([image("image/png", GIF)])] }, /appears to be image\/gif/],
    ["what is no image", { messages: [user([image("image/gif", "AAAA")])] }, /Could not process image/],
    ["too many pixels", { messages: [user([image("image/gif", WIDE)])] }, /exceed max allowed size: 8000 pixels/],
    [
      "too many bytes",
      { messages: [user([image("image/gif", GIF + "A".repeat(5_242_880))])] },
      /image exceeds 5 MB maximum: \d+ bytes > 5242880 bytes/,
    ],
    ["an image with a name", { messages: [user([{ ...image("image/gif", GIF), name: "a" }])] }, /Extra inputs/],
    ["an empty text", { messages: [user([{ type: "text", text: "" }])] }, /text content blocks must be non-empty/],
    ["an empty message", { messages: [user([])] }, /non-empty content/],
    ["no messages", { messages: [] }, /messages/],
    [
      "a first message of the assistant",
      { messages: [assistant("hi"), user("a")] },
      /first message must use the "user" role/,
    ],
    [
      "words put into the assistant's mouth",
      { messages: [user("a"), assistant("I think")] },
      /does not support assistant message prefill/,
    ],
    [
      "five cache marks",
      { system: [marked], messages: [user([marked, marked, marked, marked])] },
      /maximum of 4 blocks with cache_control.*Found 5/,
    ],
    [
      "four marks and the one at the top",
      { cache_control: { type: "ephemeral" }, messages: [user([marked, marked, marked, marked])] },
      /Found 5/,
    ],
    [
      "a mark on thinking",
      {
        messages: [
          user("a"),
          assistant([{ type: "thinking", thinking: "", signature: "s", cache_control: { type: "ephemeral" } }]),
          user("b"),
        ],
      },
      /thinking\.cache_control: Extra inputs/,
    ],
    [
      "too many output tokens",
      { max_tokens: 200_000 },
      /max_tokens: 200000 > 128000, which is the maximum allowed number of output tokens for claude-sonnet-5-5/,
    ],
    ["a temperature", { temperature: 0.5 }, /temperature/],
    ["top_p", { top_p: 1 }, /top_p/],
    ["top_k", { top_k: 1 }, /top_k/],
    [
      "a forced tool on the newest models",
      { tools: [tool], tool_choice: { type: "any" } },
      /tool_choice: forced tool use is not supported/,
    ],
    ["thinking switched off", { thinking: { type: "disabled" } }, /"thinking.type.disabled" is not supported/],
    [
      "a thinking budget",
      { thinking: { type: "enabled", budget_tokens: 2_000 } },
      /"thinking.type.enabled" is not supported/,
    ],
    [
      "adaptive thinking on a model that has none",
      { model: "claude-haiku-4-5", thinking: { type: "adaptive" } },
      /adaptive thinking is not supported/,
    ],
    ["two tools of one name", { tools: [tool, tool] }, /Tool names must be unique/],
    ["a tool name with a space", { tools: [{ ...tool, name: "a b" }] }, /tools\.0\.name/],
    [
      "a strict schema that lets more in",
      { tools: [{ ...tool, strict: true }] },
      /'additionalProperties' must be explicitly set to false/,
    ],
    ["an unknown field", { max_token: 5 }, /max_token: Extra inputs are not permitted/],
    [
      "a signature that is not ours",
      { messages: [user("a"), assistant([{ type: "thinking", thinking: "x", signature: "made up" }]), user("b")] },
      /messages\.1\.content\.0: Invalid `signature` in `thinking` block/,
    ],
    [
      "a prompt beyond the window",
      { model: "claude-haiku-4-5", messages: [user("x".repeat(900_000))] },
      /prompt is too long: \d+ tokens > 200000 maximum/,
    ],
  ];
  test.each(table)("%s", async (_, changes, words) => {
    const { status, error } = await post(changes);
    expect(status).toBe(400);
    expect(error?.type).toBe("invalid_request_error");
    expect(error?.message).toMatch(words);
    expect(log.at(-1)).toContain(error!.message);
  });

  test("a wrong key, no key, no version, an unknown model, another path, a body that is no JSON, one over 32 MB", async () => {
    expect(await post({}, { authorization: "Bearer wrong" })).toMatchObject({
      status: 401,
      error: { type: "authentication_error" },
    });
    expect(await post({}, { authorization: "", "x-api-key": claude.apiKey })).toMatchObject({ status: 200 });
    expect(await post({}, { authorization: "" })).toMatchObject({ status: 401 });
    expect(await post({}, { "anthropic-version": "" })).toMatchObject({ status: 400 });
    expect(await post({ model: "gpt" })).toMatchObject({ status: 404, error: { message: "model: gpt" } });
    expect((await fetch(`${claude.url}/v1/complete`, { method: "POST" })).status).toBe(404);
    const raw = { method: "POST", headers: { ...HEADERS, "x-api-key": claude.apiKey } };
    expect((await fetch(`${claude.url}/v1/messages`, { ...raw, body: "{" })).status).toBe(400);
    expect(
      (await fetch(`${claude.url}/v1/messages`, { ...raw, body: Buffer.alloc(33 * 1024 * 1024, 32) })).status,
    ).toBe(413);
  });
});

test("a history that was touched no longer fits its thinking; neighbours of one role are one message", async () => {
  const thinking = { type: "adaptive" };
  const tools = [tool];
  const opening = [user("[bench turns=3]")];
  const first = (await post({ thinking, tools, messages: opening })) as { content?: unknown[] };
  const call = first.content!.at(-1) as { id: string };
  const next = [...opening, assistant(first.content), user([result(call.id)]), user("go on")];
  expect((await post({ thinking, tools, messages: next })).status).toBe(200);
  const touched: Record<string, unknown>[] = [
    { tools, messages: [user("[bench turns=4]"), ...next.slice(1)] },
    { tools, system: "new", messages: next },
    { tools: [{ ...tool, description: "new" }], messages: next },
  ];
  for (const changes of touched) {
    expect((await post({ thinking, ...changes })).error?.message).toContain(
      "Invalid `signature` in `thinking` block. The block is bound to a different conversation.",
    );
    // Asked to, it drops such thinking instead; and older models bind nothing.
    const drops = { ...thinking, block_binding: { prefix_mismatch_behavior: "drop_block" } };
    expect((await post({ thinking: drops, ...changes }, DROPS)).status).toBe(200);
  }
  const thought = [...opening, assistant(first.content!.slice(0, 1)), user("go on")];
  expect((await post({ thinking, tools, messages: thought })).error?.message).toContain(
    "The final block in an assistant message cannot be `thinking`.",
  );
  const madeUp = [
    ...opening,
    assistant([{ type: "thinking", thinking: "x", signature: "made up" }, ...first.content!.slice(1)]),
    ...next.slice(2),
  ];
  const drops = { ...thinking, block_binding: { prefix_mismatch_behavior: "drop_block" } };
  expect((await post({ thinking: drops, tools, messages: madeUp }, DROPS)).status).toBe(400);
});

test("a history that is known is not read again, and what is new in it is", async () => {
  const messages = [user("x".repeat(2_000_000)), assistant("b"), user("c")];
  expect((await post({ messages })).status).toBe(200);
  const kept = () => claude.requests().at(-1)!.body!.messages;
  const first = kept();
  expect((await post({ messages: [...messages, assistant("d"), user("e")] })).status).toBe(200);
  expect(
    kept()
      .slice(0, 3)
      .every((message, i) => message === first[i]),
  ).toBe(true);
  expect((await post({ messages: [...messages, assistant("d"), user([use("t1")])] })).status).toBe(400);
  expect(
    (await post({ model: "claude-haiku-4-5", messages: [...messages, assistant("d"), user("e")] })).error?.message,
  ).toContain("prompt is too long");
});

test("every text says that it is scripted, and so does the model's name", async () => {
  const answer = await post({ messages: [user("Write a poem.")] });
  expect(answer.model).toBe("scripted-claude-sonnet-5-5");
  const texts = answer.content!.flatMap(({ text }) => text ?? []);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) expect(text).toMatch(/^\[scripted model\]/);
});
