import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { makeOrigin } from "../workspace/origin.ts";
import { compileLauncher, STAGES } from "./world.ts";

const MODES = STAGES.filter(({ as, mode }) => as === undefined && mode !== "namespaces");
const PLENTY = 2 ** 50;

/**
 * Memory that belongs to no process and files without bytes: what the limits of one process, or of one folder, do not
 * see.
 */
describe.skipIf(MODES.length === 0)("what the machine has left is watched (needs a sandbox)", () => {
  test.for(MODES)("memory and files: $name", async ({ mode }) => {
    const { folder, url, commit } = await makeOrigin({ a: "1\n" });
    chmodSync(folder, 0o755);
    const launcher = mode.startsWith("own-uid") ? compileLauncher(folder) : "";
    const runWith = async (limits: Record<string, number>) => {
      const sandbox = await probeSandbox({ unsafe: false, modes: [mode], launcher, limits });
      const workspace = await cloneWorkspace({ folder: join(folder, "workspace"), url, commit, sandbox });
      // Again and again: what another test removes meanwhile gives the disk more than one round takes.
      const command = "for round in $(seq 1000); do seq -f $round-%g 2000 | xargs touch; done";
      return sandbox.run(workspace, { command, timeoutMs: 20_000, maxBytes: 1_000 });
    };
    const memory = await runWith({ freeMemoryBytes: PLENTY });
    expect(memory).toMatchObject({ exitCode: null, ended: "memory" });
    expect(memory.output).toContain("nearly all that the machine has");
    expect(await runWith({ freeFiles: PLENTY })).toMatchObject({ exitCode: null, ended: "disk" });
  });
});
