import { expect, test } from "vitest";
import { failsAsBefore, weightOf } from "../../packages/jobs/baseline.ts";
import type { CommandResult } from "../../packages/jobs/outcome.ts";
import { baselineOf } from "../../packages/jobs/repo-run.ts";
import { whyUnverified } from "../../packages/jobs/unverified.ts";

const ended = (exitCode: number | null, tail = "", more: Partial<CommandResult> = {}): CommandResult => ({
  command: "npm test",
  exitCode,
  timedOut: false,
  durationMs: 1_000,
  tail,
  ...more,
});
const one = "✖ total counts all (1.2 ms)\n  AssertionError: 5 !== 6";
const two = `${one}\n✖ names are unique (0.3 ms)`;

test.each<[string, CommandResult, CommandResult | undefined, boolean]>([
  ["the same failure, whatever it took", ended(1, one.replace("1.2", "7.9")), ended(1, one), true],
  ["fewer failures than before", ended(1, one), ended(1, two), true],
  ["one more failure", ended(1, two), ended(1, one), false],
  ["another end", ended(2, one), ended(1, one), false],
  ["it passed before", ended(1, one), ended(0), false],
  ["it passes now", ended(0), ended(1, one), false],
  ["no word of any failure, then as now", ended(3), ended(3), true],
  ["it could not run before either", ended(127, "sh: tox: not found"), ended(127, "sh: 1: tox: not found"), true],
  ["it ran before", ended(127, "sh: tox: not found"), ended(1, one), false],
  ["a time-out says too little", ended(null, one, { timedOut: true }), ended(null, one, { timedOut: true }), false],
  ["another command", ended(1, one), ended(1, one, { command: "make" }), false],
  ["nothing is known of before", ended(1, one), undefined, false],
])("a check fails as before the change: %s", (_, now, before, same) => {
  expect(failsAsBefore(now, before)).toBe(same);
});

test("what is known of before is of this very check, on the commit that the run is made from", () => {
  const baseline = { commit: "a".repeat(40), result: ended(1, one) };
  const known = (baseCommit: string, command: string) => baselineOf({ baseline, baseCommit }, command);
  expect(known(baseline.commit, "npm test")).toBe(baseline.result);
  expect([known("b".repeat(40), "npm test"), known(baseline.commit, "make")]).toEqual([undefined, undefined]);
});

test("the pull request and the card say that it failed before, and that it could not run", () => {
  expect(whyUnverified("npm test", ended(1, one), ended(1, one))?.why).toBe(
    "the check fails, as it did before the change",
  );
  expect(whyUnverified("npm test", ended(1, two), ended(1, one))?.why).toBe("the check failed");
  expect(whyUnverified("npm test", ended(127))?.why).toBe("the check could not run here");
  // A suggested one that could not run before the change is not tried on it.
  expect(whyUnverified("npm test", undefined, ended(127))?.why).toBe("the check could not run here");
});

test.each<["form" | "suggested", CommandResult | undefined, string]>([
  ["form", ended(127), "full"],
  ["suggested", undefined, "full"],
  ["suggested", ended(0), "full"],
  ["suggested", ended(1), "pass-only"],
  ["suggested", ended(null, "", { timedOut: true }), "pass-only"],
  ["suggested", ended(126), "nothing"],
  ["suggested", ended(127), "nothing"],
  ["suggested", ended(null, "", { notRun: "No sandbox." }), "nothing"],
])("a check of the %s that ended so before the change weighs: %o %s", (source, baseline, weight) => {
  expect(weightOf({ source }, baseline)).toBe(weight);
});
