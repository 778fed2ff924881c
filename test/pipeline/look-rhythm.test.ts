import { expect, it } from "vitest";
import type { PullRequestStatus } from "../../packages/jobs/pull-request-status.ts";
import { nextLookAt, nextLookMs } from "../../packages/pipeline/look-rhythm.ts";
import { aStatus } from "../builders.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each<[string, PullRequestStatus | undefined, number, number | undefined]>([
  ["each minute while something moves", aStatus(), 0, MINUTE],
  ["as long as checks run", aStatus({ checksRunning: true }), HOUR, MINUTE],
  ["but not for checks that are stuck", aStatus({ checksRunning: true }), 3 * HOUR, 10 * MINUTE],
  ["every ten minutes on its first day", aStatus(), HOUR, 10 * MINUTE],
  ["every hour when it is quiet", aStatus(), 2 * DAY, HOUR],
  ["every six hours when it is old", aStatus(), 30 * DAY, 6 * HOUR],
  ["the same where GitHub has not answered yet", undefined, 2 * DAY, HOUR],
  ["never again after a merge", aStatus({ state: "merged" }), 0, undefined],
  ["for a day after it was closed: it may be reopened", aStatus({ state: "closed" }), 23 * HOUR, HOUR],
  ["and then never", aStatus({ state: "closed" }), DAY, undefined],
  ["for a week where it is out of reach", aStatus({ gone: true }), 6 * DAY, HOUR],
  ["and then never as well", aStatus({ gone: true }), 7 * DAY, undefined],
  ["a clock that was set back makes it no later", aStatus(), -HOUR, MINUTE],
])("a pull request is looked at %s", (_, status, sinceMs, wanted) => {
  expect(nextLookMs(status, sinceMs)).toBe(wanted);
});

it("looks at round times, so that a pass each minute misses none and quiet ones share a call", () => {
  const at = (text: string) => Date.parse(`2026-11-22T${text}Z`);
  expect(nextLookAt(aStatus(), at("12:00:00"), at("12:00:30.500"))).toBe(at("12:01:00"));
  expect(nextLookAt(aStatus(), at("10:00:00"), at("12:03:30"))).toBe(at("12:10:00"));
  expect(nextLookAt(aStatus(), at("10:00:00") - 2 * DAY, at("12:00:00"))).toBe(at("13:00:00"));
  expect(nextLookAt(aStatus({ state: "merged" }), 0, 1)).toBeUndefined();
  const comesSoon = nextLookAt(aStatus(), at("10:00:00") - 2 * DAY, at("12:00:30"), true);
  expect(comesSoon, "what people wrote there waits for a call").toBe(at("12:01:00"));
});

/** How often one that does not move is looked at from `from` until `until`. */
function looksBetween(from: number, until: number): number {
  let looks = 0;
  for (let at = from; at < until; at += nextLookMs(aStatus(), at)!) looks += 1;
  return looks;
}

it("costs a look a minute for a quarter of an hour, some 160 on its first day, 24 on a quiet one, 4 on an old one", () => {
  expect(looksBetween(0, 15 * MINUTE)).toBe(15);
  expect(looksBetween(0, DAY)).toBe(158);
  expect(looksBetween(2 * DAY, 3 * DAY)).toBe(24);
  expect(looksBetween(20 * DAY, 21 * DAY)).toBe(4);
});
