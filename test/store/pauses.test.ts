import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { rateLimited } from "../../packages/stand-ins/claude/faults.ts";
import { startClaude } from "../../packages/stand-ins/claude/start-claude.ts";
import { startIn, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";

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
