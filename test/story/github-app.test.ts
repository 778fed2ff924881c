import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GetExecutionHistoryCommand, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../packages/config/read.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { openMachine } from "../../packages/pipeline/executions.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { registerApp, scratchFolder } from "../stand-ins/forge-fixture.ts";
import { openWorld, runOf, type World } from "./world.ts";

/** A world whose GitHub knows the App and no other account of ours; `tasks` sees each task's process as it starts. */
async function openWorldOfApp() {
  const refusedByForge: string[] = [];
  const forge = await startForge({ folder: scratchFolder(), log: (line) => refusedByForge.push(line) });
  onTestFinished(() => forge.stop());
  const { app, privateKey, variables } = registerApp(forge);
  const lines: string[] = [];
  const tasks: { zone: string; environment: string }[] = [];
  const world = await openWorld({
    forge,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...variables,
      GITHUB_API_URL: forge.apiUrl,
      GITHUB_SERVER_URL: forge.serverUrl,
    },
    log(line) {
      lines.push(line);
      const [, zone, pid] = /^task (work|publish)\S*: started as process (\d+)/.exec(line) ?? [];
      if (zone) tasks.push({ zone, environment: readFileSync(`/proc/${pid}/environ`, "utf8") });
    },
  });
  return { ...world, app, privateKey, lines, tasks, refusedByForge };
}

/** Files below a folder with what they hold; a file that goes away meanwhile holds nothing any more. */
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: textOf(path) }));

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** All that Step Functions knows: inputs, outputs and events of every execution. */
async function executionOf({ env }: { env: Record<string, string | undefined> }): Promise<string> {
  const sfn = openMachine(readConfig("health", env));
  const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: env.CODY_STATE_MACHINE_ARN }));
  const history = await sfn.send(new GetExecutionHistoryCommand({ executionArn: executions![0]!.executionArn }));
  expect(history.events!.length).toBeGreaterThan(5);
  return JSON.stringify([executions, history.events]);
}

/** The round that publishes what waits, as an approval starts it. */
async function published(world: World, { job, rounds }: JobRecord, round: number) {
  await world.store.insertRound({
    ...rounds[0]!,
    jobId: job.jobId,
    kind: "publish",
    round,
    repositories: ["acme/orders"],
    startedAt: undefined,
    finishedAt: undefined,
  });
  return world.untilJob((record) => record.rounds.length === round && allAtRest(record));
}

describe("a GitHub App in place of tokens", () => {
  it("one job over two repositories: a pull request by the app's bot, each task with a token for its own repository; one that loses the app fails with a reason, and one without it is refused before any model spend", async () => {
    const world = await openWorldOfApp();
    await world.forge.admin.addRepository({ name: "other/app", from: { commits: [] } });
    await world.submit({ delivery: "review-first" }, ["acme/orders", "acme/ledger"]);
    const waiting = await world.untilAtRest();
    expect(waiting.runs.map(({ state }) => state)).toEqual(["awaiting-approval", "unchanged"]);

    const [installation] = world.app.installations;
    installation!.suspendedAt = "2026-11-22T10:00:00Z";
    const suspended = await published(world, waiting, 2);
    expect(runOf(suspended, "acme/orders")).toMatchObject({ state: "failed", reason: { code: "app-suspended" } });
    expect(world.forge.admin.pullRequests("acme/orders")).toEqual([]);

    installation!.suspendedAt = null;
    const record = await published(world, waiting, 3);

    expect(record.runs.map(({ repository, state, reason }) => [repository, state, reason])).toEqual([
      ["acme/orders", "published", undefined],
      ["acme/ledger", "unchanged", undefined],
    ]);
    expect(world.forge.admin.pullRequests("acme/orders")).toMatchObject([
      { author: "cody-acme[bot]", labels: ["cody"], headSha: runOf(record, "acme/orders").pullRequest!.commit },
    ]);

    const given = world.forge.admin
      .tokens()
      .flatMap(({ token, installation }) => (installation ? [{ token, ...installation }] : []));
    const idOf = (name: string) => world.forge.admin.repository(name).id;
    const issued = given.filter(({ repositoryIds }) => repositoryIds);
    expect(issued.map(({ repositoryIds, permissions }) => [repositoryIds, permissions]).toSorted()).toEqual(
      [
        [[idOf("acme/orders")], { contents: "read", metadata: "read" }],
        [[idOf("acme/ledger")], { contents: "read", metadata: "read" }],
        [[idOf("acme/orders")], { contents: "write", metadata: "read", pull_requests: "write" }],
      ].toSorted(),
    );
    for (const { permissions } of given.filter((one) => !issued.includes(one)))
      expect(permissions).toEqual({ contents: "read", metadata: "read", pull_requests: "read" });
    expect(world.refusedByForge.filter((line) => !/\b404\b/.test(line))).toEqual([
      expect.stringContaining("403 This installation has been suspended"),
    ]);

    expect(world.tasks.map(({ zone }) => zone).toSorted()).toEqual(["publish", "publish", "work", "work"]);
    for (const { zone, environment } of world.tasks) {
      const names = environment.split("\0").map((line) => line.split("=")[0]!);
      expect(names.filter((name) => /^(?:GITHUB_|SLACK_)/.test(name)).toSorted()).toEqual([
        "GITHUB_API_URL",
        "GITHUB_SERVER_URL",
      ]);
      expect(environment).toContain(`CODY_TOKEN_FUNCTION=${zone === "work" ? "read-token" : "write-token"}`);
      expect(environment).not.toContain("PRIVATE KEY");
      for (const { token } of given) expect(environment).not.toContain(token);
    }
    const secrets = [...given.map(({ token }) => token), "PRIVATE KEY", world.privateKey.split("\n")[1]!];
    const places = [
      ...filesBelow(world.folder),
      { path: "the rows", text: JSON.stringify(record) },
      { path: "the execution's state", text: await executionOf(world) },
      { path: "the stack's log", text: world.lines.join("\n") },
    ];
    expect(places.length).toBeGreaterThan(20);
    for (const { path, text } of places)
      for (const secret of secrets) expect(text.includes(secret), `${path} holds ${secret.slice(0, 12)}`).toBe(false);

    const asked = world.claude.requests().length;
    await expect(world.submit({}, ["other/app"])).rejects.toThrow(
      "other/app does not exist, or Cody's GitHub App is not installed on it.",
    );
    expect(world.claude.requests()).toHaveLength(asked);
  });
});
