import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { foldersIn, makeFolders } from "../../packages/sandbox/folders.ts";
import { noCommands, probeSandbox } from "../../packages/sandbox/probe.ts";
import { askToolchains, toolchainsIn } from "../../packages/sandbox/toolchains/ask.ts";
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

test("a gradle whose folder does not name its version is not started: its library does", async () => {
  const sandbox = await probeSandbox({ unsafe: true });
  const folders = foldersIn(join(await scratchFolder(), "workspace"));
  await makeFolders(folders, sandbox.owner);
  const machine = await scratchFolder();
  for (const [name, content] of [
    ["share/bin/gradle", `#!/bin/sh\ntouch ${join(machine, "started")}\n`],
    ["share/lib/gradle-core-api-4.4.7.jar", ""],
    ["share/lib/gradle-core-4.4.7.jar", ""],
  ] as const) {
    mkdirSync(dirname(join(machine, name)), { recursive: true });
    writeFileSync(join(machine, name), content, { mode: 0o755 });
  }
  const before = process.env.PATH;
  process.env.PATH = `${join(machine, "share/bin")}:${before}`;
  try {
    const found = await askToolchains(await probeSandbox({ unsafe: true }), folders);
    expect(found).toContainEqual({ name: "gradle", version: "4.4.7" });
    expect(existsSync(join(machine, "started"))).toBe(false);
  } finally {
    process.env.PATH = before;
  }
});
