import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { rateLimited } from "../../packages/stand-ins/claude/faults.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { connect, startIn, TABLE, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";
import { BACKENDS } from "./backends.ts";

const WHO = { url: "https://api.anthropic.com", apiKey: "sk-ant-very-secret", model: "claude-sonnet-5-5" };
const at = (time: string) => new Date(`2026-11-22T${time}Z`);

describe.each(BACKENDS)("pauses on $name", ({ missing, start }) => {
  describe.skipIf(missing)("when it is there", () => {
    let pauses: ReturnType<typeof createPauses>;
    let documents: ReturnType<typeof connect>;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const backend = await start();
      documents = connect(backend.url);
      pauses = createPauses({ documents, table: TABLE });
      stop = async () => {
        documents.destroy();
        await backend.stop();
      };
    });
    afterAll(() => stop?.());

    it("the time only moves forward, in whatever order the runs tell it", async () => {
      const pause = pauses({ ...WHO, apiKey: crypto.randomUUID() });
      expect(await pause.until()).toBeUndefined();
      await pause.extend(at("12:00:05"));
      await pause.extend(at("12:00:01"));
      expect(await pause.until()).toEqual(at("12:00:05"));
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => pause.extend(at(`12:01:${String((i * 7) % 30).padStart(2, "0")}`))),
      );
      expect(await pause.until()).toEqual(at("12:01:29"));
    });

    it("holds for one account and model at one address, and for no other", async () => {
      await pauses(WHO).extend(at("12:00:00"));
      for (const other of [{ apiKey: "another" }, { model: "claude-opus-5-5" }, { url: "https://proxy.example" }])
        expect(await pauses({ ...WHO, ...other }).until()).toBeUndefined();
    });

    it("leaves no key in the table, and goes by itself after an hour", async () => {
      await pauses(WHO).extend(at("12:00:00"));
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: TABLE }));
      expect(JSON.stringify(Items)).not.toContain("secret");
      expect(Items.find(({ until }) => until === at("12:00:00").toISOString())?.expiresAt).toBe(
        at("13:00:00").getTime() / 1_000,
      );
    });
  });
});

describe("runners in processes of their own", () => {
  it("all keep quiet when one of them is told to wait", async () => {
    await using folder = await temporaryFolder();
    await using dynamo = await startIn(folder.path);
    const claude = await startClaude({ log: () => {} });
    onTestFinished(() => claude.stop());
    const [first, second] = [runner(), runner()];
    await expect.poll(() => first.answered() && second.answered()).toBe(true);

    claude.faults.push(rateLimited(2));
    await expect.poll(() => claude.faults).toEqual([]);
    const told = claude.requests().findLast(({ answered }) => answered === "fault")!.at;
    const later = () => claude.requests().filter((request) => request.at > told + 2_000);
    await expect.poll(() => later().length).toBeGreaterThanOrEqual(6);
    const meanwhile = claude.requests().filter((request) => request.at > told && request.at < told + 1_990);
    // The other one may have looked just before the row was written.
    expect(meanwhile.length).toBeLessThanOrEqual(2);
    expect([first.waited(), second.waited()]).toEqual([true, true]);

    function runner() {
      const program = join(import.meta.dirname, "pauses-process.ts");
      const child = spawn(process.execPath, [program, dynamo.url, claude.url, claude.apiKey], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(async () => {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      });
      let said = "";
      child.stdout.on("data", (chunk) => {
        said += chunk;
      });
      return { answered: () => said.includes("answered"), waited: () => said.includes("waits until") };
    }
  });
});
