import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import { probeWalls } from "../../packages/workspace/walls/probe.ts";
import { compileLauncher, STAGES } from "./sandbox-world.ts";
import { makeOrigin } from "./workspace-origin.ts";

const TIERS = STAGES.filter(({ as }) => as === undefined);

describe.skipIf(TIERS.length === 0)("the machine's own memory", () => {
  test.for(TIERS)("is watched, whoever takes it: $name", async ({ tier }) => {
    const { folder, url, commit } = await makeOrigin({ a: "1\n" });
    chmodSync(folder, 0o755);
    const launcher = tier.startsWith("own-uid") ? compileLauncher(folder) : "";
    const limits = { freeMemoryBytes: 2 ** 50 };
    const walls = await probeWalls({ unsafe: false, tiers: [tier], launcher, limits });
    const workspace = await cloneWorkspace({ folder: join(folder, "workspace"), url, commit, walls });
    const run = await walls.run(workspace, { command: "sleep 30", timeoutMs: 20_000, maxBytes: 1_000 });
    expect(run).toMatchObject({ exitCode: null, ended: "memory" });
    expect(run.output).toContain("nearly all that the machine has");
  });
});
