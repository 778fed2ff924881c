import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { pageOf, pageWithTurn, simplifiedPage, technicalPage } from "../../packages/transcript/pages.ts";
import { longRun, story, text, turn } from "./transcript-stage.ts";

describe("paging through a conversation", () => {
  const turns = longRun(2_000);
  /** As the artifacts would: only what is asked for. */
  const read = (numbers: readonly number[]) => numbers.map((number) => turns[number - 1]!);

  it("a page of 2,000 turns reads its own turns and one more", () => {
    const page = pageOf(2_000, 118, 8);
    expect(page).toMatchObject({ page: 118, pages: 250, firstTurn: 937, lastTurn: 944 });
    expect(page.load).toEqual([937, 938, 939, 940, 941, 942, 943, 944, 945]);
    const shown = technicalPage(page, read(page.load), { maxChars: 300 });
    expect(shown.map((one) => one.turn)).toEqual([937, 938, 939, 940, 941, 942, 943, 944]);
    expect(shown.every(({ calls }) => calls[0]!.result?.includes("int line0"))).toBe(true);
  });

  it("the pages together show every turn once, in both views", () => {
    const small = 103;
    const seen: number[] = [];
    const told: number[] = [];
    for (let page = 1; page <= pageOf(small, 1, 10).pages; page += 1) {
      const at = pageOf(small, page, 10);
      expect(at.load.every((number) => number <= small)).toBe(true);
      seen.push(...technicalPage(at, read(at.load), { maxChars: 100 }).map((one) => one.turn));
      for (const { firstTurn, lastTurn } of simplifiedPage(at, read(at.load), { maxChars: 100 }))
        for (let number = firstTurn; number <= lastTurn; number += 1) told.push(number);
    }
    const every = Array.from({ length: small }, (_, i) => i + 1);
    expect(seen).toEqual(every);
    expect(told).toEqual(every);
  });

  it.each([
    ["below the first", -3, 1],
    ["behind the last", 99, 3],
    ["no number", Number.NaN, 1],
    ["between two", 2.9, 2],
  ])("a page %s becomes the nearest", (_, wanted, page) => {
    expect(pageOf(25, wanted, 10).page).toBe(page);
  });

  it("a conversation without turns has one empty page", () => {
    expect(pageOf(0, 1, 10)).toEqual({ page: 1, pages: 1, firstTurn: 1, lastTurn: 0, load: [] });
    expect(simplifiedPage(pageOf(0, 1, 10), [], { maxChars: 100 })).toEqual([]);
  });

  it("a turn is found on its page", () => {
    for (const number of [1, 10, 11, 2_000]) {
      const { firstTurn, lastTurn } = pageOf(2_000, pageWithTurn(number, 10), 10);
      expect(number >= firstTurn && number <= lastTurn).toBe(true);
    }
  });
});

describe("what a page says", () => {
  const turns = story();
  const page = pageOf(turns.length, 1, 10);

  it("simply: why and what, with turns that only look told together", () => {
    expect(simplifiedPage(page, turns, { maxChars: 200 })).toMatchSnapshot();
  });

  it("technically: every call, result, time and token", () => {
    expect(technicalPage(page, turns, { maxChars: 200 })).toMatchSnapshot();
  });

  it("no text is longer than asked for, and a cut one says so", () => {
    const long = [turn(1, [text("y".repeat(9_000))], [text("z".repeat(9_000))])];
    const [detail] = technicalPage(pageOf(1, 1, 10), long, { maxChars: 400 });
    expect(detail!.asked[0]!.text.length).toBeLessThanOrEqual(400);
    expect(detail!.asked[0]!.text).toContain("characters left out");
    const [step] = simplifiedPage(pageOf(1, 1, 10), long, { maxChars: 400 });
    expect(step!.why).toMatch(/^z{399}…$/);
  });
});

it("what Slack's door loads brings no package with it: a cold start stays short", () => {
  const seen = new Set<string>();
  const packages: string[] = [];
  const follow = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, target] of readFileSync(file, "utf8").matchAll(/^import (?!type )[^;]*?"([^"]+)"/gm))
      if (target!.startsWith(".")) follow(resolve(dirname(file), target!));
      else packages.push(target!);
  };
  follow(resolve(import.meta.dirname, "../../packages/transcript/pages.ts"));
  expect(seen.size).toBeGreaterThan(4);
  expect(packages).toEqual([]);
});
