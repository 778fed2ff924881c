import { join } from "node:path";
import { defineConfig } from "vitest/config";
import SlowFirst from "./test/slow-first.ts";

/** Files that start processes: git, sandboxes, runners, whole stacks. */
const STACK = [
  "test/{infra,local,publish,sandbox,stand-ins,story,work,workspace}/**/*.test.ts",
  "test/agent/{agent-secrets,failures,loop,tools}.test.ts",
  "test/doctor/*.test.ts",
  "test/github/{app,described,pull-requests,repositories}.test.ts",
  "test/notify/{destination,notify}.test.ts",
  "test/pipeline/{explorer,functions,machine,pipeline}.test.ts",
  "test/store/{contract,pauses}.test.ts",
  "test/transcript/page.test.ts",
];
const BROWSER = ["test/browser/**/*.test.ts"];

export default defineConfig({
  test: {
    // A loaded machine is late, not wrong.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A test that expects nothing cannot fail.
    expect: { poll: { timeout: 15_000 }, requireAssertions: true },
    setupFiles: ["./test/each-file.ts"],
    reporters: ["default", "./test/skipped.ts"],
    // Three times the two cores that this is measured on: a journey waits for more than half of its time.
    maxWorkers: 6,
    sequence: { sequencer: SlowFirst },
    // Whole stacks and runners are started as processes of their own: half of a start is compiling.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/cody-tests") },
    projects: [
      {
        extends: true,
        // Files share what they import: nothing here is mocked, and loading it anew for every file takes a minute of CPU.
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: [...STACK, ...BROWSER], isolate: false },
      },
      {
        extends: true,
        // A worker of its own for each file: starting a process takes the longer the more memory its parent has.
        // Room from the start: to mark what is alive again and again while a heap grows is a tenth of a worker's CPU.
        test: { name: "stack", include: STACK, isolate: true, execArgv: ["--initial-heap-size=400"] },
      },
      { extends: true, test: { name: "browser", include: BROWSER, isolate: true } },
    ],
  },
});
