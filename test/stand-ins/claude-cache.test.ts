import { expect, test } from "vitest";
import { runAgent } from "../../packages/agent/run-agent.ts";
import { createCache } from "../../packages/stand-ins/claude/cache.ts";
import type { PrefixPiece } from "../../packages/stand-ins/claude/prefix.ts";
import { calling, saying, stage, verdict } from "../agent/stage.ts";
import { leastCost } from "../bench/least-cost.ts";

const FILES = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.txt`, `file ${i}\n`.repeat(40)]));
const read = (i: number) => ({ name: "read_file", input: { path: `f${i % 30}.txt`, from_line: 1 + (i % 39) } });

test("60 turns, some with 25 calls at once, cost at most 1.02 times what reading every earlier byte from the cache would", async () => {
  const turns = Array.from({ length: 59 }, (_, turn) => ({
    thinking: "",
    calls: Array.from({ length: turn % 10 === 5 ? 25 : 1 }, (_, i) => read(turn * 31 + i)),
  }));
  await using on = await stage({ files: FILES, brain: saying(...turns, verdict(false)) });
  const run = await runAgent(on.deps, on.input({ limits: { maxTurns: 100, maxSeconds: 3_600 } }));
  expect(run.ending.kind).toBe("verdict");
  expect(on.turns).toHaveLength(60);
  const bound = leastCost(on.turns)!;
  expect(run.totals.spendUsd! / bound).toBeLessThanOrEqual(1.02);
  expect(run.totals.usage.cacheRead).toBeGreaterThan(10 * run.totals.usage.cacheWrite5m);
});

test("without marks nothing is cached, and the bound is far away: the accounting can tell the difference", async () => {
  await using on = await stage({
    files: FILES,
    brain: saying(...Array.from({ length: 9 }, (_, i) => calling("read_file", { path: `f${i}.txt` })), verdict(false)),
  });
  const unmarked = (_url: unknown, init?: RequestInit) =>
    fetch(`${on.claude.url}/v1/messages`, {
      ...init,
      body: String(init?.body).replaceAll(',"cache_control":{"type":"ephemeral"}', ""),
    });
  const { messages } = on.client.withOptions({ fetch: unmarked });
  const run = await runAgent({ ...on.deps, messages }, on.input());
  expect(run.totals.usage).toMatchObject({ cacheRead: 0, cacheWrite5m: 0 });
});

test("an entry is found 20 blocks back, not further, and for five minutes, each use renewing them", () => {
  let now = 0;
  const piece = (i: number, mark = false): PrefixPiece => ({
    hash: `h${i}`,
    tokens: 1_100,
    ...(mark && { mark: { ttl: "5m" } }),
  });
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => piece(i, i === n - 1));
  const cache = createCache(() => now);
  expect(cache.use(upTo(1))).toEqual({ input: 0, read: 0, written5m: 1_100, written1h: 0 });
  expect(cache.use(upTo(20))).toMatchObject({ read: 1_100, written5m: 19 * 1_100 });
  expect(cache.use(upTo(41))).toMatchObject({ read: 0, written5m: 41 * 1_100 });
  now += 299_000;
  expect(cache.use(upTo(41))).toMatchObject({ read: 41 * 1_100, written5m: 0 });
  now += 299_000;
  expect(cache.use(upTo(41))).toMatchObject({ read: 41 * 1_100 });
  now += 300_000;
  expect(cache.use(upTo(41))).toMatchObject({ read: 0 });
});
