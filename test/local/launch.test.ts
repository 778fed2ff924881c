import { execFile, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseEnv, promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { shortDiff } from "../../packages/local/demo/short-diff.ts";
import { parseStartOptions } from "../../packages/local/start-options.ts";
import { fromEnvFile, withoutProxyForLoopback } from "../../packages/local/surroundings.ts";
import { onceToldToStop } from "../../packages/local/told-to-stop.ts";

const run = promisify(execFile);

function newFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cody-launch-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("Cody's own .env", () => {
  const given = parseEnv('ANTHROPIC_API_KEY=sk-secret # "mine"\nCODY_PORT=5000\nCODY_MODEL=   # none\n');

  it("counts where the shell sets nothing", () => {
    expect(fromEnvFile(given, { CODY_PORT: "6000" }, true)).toEqual({ takes: { ANTHROPIC_API_KEY: "sk-secret" } });
    expect(fromEnvFile(given, { ANTHROPIC_API_KEY: "" }, true)).toEqual({ takes: { CODY_PORT: "5000" } });
  });

  it("never makes the demo cost money: it names the keys that it leaves, and no value", () => {
    const { takes, says } = fromEnvFile(given, {}, false);
    expect(takes).toEqual({});
    expect(says).toBe(
      ".env has ANTHROPIC_API_KEY, which the demo uses only with --real: everything is a stand-in here.",
    );
    expect(fromEnvFile({ CODY_PORT: "5000" }, {}, false)).toEqual({ takes: {} });
  });
});

it.each([
  [{}, "127.0.0.1,localhost,::1"],
  [{ NO_PROXY: "a.example, localhost" }, "a.example,localhost,127.0.0.1,::1"],
  [{ no_proxy: "*" }, undefined],
])("no proxy stands between us and ourselves: %j", (env, expected) => {
  expect(withoutProxyForLoopback(env).no_proxy).toBe(expected);
  expect(withoutProxyForLoopback(env).NO_PROXY).toBe(expected);
});

describe("what `npm start` is told", () => {
  it.each([
    [["--port", "abc"], /^--port: Name a port/],
    [["--port", "65534"], /^--port: Name a port/],
    [["--repos", "."], /There is no --repos here\. Did you mean --repo\?\ncody start --help/],
    [["."], /"\." belongs to no option/],
    [Array.from({ length: 6 }, () => "--repo=."), /^--repo: Name at most 5/],
  ])("%j is refused in words", (args, says) => expect(() => parseStartOptions(args)).toThrow(says));

  it("takes repositories and a port, or shows help", () => {
    expect(parseStartOptions(["--repo", ".", "--port", "5000"])).toEqual({ repo: ["."], port: 5000 });
    expect(parseStartOptions(["-h"])).toBe("help");
  });
});

it("a short diff has what is taken out and put in, no terminal codes, and an end", () => {
  const lines = Array.from({ length: 50 }, (_, n) => `+line ${n}`);
  const patch = [
    "diff --git a/a.txt b/a.txt",
    "--- a/a.txt",
    "+++ b/a.txt",
    "@@ -1,2 +1,51 @@",
    " same",
    "-old\u001b[2J",
    ...lines,
    "",
  ].join("\n");
  const shown = shortDiff(Buffer.from(patch), 5);
  expect(shown).toEqual(["a.txt  +50 -1", "  -old", "  +line 0", "  +line 1", "  +line 2", "... 47 more lines"]);
});

it("is told to stop once: what npm hands on besides is the same, and a later one ends it as it is", () => {
  const signals = new EventEmitter();
  let now = 0;
  const told: string[] = [];
  signals.on("SIGINT", () => told.push("while it was loading"));
  onceToldToStop((signal) => told.push(signal), {
    on: signals,
    now: () => now,
    exit: (code) => told.push(`exit ${code}`),
  });
  for (now of [5_000, 5_001, 5_900]) signals.emit("SIGINT");
  expect(told).toEqual(["SIGINT"]);
  now = 6_500;
  signals.emit("SIGTERM");
  expect(told).toEqual(["SIGINT", "exit 143"]);
});

it.each(["SIGINT", "SIGTERM"] as const)("%s while a program loads is answered by a sentence", async (signal) => {
  const folder = newFolder();
  for (const part of ["packages/local", "node_modules/zod"]) mkdirSync(join(folder, part), { recursive: true });
  cpSync(join(import.meta.dirname, "../../packages/local/launch.js"), join(folder, "packages/local/launch.js"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "packages/local/run.ts"), "setInterval(() => {}, 1_000); console.log(`loading`);\n");
  const child = spawn(process.execPath, [join(folder, "packages/local/launch.js"), "start"]);
  const said = text(child.stderr);
  await once(child.stdout, "data");
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([signal === "SIGINT" ? 130 : 143, null]);
  expect(await said).toBe("Stopped. Nothing is left behind.\n");
});

it("an install that never ran is met by one sentence", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "packages/local"), { recursive: true });
  cpSync(join(import.meta.dirname, "../../packages/local/launch.js"), join(folder, "packages/local/launch.js"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const failed = await run(process.execPath, [join(folder, "packages/local/launch.js"), "demo"]).catch(
    (error) => error,
  );
  expect(failed).toMatchObject({ code: 2, stdout: "" });
  expect(failed.stderr).toBe(`Cody is not installed yet. Run this once: npm --prefix ${folder}/ ci --omit=dev\n`);
  expect(existsSync(join(folder, ".cody"))).toBe(false);
});

it("an install is quiet about the Node that runs npm: what runs Cody comes with it", async () => {
  const folder = newFolder();
  cpSync(join(import.meta.dirname, "../../.npmrc"), join(folder, ".npmrc"));
  const engines = { node: ">=99" };
  const packages = { "": { name: "probe", engines } };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "probe", engines }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ name: "probe", lockfileVersion: 3, packages }));
  const { stderr } = await run("npm", ["ci", "--dry-run", "--offline"], { cwd: folder });
  expect(stderr).toBe("");
});
