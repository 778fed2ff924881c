import { execFile, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseEnv, promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { stopWhenClosed } from "../../packages/local/closed-output.ts";
import { shortDiff } from "../../packages/local/demo/short-diff.ts";
import { parseStartOptions } from "../../packages/local/start-options.ts";
import { fromEnvFile, withoutProxyForLoopback } from "../../packages/local/surroundings.ts";
import { onceToldToStop } from "../../packages/local/told-to-stop.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const LAUNCH = join(ROOT, "packages/local/launch.js");

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

it("a terminal that closes tells it to stop as Ctrl-C does, and is no second word; nor is output that is not read", () => {
  const signals = new EventEmitter();
  const [out, err] = [new EventEmitter(), new EventEmitter()];
  const told: string[] = [];
  let now = 0;
  const exit = (code: number) => told.push(`exit ${code}`);
  onceToldToStop((signal) => told.push(signal), { on: signals, now: () => now, exit });
  stopWhenClosed([out, err], signals);
  const broken = (code: string) => Object.assign(new Error(`write ${code}`), { code });
  for (now of [0, 5_000]) {
    out.emit("error", broken("EPIPE"));
    err.emit("error", broken("EIO"));
    signals.emit("SIGHUP");
  }
  expect(told).toEqual(["SIGHUP"]);
  expect(() => out.emit("error", broken("ENOSPC"))).toThrow("ENOSPC");
  signals.emit("SIGINT");
  expect(told).toEqual(["SIGHUP", "exit 130"]);
});

/** A checkout of Cody's with nothing but what is run first. */
function bareCheckout(name = "cody", installed: readonly string[] = []) {
  const folder = join(newFolder(), name);
  for (const part of ["packages/local", ...installed]) mkdirSync(join(folder, part), { recursive: true });
  cpSync(LAUNCH, join(folder, "packages/local/launch.js"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s while a program loads is answered by a sentence",
  async (signal) => {
    const folder = bareCheckout("cody", ["node_modules/zod"]);
    writeFileSync(join(folder, "packages/local/run.ts"), "setInterval(() => {}, 1_000); console.log(`loading`);\n");
    const child = spawn(process.execPath, [join(folder, "packages/local/launch.js"), "start"]);
    const said = text(child.stderr);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([128 + constants.signals[signal], null]);
    expect(await said).toBe("Stopped. Nothing is left behind.\n");
  },
);

it("an install that never ran is met by one sentence, which a shell takes as it stands", async () => {
  const folder = bareCheckout("it's ünï 漢");
  const failed = await run(process.execPath, [join(folder, "packages/local/launch.js"), "demo"]).catch(
    (error) => error,
  );
  expect(failed).toMatchObject({ code: 2, stdout: "" });
  const [, typed = ""] =
    /^Cody is not installed yet\. Run this once: npm (.* ci --omit=dev)\n$/.exec(failed.stderr) ?? [];
  const { stdout } = await run("sh", ["-c", `printf '%s|' ${typed}`]);
  expect(stdout.split("|")).toEqual(["--prefix", `${folder}/`, "ci", "--omit=dev", ""]);
  expect(existsSync(join(folder, ".cody"))).toBe(false);
});

it("an older Node without the one of the install is met by one sentence that names both ways", async () => {
  const folder = bareCheckout("cody", ["node_modules/zod"]);
  const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } })';
  const args = ["--import", `data:text/javascript,${encodeURIComponent(older)}`];
  const failed = await run(process.execPath, [...args, join(folder, "packages/local/launch.js"), "demo"]).catch(
    (error) => error,
  );
  expect(failed).toMatchObject({ code: 2, stdout: "" });
  expect(failed.stderr).toBe(
    `Cody needs Node 24, and this is Node 20.1.0. The install brings Node 24, unless npm leaves out install scripts: ` +
      `run npm --prefix ${folder}/ ci --omit=dev --ignore-scripts=false, or install Node 24.\n`,
  );
});

it("`cody` works by the link that npm makes of it, from another folder", async () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(join(ROOT, bin.cody)).toBe(LAUNCH);
  const folder = newFolder();
  symlinkSync(LAUNCH, join(folder, "cody"));
  const failed = await run(join(folder, "cody"), ["strat"], { cwd: folder }).catch((error) => error);
  expect(failed).toMatchObject({ code: 2, stdout: "", stderr: "cody has no strat. Did you mean cody start?\n" });
});

it("a running demo that gets Ctrl-C leaves nothing among the temporary files", async () => {
  const TMPDIR = newFolder();
  const child = spawn(process.execPath, [LAUNCH, "demo"], { env: { ...process.env, TMPDIR } });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    // Everything is up, and the job is about to start.
    if (!said.includes("/cody: ") && (said + text).includes("/cody: ")) child.kill("SIGINT");
    said += text;
  });
  const complaint = text(child.stderr);
  expect(await once(child, "close")).toEqual([130, null]);
  expect(await complaint).toBe("Stopped. Nothing is left behind.\n");
  expect(said).toContain("/cody: ");
  expect(readdirSync(TMPDIR)).toEqual([]);
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
