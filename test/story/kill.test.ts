import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { spendOf } from "../../packages/jobs/job-record.ts";
import { transcriptKey } from "../../packages/store/keys.ts";
import { lostWords } from "../../packages/views/words.ts";
import { portsOfStory } from "./free-ports.ts";
import { openWorld, runOf, until, type World } from "./world.ts";

const STACK = join(import.meta.dirname, "stack-process.ts");

/** Every other point is the explorer's: test/pipeline/explorer.test.ts. A process for each costs seconds. */
const POINTS = ["mid-loop", "branch pushed"];

describe("the whole process is killed, and started again", () => {
  // Three starts, one after the other: half a minute becomes more than three on a machine that is full.
  const PATIENCE = { timeout: 600_000 };
  it(
    "at two points of one job, one after the other: one pull request, one proof, one card, one closing reply",
    PATIENCE,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "cody-kill-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
      const port = String(await portsOfStory());
      for (const point of POINTS) {
        const killed = await runStack(folder, port, point);
        expect(killed.signal, `${point}: ${killed.stderr}`).toBe("SIGKILL");
      }
      const finished = await runStack(folder, port, "never");
      expect(finished.signal, finished.stderr).toBe(null);
      expect(finished.stdout, finished.stderr).not.toBe("");
      const seen = JSON.parse(finished.stdout.trim().split("\n").at(-1)!);
      expect(seen.states).toEqual(["published", "unchanged"]);
      expect(seen.pullRequests).toEqual([1, 0]);
      expect(seen.messages.toSorted()).toEqual(["cody_card", "cody_closing"]);
    },
  );
});

describe("one runner is killed in mid-loop, and the next one stopped, while the base moves on", () => {
  it("the next attempt goes on from the stored turns: no turn is asked for or paid twice; the pull request opens from the pinned base and says what has moved", async () => {
    const world = await openWorld();
    const [third, fifth] = [world.claude.hold(3), world.claude.hold(5)];
    await world.submit({}, ["acme/orders"]);
    await third.reached;
    process.kill(-(await runnerOf(world)), "SIGKILL");
    await until(() => world.refused.find((line) => /task work.*(?:signal|exit code)/.test(line)));
    third.release();

    // SIGTERM leaves at once what the next attempt needs; only the answer that was out is lost.
    await fifth.reached;
    await world.forge.admin.commit("acme/orders", "main", {
      message: "Rewrite the build\n",
      date: "2026-11-22T10:00:00Z",
      files: { "pom.xml": "<project/>\n" },
    });
    const asked = world.claude.requests().length;
    process.kill(await runnerOf(world), "SIGTERM");
    await until(() => world.refused.find((line) => /task work.*exit code 143/.test(line)));
    fifth.release();

    const record = await world.untilAtRest();
    const run = runOf(record, "acme/orders");
    expect(run).toMatchObject({ state: "published", attempt: 4, reason: { code: "conflicts" } });
    const again = world.claude.requests()[asked]!.body!.messages;
    expect(again).toEqual(world.claude.requests()[asked - 1]!.body!.messages);

    const ref = { jobId: record.job.jobId, round: 1, repository: "acme/orders" };
    const turns = await world.records.turnsOf(ref);
    expect(turns.map(({ attempt }) => attempt).slice(0, 4)).toEqual([1, 1, 2, 3]);
    const outcome = await world.records.outcome(ref);
    expect(outcome).toMatchObject({ ending: "changed", scripted: true, turns: turns.length });
    expect(run).toMatchObject(outcome!.totals);
    expect(run.turns).toBe(turns.length);
    expect(run.spendUsd).toBeCloseTo(
      turns.reduce((sum, turn) => sum + turn.costUsd!, 0),
      10,
    );
    // What was in flight at a kill is asked again; no answered and stored one is.
    const requests = world.claude.requests().map(({ body }) => body!.messages);
    expect(requests).toHaveLength(turns.length + 2);
    expect(new Set(requests.map((messages) => JSON.stringify(messages))).size).toBe(turns.length);
    expect(requests.at(-1)!.filter(({ role }) => role !== "system")).toHaveLength(turns.length * 2 - 1);
    // Killed while Claude thought: those are counted as lost, and the card says so.
    expect(run.lost).toEqual({ turns: 2, usd: expect.any(Number) });
    expect(run.lost!.usd).toBeGreaterThan(0.001);
    expect(spendOf(record)).toBeCloseTo(run.spendUsd! + run.lost!.usd!, 10);
    const page = await world.artifacts.read(transcriptKey(ref));
    expect(new TextDecoder().decode(page)).toMatch(/2 turns lost<\/dt><dd>about \$0\.\d+</);
    // The job has no check.
    expect(world.forge.admin.pullRequests("acme/orders")).toMatchObject([
      { draft: true, body: expect.stringContaining("> **Draft: not verified, no check was given.**") },
    ]);
    const words = [lostWords(run.lost!), "does not merge with it", "Draft: not verified, no check was given. Give"];
    await until(() => world.cards().find((card) => words.every((one) => JSON.stringify(card).includes(one))));
  });
});

/** The process of the runner that was started last. */
const runnerOf = (world: World) =>
  until(() => {
    const line = world.refused.findLast((one) => /task work.*started as process/.test(one));
    return line ? Number(/process (\d+)/.exec(line)![1]) : undefined;
  });

type Ended = { signal: NodeJS.Signals | null; stdout: string; stderr: string };

function runStack(folder: string, port: string, point: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [STACK, folder, port, point], { timeout: 150_000 }, async (error, stdout, stderr) => {
      const log = await readFile(join(folder, "stack.log"), "utf8").catch(() => "");
      resolve({ signal: (error?.signal as NodeJS.Signals | undefined) ?? null, stdout, stderr: `${stderr}\n${log}` });
    });
  });
}
