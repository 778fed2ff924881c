import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failureLines } from "../../packages/text/failure-lines.ts";
import { shownOutput } from "../../packages/text/shown-output.ts";

/** As these tools wrote it: one failure between hundreds of tests that pass, some of them named after errors. */
const recorded = (name: string) => readFileSync(new URL(`../fixtures/outputs/${name}.txt`, import.meta.url), "utf8");

/** The same for tools that are not on every machine: what they print of a failure, between what they print of the rest. */
const between = (failure: string, ok: (i: number) => string) =>
  [...Array(200).keys()]
    .map(ok)
    .join("\n")
    .concat(`\n${failure}\n`, [...Array(200).keys()].map(ok).join("\n"), "\nDone.\n");

const OUTPUTS: [string, string, string[]][] = [
  ["pytest", recorded("pytest"), ["FAILED test_many.py::test_total_counts_all", "E       assert 5 == 6"]],
  ["go test", recorded("go"), ["--- FAIL: TestTotalCountsAll", "orders_test.go:", "total = 5, want 6"]],
  ["cargo test", recorded("cargo"), ["test tests::total_counts_all ... FAILED", "panicked at src/lib.rs"]],
  ["node:test", recorded("node"), ["✖ total counts all"]],
  [
    "Maven surefire",
    between(
      "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.05 s <<< FAILURE! -- in OrdersTest\n[ERROR] OrdersTest.total:21 expected: <6> but was: <5>",
      (i) => `[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.0${i % 9} s -- in Ok${i}Test`,
    ),
    ["OrdersTest.total:21 expected: <6> but was: <5>", "<<< FAILURE!"],
  ],
  [
    "Gradle",
    between(
      "> Task :test FAILED\n\nOrdersTest > total() FAILED\n    org.opentest4j.AssertionFailedError: expected: <6> but was: <5>",
      (i) => `OkTest > handles error ${i} PASSED`,
    ),
    ["OrdersTest > total() FAILED", "expected: <6> but was: <5>"],
  ],
  [
    "jest",
    between(
      "  ● totals › counts all\n\n    expect(received).toBe(expected)\n\n    Expected: 6\n    Received: 5",
      (i) => `    ✓ throws an error ${i} (1 ms)`,
    ),
    ["● totals › counts all", "Received: 5"],
  ],
  [
    "vitest",
    between(
      " × test/orders.test.ts > total counts all 4ms\n   → expected 5 to be 6 // Object.is equality",
      (i) => ` ✓ test/ok-${i}.test.ts (4 tests) 3ms`,
    ),
    ["× test/orders.test.ts", "→ expected 5 to be 6"],
  ],
  [
    ".NET",
    between(
      "  Failed Orders.Tests.Total [12 ms]\n  Error Message:\n   Assert.Equal() Failure: Values differ\nExpected: 6\nActual:   5",
      (i) => `  Passed Orders.Tests.Error${i} [< 1 ms]`,
    ),
    ["Failed Orders.Tests.Total", "Actual:   5"],
  ],
  [
    "tsc",
    between(
      "src/orders.ts(7,3): error TS2322: Type 'string' is not assignable to type 'number'.",
      (i) => `compiled file${i}.ts`,
    ),
    ["error TS2322"],
  ],
];

describe("what is shown of a long output", () => {
  it.each(OUTPUTS)("%s: the failure, with what stands behind it, and where the rest is", (_, output, wanted) => {
    const shown = shownOutput(output, 4_000);
    expect(shown.length).toBeLessThanOrEqual(4_000);
    for (const words of wanted) expect(shown).toContain(words);
    const lines = output.split("\n");
    expect(shown.startsWith(lines[0]!.slice(0, 400))).toBe(true);
    expect(shown).toContain(lines.findLast((line) => line.trim() !== "")!);
    const [, from, to] = /\[lines (\d+) to (\d+) left out\]/.exec(shown)!;
    expect(shown).not.toContain(`\n${lines[Number(from) - 1]}\n${lines[Number(from)]}\n`);
    expect(Number(to)).toBeLessThanOrEqual(lines.length);
    expect(failureLines(output).length).toBeLessThan(40);
  });

  it("a short output is shown as it is, and one long line, or many failures, keep to the bound", () => {
    expect(shownOutput("a\nb\n", 4_000)).toBe("a\nb\n");
    for (const output of ["x".repeat(100_000), "FAILED x y z\n".repeat(20_000), `${"\n".repeat(50_000)}`])
      expect(shownOutput(output, 4_000).length).toBeLessThanOrEqual(4_000);
  });
});
