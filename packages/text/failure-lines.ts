/**
 * Lines with which build tools and test runners name a failure: pytest, unittest, Maven, Gradle, jest, vitest, mocha,
 * node:test, go, cargo, .NET, RSpec, PHPUnit, compilers and shells.
 */
const NAMES_A_FAILURE = [
  /^(?:FAILED|ERROR|E {2}) /,
  /^_{3,} .+ _{3,}$/,
  /^(?:FAIL|ERROR):/,
  /^\[ERROR\]/,
  /<<< (?:FAILURE|ERROR)!/,
  /^\s*(?:●|✕|✗|✖|×|not ok\b)/,
  /^\s*FAIL\b/,
  /^\s*--- FAIL/,
  /^\S+\.go:\d+:\d+:/,
  /^panic:/,
  /^error(?:\[E\d+\])?:/,
  /^test .* \.\.\. FAILED$/,
  /panicked at/,
  /^> Task .* FAILED$/,
  /^\S.* > .* FAILED$/,
  /^e: /,
  /^\* What went wrong:/,
  /:\s*error\s+(?:[A-Z]+\d+|TS\d+)?:?/,
  /^\s*(?:Failed|Fehler) \S+ \[/,
  /\[FAIL\]/,
  /^\s*\d+\) /,
  /^Traceback \(most recent call last\)/,
  /\b(?:[A-Z]\w*)?(?:Error|Exception|Failure)\b:/,
  /: (?:command )?not found$/,
  /No such file or directory|Segmentation fault|Out of memory|BUILD FAIL/,
];
/** What passed may be named after a failure: "ok 17 - throws an error". */
const PASSED = /^\s*(?:✓|✔|√|ok\b|PASS\b|--- PASS|=== RUN|=== PAUSE|=== CONT)|\b(?:PASSED|passed|\.\.\. ok)\b/;

export const namesFailure = (line: string) =>
  !PASSED.test(line) && NAMES_A_FAILURE.some((pattern) => pattern.test(line));

export const failureLines = (output: string) => output.split("\n").filter(namesFailure);
