import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { UserError } from "../../packages/jobs/errors.ts";
import { createStackLog } from "../../packages/local/stack/log.ts";
import { NoRoom } from "../../packages/local/stack/room.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { portsOfStory } from "./free-ports.ts";
import { openWorld, runOf, until } from "./world.ts";

const DEADLINE_MS = 150_000;
const WHERE = { PATH: process.env.PATH, HOME: process.env.HOME };

describe("what a machine may get wrong", () => {
  it("a damaged state folder: the start names the file, touches nothing, and goes on once it is whole again", async () => {
    const world = await openWorld();
    const { folder } = world;
    await world.submit({ prompt: "Look." }, ["acme/ledger"]);
    const { job } = await world.untilAtRest(DEADLINE_MS);
    await world.stop();

    const start = () => startStack({ folder, env: WHERE, log: () => {} });
    const damaged = [
      "dynamodb/stream.log",
      "forge/forge.json",
      "slack/workspace.jsonl",
      "stream-notify",
      "stream-drive",
      "lock",
    ];
    for (const name of damaged) {
      const file = join(folder, name);
      expect(existsSync(file), name).toBe(true);
      const whole = readFileSync(file);
      const broken = Buffer.concat([Buffer.from("{ this is no\n"), whole.subarray(whole.length / 2)]);
      writeFileSync(file, broken);
      const error = await start().then(
        (stack) => stack.stop(),
        (reason: Error) => reason,
      );
      expect(error, name).toBeInstanceOf(UserError);
      expect((error as Error).message).toContain(name === "lock" ? "lock is damaged" : file);
      expect(readFileSync(file).equals(broken), name).toBe(true);
      writeFileSync(file, whole);
    }

    const again = await openWorld({ folder });
    expect((await again.newestJob())?.job.jobId).toBe(job.jobId);
    expect(again.cards()).toHaveLength(1);
  });

  it("a port that is taken: the start says which one, for what, and leaves nothing running", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cody-port-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const first = await portsOfStory();
    for (const [offset, service] of [
      [0, "Slack"],
      [1, "GitHub"],
      [2, "S3"],
      [3, "DynamoDB"],
      [4, "Claude"],
      [5, "Step Functions"],
    ] as const) {
      const port = first + offset;
      const taken = createServer().listen(port, "127.0.0.1");
      await once(taken, "listening");
      const error = await startStack({ folder, env: WHERE, log: () => {}, port: first }).catch(
        (reason: Error) => reason,
      );
      taken.close();
      await once(taken, "close");
      expect(error, service).toBeInstanceOf(UserError);
      expect((error as Error).message).toMatch(
        new RegExp(`^Port ${port}, for (the )?${service}\\b.* is taken\\. .*CODY_PORT`),
      );
    }
    const stack = await startStack({ folder, env: WHERE, log: () => {} });
    await stack.stop();
  });

  it.skipIf(!mayMount())(
    "a full disk: a submit is refused in words, and what runs goes on when there is room (needs root)",
    async () => {
      const disk = await mkdtemp(join(tmpdir(), "cody-full-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "none", disk]);
      onTestFinished(() => void execFileSync("umount", ["-l", disk]));
      const lines: string[] = [];
      const file = createStackLog(join(disk, "state/stack.log"), () => {});
      const log = (line: string) => {
        lines.push(line);
        file(line);
      };
      const world = await openWorld({ folder: join(disk, "state"), thinkMs: 500, log });
      const filler = join(disk, "filler");

      fill(filler);
      await expect(world.submit({}, ["acme/orders"])).rejects.toThrow(
        "Cody could not do that just now. Nothing was changed; try again in a minute.",
      );
      rmSync(filler);
      expect(await world.newestJob()).toBeUndefined();

      await world.requester.modal().then((modal) => modal.submit());
      await until(() => world.claude.requests().length >= 2 || undefined, DEADLINE_MS);
      fill(filler);
      await until(() => lines.some((line) => /task work.*exit code 1$/.test(line)) || undefined, DEADLINE_MS);
      rmSync(filler);
      const record = await world.untilAtRest(DEADLINE_MS);
      const run = runOf(record, "acme/orders");
      expect(run.state).toBe("published");
      const turns = await world.records.turnsOf({ jobId: run.jobId, round: 1, repository: run.repository });
      expect(turns).toHaveLength(run.turns);
      expect(world.forge.admin.pullRequests("acme/orders")).toHaveLength(1);
      await until(() => world.replies().at(0));
      await world.stop();

      fill(filler);
      const start = () => startStack({ folder: world.folder, env: WHERE, log });
      // What is there already may do for a start; if not, it says why and begins once there is space.
      const early = await start().catch((reason: Error) => reason);
      if (early instanceof Error) expect(early).toBeInstanceOf(NoRoom);
      else await early.stop();
      rmSync(filler);
      const again = await openWorld({ folder: world.folder });
      expect((await again.newestJob())?.runs).toEqual(record.runs);
      expect(again.cards()).toHaveLength(1);
    },
  );
});

function fill(file: string) {
  for (let size = 1 << 20; size >= 1; size >>= 2) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}

function mayMount() {
  const folder = join(tmpdir(), `cody-mount-${process.pid}`);
  try {
    execFileSync("mkdir", [folder]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
