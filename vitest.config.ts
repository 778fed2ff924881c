import { join } from "node:path";
import { defineConfig } from "vitest/config";
import SlowFirst from "./test/slow-first.ts";

/** Files that start processes again and again: git, sandboxes, runners. */
const PROCESSES = ["test/{publish,sandbox,work,workspace}/**/*.test.ts"];
/** Files that start servers, functions, Slack apps and whole stacks, whose runners are processes themselves. */
const SERVERS = [
  "test/{gallery,infra,local,notify,slack,stand-ins,story}/**/*.test.ts",
  "test/agent/{agent-secrets,failures,loop,nested-guidance,prefix,reasons,tools}.test.ts",
  "test/doctor/*.test.ts",
  "test/github/{app,commit-checks,described,pull-requests,read-review,repositories}.test.ts",
  "test/pipeline/{explorer,functions,machine,pipeline,watch-pull-requests}.test.ts",
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
    expect: { poll: { timeout: 60_000 }, requireAssertions: true },
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
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...PROCESSES, ...SERVERS, ...BROWSER],
          isolate: false,
        },
      },
      {
        extends: true,
        // Room from the start: to mark what is alive again and again while a heap grows is a tenth of a worker's CPU.
        test: { name: "servers", include: SERVERS, isolate: false, execArgv: ["--initial-heap-size=400"] },
      },
      {
        extends: true,
        // A small young generation: starting a process copies the page tables of its parent.
        test: { name: "processes", include: PROCESSES, isolate: false, execArgv: ["--max-semi-space-size=8"] },
      },
      { extends: true, test: { name: "browser", include: BROWSER, isolate: true } },
    ],
  },
});
