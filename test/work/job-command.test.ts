import { expect, test } from "vitest";
import { howItEnded } from "../../packages/agent/tools/run-command.ts";
import { whyUnverified } from "../../packages/jobs/unverified.ts";
import { brokenInside, brokenOutside } from "../../packages/sandbox/broken.ts";
import { noCommands, probeSandbox } from "../../packages/sandbox/probe.ts";
import { listProcesses } from "../../packages/sandbox/processes.ts";
import type { CommandRun, Sandbox } from "../../packages/sandbox/sandbox.ts";
import { SYSTEM_ALONE } from "../../packages/sandbox/toolchains/toolchains.ts";
import { unsafe } from "../../packages/sandbox/unsafe.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { runJobCommand } from "../../packages/work/job-command.ts";
import { newWorkspace } from "../../packages/workspace/workspace.ts";
import { makeOrigin } from "../workspace/origin.ts";
import { cloneOf } from "../workspace/patch-journey.ts";

/** What the machine refuses, as Node says it. */
const refusal = (code: string) => Object.assign(new Error(`spawn /usr/bin/bwrap ${code}`), { code });

test.for([
  ["EMFILE", refusal("EMFILE"), /ulimit -n/],
  ["ENFILE", refusal("ENFILE"), /no more open files/],
  ["EAGAIN", refusal("EAGAIN"), /limit of processes/],
  ["ENOMEM", refusal("ENOMEM"), /memory is short/],
  ["ENOSPC", refusal("ENOSPC"), /disk is full/],
  ["E2BIG", refusal("E2BIG"), /command is too long/],
  [
    "a cause",
    new Error("no proxy could listen in /tmp/x", { cause: refusal("EMFILE") }),
    /ulimit -n.*no proxy could listen/,
  ],
  ["anything else", new Error("There is no seccomp filter for riscv64."), /There is no seccomp filter/],
] as const)("a sandbox that cannot start says why: %s", ([, error, why]) => {
  expect(brokenOutside(error).broken).toMatch(/^the sandbox could not run it: /);
  expect(brokenOutside(error).broken).toMatch(why);
});

test("what its own programs say is no output of the command", () => {
  const build = { ...unsafe("unsafe", SYSTEM_ALONE), brokenSandbox: /^bwrap: /m };
  const exit = {
    exitCode: 1,
    signal: null,
    stderr: "bwrap: Creating new namespace failed: Resource temporarily unavailable\n",
  };
  expect(brokenInside(build, exit)?.broken).toMatch(/^the sandbox could not be built: bwrap: .*limit of processes/);
  expect(brokenInside(build, { ...exit, stderr: "tests failed\n" })).toBeUndefined();
});

test("setup or check on a broken sandbox is a result: could not run, why, and no mistake of the change", async () => {
  const run: CommandRun = {
    exitCode: null,
    timedOut: false,
    durationMs: 3,
    output: "half\n[why]\n",
    broken: "w".repeat(600),
  };
  const sandbox: Sandbox = { ...noCommands(), mode: "bubblewrap", run: async () => run };
  const workspace = newWorkspace({ folder: "/nowhere", baseCommit: "", sandbox, checkedOut: false });
  const request = { command: "npm ci", network: "any" as const, signal: new AbortController().signal };
  const result = await runJobCommand(workspace, request, { redactor: createRedactor([]), commandTimeoutMs: 1 });
  expect(result).toMatchObject({ exitCode: null, tail: "half\n[why]\n" });
  // What a cancel ends has no result that could be stored.
  const cancelled = { ...request, signal: AbortSignal.abort(new Error("cancelled")) };
  await expect(
    runJobCommand(workspace, cancelled, { redactor: createRedactor([]), commandTimeoutMs: 1 }),
  ).rejects.toThrow("cancelled");
  expect(result.notRun?.length).toBeLessThanOrEqual(500);
  expect(whyUnverified("npm test", result)?.why).toBe("the check could not run here");
  expect(howItEnded(run)).toBe("[it could not run; that is the machine's fault, not the command's]");
});

test.runIf(process.platform === "linux")(
  "without a sandbox a daemon in a session of its own ends with its command (needs Linux)",
  async () => {
    const sandbox = await probeSandbox({ unsafe: true, modes: ["unsafe"] });
    const workspace = await cloneOf(await makeOrigin({ "a.txt": "one\n" }), { sandbox });
    const command =
      "setsid sh -c 'echo $$ > pid; exec sleep 600' >/dev/null 2>&1 & until [ -s pid ]; do sleep 0.01; done; cat pid";
    const { output } = await sandbox.run(workspace, { command, timeoutMs: 20_000, maxBytes: 1_000 });
    const daemon = Number(output);
    expect(daemon).toBeGreaterThan(1);
    expect(listProcesses().map(({ pid }) => pid)).not.toContain(daemon);
  },
);
