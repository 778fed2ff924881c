import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "vitest";
import { Cancelled } from "../../packages/agent/endings.ts";
import { runAgent } from "../../packages/agent/run-agent.ts";
import {
  type ClaudeFault,
  overloaded,
  rateLimited,
  spendLimit,
  wrongKey,
} from "../../packages/stand-ins/claude/faults.ts";
import { calling, type Stage, saying, stage, verdict } from "./stage.ts";

const write = calling("write_file", { path: "new.txt", content: "x".repeat(500) });
const done = saying(write, verdict(true), verdict(true));

const errorEvent = (type: string): ClaudeFault => ({ kind: "error-event", type, message: "gone" });
const status = (code: number, type: string, message = "no"): ClaudeFault => ({
  kind: "status",
  status: code,
  type,
  message,
});

/** The real SDK; `onRequest` is called when a request has just gone out. */
const clientOf = ({ claude }: Stage, onRequest: () => void) =>
  new Anthropic({
    baseURL: claude.url,
    apiKey: claude.apiKey,
    logLevel: "off",
    fetch: (...request) => {
      const answer = fetch(...request);
      onRequest();
      return answer;
    },
  });

describe("an answer that is lost is asked for again, and no tool runs twice", () => {
  const lost: [string, ClaudeFault][] = [
    ["a socket cut in mid-answer", { kind: "cut" }],
    ["an api_error event after a 200", errorEvent("api_error")],
    ["tool input that is not complete JSON", { kind: "broken-json" }],
    ["a 500", status(500, "api_error")],
    ["a 502 of some proxy", status(502, "api_error")],
    ["a 408", status(408, "timeout_error")],
  ];
  test.each(lost)("%s", async (_, fault) => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(fault, fault);
    const run = await runAgent(on.deps, on.input());
    expect(run.ending.kind).toBe("verdict");
    expect(on.turns).toHaveLength(3);
    expect(on.claude.requests()).toHaveLength(5);
    expect(on.slept).toEqual([500, 1_000]);
    expect(
      new Set(
        on.claude
          .requests()
          .slice(0, 3)
          .map(({ body }) => JSON.stringify(body)),
      ).size,
    ).toBe(1);
  });
});

describe("money that no stored turn shows is counted as lost, by estimate", () => {
  const cases: [string, ClaudeFault, number][] = [
    ["a socket cut in mid-answer", { kind: "cut" }, 2],
    ["an error event in mid-answer", errorEvent("overloaded_error"), 2],
    ["a 500, which is not billed", status(500, "api_error"), 0],
    ["a 429, which is not billed", rateLimited(1), 0],
  ];
  test.each(cases)("%s", async (_, fault, times) => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(fault, fault);
    const { totals } = await runAgent(on.deps, on.input({ lost: { turns: 1, usd: 0.5 } }));
    expect(totals.turns).toBe(3);
    expect(totals.lost!.turns).toBe(1 + times);
    const each = on.progress.find(({ asking }) => asking)!.asking!.usd!;
    expect(each).toBeGreaterThan(0);
    expect(each).toBeLessThan(0.05);
    expect(totals.lost!.usd).toBeCloseTo(0.5 + times * each, 10);
  });

  test("the row names a request before it goes out, until the next write", async () => {
    await using on = await stage({ brain: done });
    const standing = () => on.progress.at(-1)?.asking?.turn;
    const atRequest: unknown[] = [];
    const atTool: unknown[] = [];
    const { messages } = clientOf(on, () => void atRequest.push(standing()));
    const tree = {
      ...on.tree,
      change: async (changes: Parameters<typeof on.tree.change>[0]) => {
        atTool.push(standing());
        return await on.tree.change(changes);
      },
    };
    await runAgent({ ...on.deps, messages, tree }, on.input());
    expect(atRequest).toEqual([1, 2, 3]);
    expect(atTool).toEqual([1]);
  });

  test("before a command, which may take long, the row knows its turn and what is run", async () => {
    const command = saying(calling("run_command", { command: "true" }), verdict(false));
    await using on = await stage({ brain: command, commands: true });
    const run: NonNullable<typeof on.tree.run> = (...asked) => {
      expect(on.progress.at(-1)).toMatchObject({ turns: 1, activity: "running true", asking: undefined });
      return on.tree.run!(...asked);
    };
    const { ending } = await runAgent({ ...on.deps, tree: { ...on.tree, run } }, on.input());
    expect(ending.kind).toBe("verdict");
    expect(on.progress.map(({ asking }) => asking?.turn)).toEqual([1, undefined, 2]);
  });

  test.each([
    ["in mid-answer loses that answer", true, 1],
    ["between a turn and the next request loses nothing", false, undefined],
  ])("a cancel %s", async (_, inMidAnswer, lost) => {
    await using on = await stage({ brain: done });
    const cancel = new AbortController();
    const { messages } = clientOf(on, () => {
      if (inMidAnswer && on.turns.length === 1) cancel.abort(new Cancelled());
    });
    const heartbeat: typeof on.deps.heartbeat = async ({ turns }) => {
      if (!inMidAnswer && turns === 1) cancel.abort(new Cancelled());
    };
    const { ending, totals } = await runAgent({ ...on.deps, messages, heartbeat }, on.input({ signal: cancel.signal }));
    expect(ending.kind).toBe("cancelled");
    expect(totals).toMatchObject({ turns: 1 });
    expect(totals.lost?.turns).toBe(lost);
  });
});

