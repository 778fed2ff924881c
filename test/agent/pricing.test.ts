import { describe, expect, test } from "vitest";
import { type Spent, standingOf } from "../../packages/agent/limits.ts";
import { MODELS, modelOf, warningOf, withEffort } from "../../packages/agent/models.ts";
import { affordableOutput, costOf, estimatedCost } from "../../packages/agent/pricing.ts";
import { nextPromptTokens } from "../../packages/agent/session.ts";
import type { Turn } from "../../packages/conversation/conversation.ts";
import { addCost, NO_USAGE, withLost } from "../../packages/jobs/usage.ts";

const M = 1_000_000;

test("an image counts before the first answer, however short its key is", () => {
  const image = { type: "image", source: { type: "kept", key: "k" } };
  expect(nextPromptTokens([], [image], 0) - nextPromptTokens([], [], 0)).toBeGreaterThan(4_000);
});

test("an effort that a model does not take is not asked for", () => {
  const asked = (id: string) => withEffort(modelOf(id), "xhigh").effort;
  expect(["claude-sonnet-5-5", "claude-opus-4-6", "claude-haiku-4-5"].map(asked)).toEqual([
    "xhigh",
    undefined,
    undefined,
  ]);
});

describe("dollars for a million tokens of each kind", () => {
  const table: [string, number, number, number, number, number][] = [
    ["claude-fable-5-2", 8, 40, 10, 16, 0.2],
    ["claude-fable-5-1", 10, 50, 12.5, 20, 0.25],
    ["claude-fable-5", 10, 50, 12.5, 20, 1],
    ["claude-opus-5-5", 4, 20, 5, 8, 0.2],
    ["claude-opus-4-8", 5, 25, 6.25, 10, 0.5],
    ["claude-sonnet-5-5", 2, 10, 2.5, 4, 0.1],
    ["claude-sonnet-5", 2, 10, 2.5, 4, 0.2],
    ["claude-sonnet-4-6", 3, 15, 3.75, 6, 0.3],
    ["claude-sonnet-4-5", 3, 15, 3.75, 6, 0.3],
    ["claude-opus-4-5", 5, 25, 6.25, 10, 0.5],
    ["claude-haiku-4-5", 1, 5, 1.25, 2, 0.1],
    ["claude-haiku-4-5-20251001", 1, 5, 1.25, 2, 0.1],
    ["scripted-claude-opus-5-5", 4, 20, 5, 8, 0.2],
  ];
  test.each(table)("%s", (model, input, output, write5m, write1h, read) => {
    const kinds = { input: M, output: M, cacheWrite5m: M, cacheWrite1h: M, cacheRead: M };
    const each = Object.keys(kinds).map((kind) => costOf(model, { ...NO_USAGE, [kind]: M }));
    expect(each).toEqual([input, output, write5m, write1h, read]);
  });

  test("haiku 5.5 costs five times as much, every token, once the prompt is above 100k", () => {
    expect(costOf("claude-haiku-5-5", { ...NO_USAGE, cacheRead: 90_000, input: 10_000, output: M })).toBeCloseTo(
      0.5 + 0.001 + 0.0009,
    );
    expect(costOf("claude-haiku-5-5", { ...NO_USAGE, cacheRead: 90_001, input: 10_000, output: M })).toBeCloseTo(
      2.5 + 0.005 + 0.0045,
    );
  });

  test("an unknown model has no price, and neither has a sum that holds one", () => {
    expect(costOf("claude-next-9", { ...NO_USAGE, input: M })).toBeNull();
    expect(warningOf(modelOf("claude-next-9"), new Date())).toContain("claude-next-9 is not in the model table");
    expect(addCost(1, null)).toBeNull();
    expect(affordableOutput(modelOf("claude-next-9"), 0, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ["claude-sonnet-5-5", "2026-11-27", undefined],
    ["claude-sonnet-4-5", "2026-11-29T23:59:59Z", /ends on 2026-11-30/],
    ["claude-sonnet-4-5", "2026-11-30", /ended on 2026-11-30.*Choose another model/],
    ["claude-opus-4-5-20251101", "2026-11-27", /ends on 2027-01-22/],
    ["claude-next-9", "2026-11-27", /not in the model table/],
  ])("who chooses %s on %s is warned: %s", (id, day, words) => {
    const warned = warningOf(modelOf(id), new Date(day));
    if (words) expect(warned).toMatch(words);
    else expect(warned).toBeUndefined();
  });

  test("limits are as documented", () => {
    const limits = (id: string) => [modelOf(id).contextTokens, modelOf(id).maxOutputTokens];
    for (const id of ["claude-sonnet-4-6", "claude-fable-5-1", "claude-fable-5"])
      expect(limits(id), id).toEqual([1_000_000, 128_000]);
    for (const id of ["claude-sonnet-4-5", "claude-opus-4-5", "claude-haiku-4-5"])
      expect(limits(id), id).toEqual([200_000, 64_000]);
  });

  test("every model of the catalogue has sane limits", () => {
    for (const model of MODELS) expect(model.contextTokens).toBeGreaterThan(model.maxOutputTokens);
    expect(new Set(MODELS.map(({ id }) => id)).size).toBe(MODELS.length);
  });
});

describe("where a run stands", () => {
  const calm: Spent = { turns: 3, seconds: 10, spentUsd: 0.1, dollarsLeft: 5, contextTokens: 10_000 };
  const table: [string, Partial<Spent>, object][] = [
    ["with all limits far away it goes on", {}, { kind: "go", maxTokens: 32_000 }],
    ["before the first turn of a run without any spend", { turns: 0, spentUsd: 0, dollarsLeft: 5 }, { kind: "go" }],
    ["80% of its turns", { turns: 79 }, { kind: "go", note: { which: "turns", share: 0.8 } }],
    ["its last turn", { turns: 99 }, { kind: "last", which: "turns" }],
    ["85% of its dollars", { spentUsd: 8.5, dollarsLeft: 1.5 }, { kind: "go", note: { which: "dollars" } }],
    ["money for one short answer", { dollarsLeft: 0.02 }, { kind: "last", which: "dollars" }],
    ["money for nothing, before it began", { turns: 0, dollarsLeft: 0.004 }, { kind: "over", which: "dollars" }],
    ["its money gone at once: a last turn all the same", { dollarsLeft: 0 }, { kind: "last", maxTokens: 2_000 }],
    [
      "so little money that a long answer would take the last turn's",
      { dollarsLeft: 0.15 },
      { kind: "go", maxTokens: 10_900 },
    ],
    ["its time up", { seconds: 3_600 }, { kind: "last", which: "seconds" }],
    ["its context nearly full", { contextTokens: 965_000 }, { kind: "last", which: "context" }],
  ];
  test.each(table)("%s", (_, changes, standing) => {
    const limits = { maxTurns: 100, maxSeconds: 3_600 };
    expect(standingOf({ ...calm, ...changes }, limits, modelOf("claude-sonnet-5-5"))).toMatchObject(standing);
  });
});

describe("what a lost answer is estimated to have cost", () => {
  const model = modelOf("claude-sonnet-5-5");
  const turn = { usage: { ...NO_USAGE, cacheRead: 90_000, cacheWrite5m: 10_000, output: 3_000 } } as Turn;

  test("before the first answer: the whole prompt written to the cache, and a usual answer", () => {
    expect(estimatedCost(model, [], 4_000, 32_000)).toBeCloseTo((4_000 * 2.5 + 1_000 * 10) / M, 10);
  });

  test("later: the last prompt read from the cache, the new part written, as long an answer as any before", () => {
    const expected = (100_000 * 0.1 + 8_000 * 2.5 + 3_000 * 10) / M;
    expect(estimatedCost(model, [turn], 108_000, 32_000)).toBeCloseTo(expected, 10);
    expect(estimatedCost(model, [turn], 108_000, 600)).toBeCloseTo(expected - (2_400 * 10) / M, 10);
    // A conversation that became shorter writes nothing: what it costs is never less than what it reads.
    expect(estimatedCost(model, [turn], 50_000, 32_000)).toBeCloseTo((50_000 * 0.1 + 3_000 * 10) / M, 10);
  });

  test("no price, no dollars: neither for one nor for the sum", () => {
    expect(estimatedCost(modelOf("claude-next-9"), [], 4_000, 32_000)).toBeNull();
    expect(withLost({ turns: 1, usd: 0.2 }, { turn: 3, usd: 0.1 })).toEqual({ turns: 2, usd: 0.2 + 0.1 });
    expect(withLost({ turns: 1, usd: null }, { turn: 3, usd: 0.1 })).toEqual({ turns: 2, usd: null });
    expect(withLost({ turns: 1, usd: 0.2 }, undefined)).toEqual({ turns: 1, usd: 0.2 });
  });
});
