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
const POINTS = ["job row", "mid-loop", "branch pushed"];

describe("the whole process is killed, and started again", () => {
  // Four starts, one after the other: half a minute becomes more than three on a machine that is full.
  const PATIENCE = { timeout: 600_000 };
  it(
    "at three points of one job, one after the other: one pull request a repository, one card, one closing reply",
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
      expect(seen.states).toEqual(["published", "published"]);
      expect(seen.pullRequests).toEqual([1, 1]);
      expect(seen.messages.toSorted()).toEqual(["cody_card", "cody_closing"]);
    },
  );
});

describe("one runner is killed in mid-loop", () => {
  it("the next attempt goes on from the stored turns: no turn is asked for or paid twice", async () => {
    const world = await openWorld();
    const fourth = world.claude.hold(4);
    await world.submit({}, ["acme/orders"]);
    await fourth.reached;
    process.kill(-(await runnerOf(world)), "SIGKILL");
    await until(() => world.refused.find((line) => /task work.*(?:signal|exit code)/.test(line)));
    fourth.release();

    const record = await world.untilAtRest();
    const run = runOf(record, "acme/orders");
    expect(run).toMatchObject({ state: "published" });
    const turns = await world.records.turnsOf({ jobId: record.job.jobId, round: 1, repository: "acme/orders" });
    expect(new Set(turns.map(({ attempt }) => attempt)).size).toBe(2);
    expect(run.turns).toBe(turns.length);
    expect(run.spendUsd).toBeCloseTo(
      turns.reduce((sum, turn) => sum + turn.costUsd!, 0),
      10,
    );
    // The turn in flight at the kill may be asked again; no answered and stored one is.
    expect(world.claude.requests().length).toBeLessThanOrEqual(turns.length + 1);
    const prompts = world.claude.requests().map(({ body }) => JSON.stringify(body!.messages));
    expect(new Set(prompts).size).toBeGreaterThanOrEqual(turns.length);
    expect(world.forge.admin.pullRequests("acme/orders")).toHaveLength(1);
    // Killed while Claude thought: that one is counted as lost, and the card says so.
    expect(run.lost).toEqual({ turns: 1, usd: expect.any(Number) });
    expect(run.lost!.usd).toBeGreaterThan(0.001);
    expect(spendOf(record)).toBeCloseTo(run.spendUsd! + run.lost!.usd!, 10);
    await until(() => world.cards().find((card) => JSON.stringify(card).includes(lostWords(run.lost!))));
    const page = await world.artifacts.read(
      transcriptKey({ jobId: record.job.jobId, round: 1, repository: "acme/orders" }),
    );
    expect(new TextDecoder().decode(page)).toMatch(/1 turn lost<\/dt><dd>about \$0\.0\d+</);
  });

  it("SIGTERM leaves at once what the next attempt needs, and exits non-zero; only an answer that was out is lost", async () => {
    let clones = 0;
    const world = await openWorld({
      // The first clone is still under way when its runner is killed.
      disturb: (service, { url = "" }) =>
        service === "GitHub" && url.includes("git-upload-pack") && ++clones === 1
          ? { kind: "delay", ms: 8_000 }
          : undefined,
    });
    const third = world.claude.hold(3);
    await world.submit({}, ["acme/orders"]);
    await world.untilJob(({ runs }) => runs[0]?.state === "cloning");
    process.kill(await runnerOf(world), "SIGKILL");
    await third.reached;
    const asked = world.claude.requests().length;
    process.kill(await runnerOf(world), "SIGTERM");
    await until(() => world.refused.find((line) => /task work.*exit code 143/.test(line)));
    third.release();

    const record = await world.untilAtRest();
    expect(runOf(record, "acme/orders")).toMatchObject({ state: "published", attempt: 4 });
    const again = world.claude.requests()[asked]!.body!.messages;
    const dead = world.claude.requests()[asked - 1]!.body!.messages;
    expect(again).toEqual(dead);
    expect(runOf(record, "acme/orders").lost).toMatchObject({ turns: 1 });
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