describe("overload and rate limits pause the run, which the card shows, however often", () => {
  const busy: [string, ClaudeFault, number[]][] = [
    ["a 429 with retry-after", rateLimited(240), [240_000, 240_000]],
    ["a 529", overloaded, [5_000, 10_000]],
    ["a 503", status(503, "api_error"), [5_000, 10_000]],
    ["an overloaded_error event in mid-answer", errorEvent("overloaded_error"), [5_000, 10_000]],
    ["a rate_limit_error event in mid-answer", errorEvent("rate_limit_error"), [5_000, 10_000]],
  ];
  test.each(busy)("%s", async (_, fault, slept) => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(fault, fault);
    expect((await runAgent(on.deps, on.input())).ending.kind).toBe("verdict");
    expect(on.slept).toEqual(slept);
    const until = new Date(Date.parse("2026-11-22T12:00:00Z") + slept[0]!).toISOString();
    const told = on.progress.map(({ activity, asking, waitsUntil }) => [activity, asking !== undefined, waitsUntil]);
    expect(told).toContainEqual(["waiting for Claude", false, until]);
    // The wait is over once it is asked again, which may take long.
    expect(told.filter(([, isOut, waits]) => isOut && waits !== undefined)).toEqual([]);
  });

  test("what one run learns about a rate limit holds back the others, with jitter", async () => {
    await using on = await stage({ brain: done });
    let until: Date | undefined;
    const extend = async (date: Date) => {
      until = date;
    };
    const pause = { until: async () => until, extend };
    on.claude.faults.push(rateLimited(60));
    await runAgent({ ...on.deps, pause }, on.input());
    expect(until).toEqual(new Date("2026-11-22T12:01:00Z"));
    on.clock.ms = Date.parse("2026-11-22T12:00:30Z");
    await runAgent({ ...on.deps, pause, jitter: () => 0.5 }, on.input());
    expect(on.slept.at(-1)).toBe(31_000);
  });

  test("until the run's time is up: then it ends with what it has", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(...Array(3).fill(rateLimited(1_500)));
    expect((await runAgent(on.deps, on.input())).ending).toMatchObject({
      kind: "limit",
      which: "seconds",
      reason: { code: "rate-limited" },
    });
    expect(on.slept).toEqual([1_500_000, 1_500_000]);
  });
});

