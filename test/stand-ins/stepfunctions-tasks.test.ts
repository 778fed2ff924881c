import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { noteProcess, openTemporary } from "../../packages/local/left-behind.ts";
import { createTaskSlots } from "../../packages/local/slots.ts";
import { createTaskRunner, runnerVariables } from "../../packages/local/tasks.ts";

const folder = mkdtempSync(join(tmpdir(), "cody-tasks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = { CODY_JOB: "j0123456789abcdef", CODY_ROUND: "1", CODY_REPOSITORY: "acme/orders" };

function runner(script: string, stopGraceMs = 200) {
  const lines: string[] = [];
  const variables = { PATH: process.env.PATH!, CODY_TABLE: "cody" };
  const tasks = createTaskRunner({
    definitions: { work: { command: process.execPath, args: () => ["-e", script], variables } },
    folder,
    stopGraceMs,
    log: (line) => lines.push(line),
  });
  onTestFinished(() => tasks.close());
  const start = (signal = new AbortController().signal) =>
    tasks.run({ taskDefinition: "work", capacityProvider: "FARGATE", environment, signal });
  return {
    run: tasks.run,
    start,
    lines,
  };
}

/** A killed process whose parent died first stays as a zombie until init looks. */
const isAlive = (pid: number) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

describe("a task as a child process", () => {
  it("gets its zone's variables and the overrides, nothing else, and a scratch folder that goes with it", async () => {
    const { start } = runner(`require("fs").writeFileSync("${folder}/env.json", JSON.stringify(process.env))`);
    expect(await start()).toEqual({ exitCode: 0 });
    const { CODY_WORK_DIR, TMPDIR, ...rest } = JSON.parse(readFileSync(join(folder, "env.json"), "utf8"));
    expect(rest).toEqual({ ...environment, PATH: process.env.PATH, CODY_TABLE: "cody" });
    expect(readdirSync(join(folder, "scratch"))).toEqual([]);
    expect(CODY_WORK_DIR).toContain("scratch");
    expect(TMPDIR.length).toBeLessThan(tmpdir().length + 20);
    expect(existsSync(TMPDIR)).toBe(false);
  });

  it("says what it said in a log, and its exit code", async () => {
    const { start, lines } = runner(`console.log("hello"); console.error("oh"); process.exit(7)`);
    expect(await start()).toEqual({ exitCode: 7 });
    const name = lines[0]!.split(" ")[1]!.slice(0, -1);
    expect(readFileSync(join(folder, "logs", `${name}.log`), "utf8")).toBe("hello\noh\n");
    expect(lines.at(-1)).toContain("exit code 7");
  });

  it("is asked to stop first and may leave a checkpoint", async () => {
    const { start } = runner(
      `process.on("SIGTERM", () => process.exit(75)); setInterval(() => {}, 1e6); require("fs").writeFileSync("${folder}/ready", "")`,
      10_000,
    );
    const stopping = new AbortController();
    const end = start(stopping.signal);
    await expect.poll(() => readdirSync(folder)).toContain("ready");
    stopping.abort();
    expect(await end).toEqual({ exitCode: 75 });
  });

  it("is killed when it does not stop, and so is what it started", async () => {
    const { start } = runner(
      `process.on("SIGTERM", () => {}); const child = require("child_process").spawn("sleep", ["100"]);` +
        `require("fs").writeFileSync("${folder}/pid", String(child.pid))`,
    );
    const stopping = new AbortController();
    const end = start(stopping.signal);
    await expect.poll(() => readdirSync(folder)).toContain("pid");
    stopping.abort();
    expect(await end).toEqual({ exitCode: 137 });
    await expect.poll(() => isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
  });

  it("that is killed leaves no command and no sandbox behind; who only speaks of its folder is left alone", async () => {
    const own = mkdtempSync(join(tmpdir(), "cody-orphans-"));
    onTestFinished(() => rmSync(own, { recursive: true, force: true }));
    const started = `
      const { spawn } = require("child_process");
      const { writeFileSync } = require("fs");
      const work = process.env.CODY_WORK_DIR;
      const start = (argv0, env, ...args) =>
        spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)", "--", ...args], { argv0, env, detached: true, stdio: "ignore" }).pid;
      const bwrap = start("/usr/bin/bwrap", {}, "--bind", work + "/workspace/tree", "/workspace");
      const command = start("node", { HOME: work + "/workspace/home" });
      const git = start("git", { HOME: "/", GIT_DIR: work + "/workspace/private/git" });
      const speaker = start("tail", {}, work + "/workspace/tree");
      const neighbour = start("node", { HOME: work + "2/workspace/home" });
      writeFileSync(${JSON.stringify(join(own, "pids"))}, JSON.stringify({ gone: [bwrap, command, git], stay: [speaker, neighbour] }));
      process.kill(process.pid, "SIGKILL");`;
    const { start } = runner(started);
    expect(await start()).toEqual({ exitCode: 137 });
    const { gone, stay } = JSON.parse(readFileSync(join(own, "pids"), "utf8"));
    onTestFinished(() => stay.map((pid: number) => process.kill(pid, "SIGKILL")));
    // The kernel takes its time between the signal and the end.
    await expect.poll(() => gone.map(isAlive)).toEqual([false, false, false]);
    expect(stay.map(isAlive)).toEqual([true, true]);
  });

  it("reports what cannot be started, and refuses an unknown definition as ECS does", async () => {
    const { run } = runner("");
    const missing = createTaskRunner({
      definitions: { work: { command: join(folder, "nothing"), args: () => [], variables: {} } },
      folder,
      log: () => {},
    });
    const signal = new AbortController().signal;
    const request = { taskDefinition: "work", capacityProvider: "FARGATE", environment, signal };
    onTestFinished(() => missing.close());
    expect(await missing.run(request)).toMatchObject({ exitCode: null, stopCode: "TaskFailedToStart" });
    await expect(run({ ...request, taskDefinition: "other" })).rejects.toMatchObject({ name: "ECS.ClientException" });
  });
});

describe("many tasks on one machine", () => {
  const order = async (orders: [string, boolean][], give: (name: string) => void) => {
    const slot = createTaskSlots(1);
    const signal = new AbortController().signal;
    const first = await slot(signal);
    const all = orders.map(async ([name, isUrgent]) => {
      using _ = await slot(signal, { isUrgent });
      give(name);
    });
    first[Symbol.dispose]();
    await Promise.all(all);
  };

  it("what ends something goes before what begins, each in the order in which it came", async () => {
    const seen: string[] = [];
    const give = (name: string) => void seen.push(name);
    await order(
      [
        ["w1", false],
        ["w2", false],
        ["p1", true],
        ["w3", false],
        ["p2", true],
      ],
      give,
    );
    expect(seen).toEqual(["p1", "p2", "w1", "w2", "w3"]);
  });
});

describe("what a killed stack has left", () => {
  const sleeper = (variables: Record<string, string>) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { env: variables, detached: true });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };
  const orphaned = (root: string, name: string, variables: (scratch: string) => Record<string, string>) => {
    const scratch = join(root, "scratch", name);
    mkdirSync(join(scratch, "workspace"), { recursive: true });
    const child = sleeper(variables(scratch));
    noteProcess(scratch, child.pid!);
    return child;
  };

  it("runners end and folders go; a process that only has the number of one is left alone", async () => {
    const root = mkdtempSync(join(tmpdir(), "cody-left-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const runner = orphaned(root, "work-1", (scratch) => ({ CODY_WORK_DIR: scratch }));
    const command = sleeper({ HOME: join(root, "scratch", "work-1", "workspace", "home") });
    const stranger = orphaned(root, "work-2", (scratch) => ({ CODY_WORK_DIR: `${scratch}2` }));
    mkdirSync(join(root, "scratch", "work-3"));
    const temporary = openTemporary(join(root, "temporary")).folderOf("1");
    const tasks = createTaskRunner({ definitions: {}, folder: root, log: () => {} });
    await tasks.clear();
    expect(readdirSync(join(root, "scratch"))).toEqual([]);
    await expect.poll(() => isAlive(runner.pid!)).toBe(false);
    await expect.poll(() => isAlive(command.pid!)).toBe(false);
    expect(isAlive(stranger.pid!)).toBe(true);
    expect(existsSync(temporary)).toBe(false);
  });

  it.each([
    ["a folder of another name", (outside: string) => mkdirSync(outside)],
    ["nothing", () => {}],
  ])("a note that names %s removes nothing", (_, prepare) => {
    const root = mkdtempSync(join(tmpdir(), "cody-left-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const outside = join(root, "precious");
    prepare(outside);
    const before = existsSync(outside);
    writeFileSync(join(root, "temporary"), outside);
    openTemporary(join(root, "temporary")).close();
    expect(existsSync(outside)).toBe(before);
  });
});

describe("variables by trust zone", () => {
  const all = {
    PATH: "/bin",
    CODY_TABLE: "cody",
    ANTHROPIC_API_KEY: "model",
    GITHUB_READ_TOKEN: "read",
    GITHUB_WRITE_TOKEN: "write",
    SLACK_BOT_TOKEN: "slack",
    CODY_SIGNING_KEY: "sign",
    NPM_TOKEN: "other",
  };
  it("Work holds the model key and may read; Publish may write and holds no model key; neither knows Slack", () => {
    expect(runnerVariables("work", all)).toEqual({
      PATH: "/bin",
      CODY_TABLE: "cody",
      ANTHROPIC_API_KEY: "model",
      GITHUB_READ_TOKEN: "read",
    });
    expect(runnerVariables("publish", all)).toEqual({
      PATH: "/bin",
      CODY_TABLE: "cody",
      GITHUB_WRITE_TOKEN: "write",
      CODY_SIGNING_KEY: "sign",
    });
  });
  it("one GITHUB_TOKEN serves as both, under each zone's own name", () => {
    expect(runnerVariables("work", { GITHUB_TOKEN: "one" })).toEqual({ GITHUB_READ_TOKEN: "one" });
    expect(runnerVariables("publish", { GITHUB_TOKEN: "one", GITHUB_WRITE_TOKEN: "w" })).toEqual({
      GITHUB_WRITE_TOKEN: "w",
    });
  });
});
