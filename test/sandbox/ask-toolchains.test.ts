import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { noCommands, probeSandbox } from "../../packages/sandbox/probe.ts";
import { askToolchains, toolchainsIn } from "../../packages/sandbox/toolchains/ask.ts";
import { SYSTEM_ALONE } from "../../packages/sandbox/toolchains/toolchains.ts";
import { scratchFolder } from "../workspace/origin.ts";

test("what answers, in one order; anything else is no toolchain", () => {
  const output = "go 1.26.8\njava 17.0.15\nnode 24.1.0\nrm -rf\nmake 4.3 of GNU\n[ended: it ran longer than 5 s]\n";
  expect(toolchainsIn(output)).toEqual([
    { name: "node", version: "24.1.0" },
    { name: "java", version: "17.0.15" },
    { name: "go", version: "1.26.8" },
  ]);
});

test("the machine's own are told as they say themselves", async () => {
  const sandbox = await probeSandbox({ unsafe: true });
  const folders = foldersIn(join(await scratchFolder(), "workspace"));
  await makeFolders(folders, sandbox.owner);
  const found = await askToolchains(sandbox, folders);
  const { output } = await sandbox.run(folders, { command: "node --version", timeoutMs: 20_000, maxBytes: 100 });
  expect(found.find(({ name }) => name === "node")).toEqual({ name: "node", version: output.trim().slice(1) });
  expect(await askToolchains(noCommands(), folders)).toEqual([]);
});

test("a gradle whose folder does not name its version is not started: its library says it", async () => {
  const home = join(await scratchFolder(), "share");
  for (const [name, content] of [
    ["bin/gradle", "#!/bin/sh\necho Gradle 9.9.9\n"],
    ["lib/gradle-core-api-4.4.6.jar", ""],
    ["lib/gradle-core-4.4.7.jar", ""],
  ] as const) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content, { mode: 0o755 });
  }
  // Before the machine's own, where there is one.
  const toolchains = { ...SYSTEM_ALONE, path: [join(home, "bin"), ...SYSTEM_ALONE.path], shown: [home] };
  const sandbox = await probeSandbox({ unsafe: true, toolchains });
  const folders = foldersIn(join(await scratchFolder(), "workspace"));
  await makeFolders(folders, sandbox.owner);
  expect(await askToolchains(sandbox, folders)).toContainEqual({ name: "gradle", version: "4.4.7" });
});