describe("what waiting cannot cure fails at once, in one line and with a next step", () => {
  const fatal: [string, ClaudeFault, string][] = [
    ["a wrong key", wrongKey, "model-key"],
    ["a key without permission", status(403, "permission_error"), "model-key"],
    ["an organization's spend limit, though it is a 429", spendLimit, "spend-limit"],
    [
      "a 429 that says not to retry",
      { ...rateLimited(1), headers: { "x-should-retry": "false" } } as ClaudeFault,
      "spend-limit",
    ],
    [
      "a workspace's spend limit, which is a 400",
      status(400, "invalid_request_error", "You have reached your specified API usage limits."),
      "spend-limit",
    ],
    ["an unpaid bill", status(402, "billing_error"), "spend-limit"],
    ["a request that the API does not accept", status(400, "invalid_request_error"), "model-request"],
    ["a request that is too large", status(413, "request_too_large"), "model-request"],
    ["an invalid_request_error event in mid-answer", errorEvent("invalid_request_error"), "model-request"],
  ];
  test.each(fatal)("%s", async (_, fault, code) => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(fault);
    const { ending } = await runAgent(on.deps, on.input());
    expect(ending).toMatchObject({ kind: "failed", reason: { code, nextStep: expect.stringMatching(/\w+\.$/) } });
    expect(on.claude.requests()).toHaveLength(1);
    expect(on.slept).toEqual([]);
  });

  test("a model that the key may not use", async () => {
    await using on = await stage();
    const { ending } = await runAgent(on.deps, on.input({ model: "claude-unknown-1" }));
    expect(ending).toMatchObject({
      kind: "failed",
      reason: { code: "model-unknown", message: expect.stringContaining("claude-unknown-1") },
    });
  });

  test("a server that is not there, after a minute of tries", async () => {
    await using on = await stage();
    await on.claude.stop();
    const { ending } = await runAgent(on.deps, on.input());
    expect(ending).toMatchObject({ kind: "failed", reason: { code: "model-unreachable" } });
    expect(on.slept).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });
});

describe("every stop_reason", () => {
  test("max_tokens never runs a tool, whose input has keys silently missing", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push({ kind: "max-tokens" });
    const run = await runAgent(on.deps, on.input());
    expect(on.turns[0]).toMatchObject({ stopReason: "max_tokens" });
    expect(on.turns[1]!.sent[0]!.content[0]).toMatchObject({
      type: "tool_result",
      is_error: true,
      content: expect.stringMatching(/cut off/),
    });
    // The script took the first call as done, so nothing was written and its claim of changes never held.
    expect(await on.tree.status()).toBe("");
    expect(run.ending).toMatchObject({ kind: "limit", which: "stuck" });
  });

  test("max_tokens three times in a row fails the run", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(...Array(3).fill({ kind: "max-tokens" }));
    expect((await runAgent(on.deps, on.input())).ending).toMatchObject({ kind: "failed", reason: { code: "cut-off" } });
  });

  test("a refusal fails with its category, and a later round can still go on", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push({ kind: "refusal", category: "cyber", explanation: "Looks like an exploit." });
    const first = await runAgent(on.deps, on.input());
    expect(first.ending).toMatchObject({
      kind: "refused",
      category: "cyber",
      reason: { code: "refused", message: expect.stringContaining("cyber") },
    });
    const again = await runAgent(
      on.deps,
      on.input({ round: 2, earlierTurns: [...on.turns], before: first.totals, followUp: "Be kind." }),
    );
    expect(again.ending.kind).toBe("verdict");
    expect(on.refused).toEqual([]);
  });

  test("pause_turn sends the answer back as it is and goes on", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push({ kind: "stop", reason: "pause_turn" });
    const run = await runAgent(on.deps, on.input());
    expect(on.refused).toEqual([]);
    expect(on.turns[1]!.sent).toEqual([]);
    expect(on.bodies()[1]!.messages.at(-1)!.role).toBe("assistant");
    expect(run.ending.kind).not.toBe("failed");
  });

  test("pauses without end are a failure", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(...Array(5).fill({ kind: "stop", reason: "pause_turn" }));
    expect((await runAgent(on.deps, on.input())).ending).toMatchObject({ kind: "failed", reason: { code: "paused" } });
  });

  test("model_context_window_exceeded and a prompt that is too long end as a limit, work kept", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push({ kind: "stop", reason: "model_context_window_exceeded" });
    expect((await runAgent(on.deps, on.input())).ending).toMatchObject({ kind: "limit", which: "context" });
    on.claude.faults.push(status(400, "invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum"));
    expect((await runAgent(on.deps, on.input())).ending).toMatchObject({ kind: "limit", which: "context" });
  });

  test("unknown events and pings are passed over", async () => {
    await using on = await stage({ brain: done });
    on.claude.faults.push(...Array(3).fill({ kind: "unknown-events" }));
    expect((await runAgent(on.deps, on.input())).ending.kind).toBe("verdict");
    expect(on.turns).toHaveLength(3);
  });
});
