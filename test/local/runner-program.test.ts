import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRunnerProgram } from "../../packages/local/stack/runner-program.ts";

const folder = mkdtempSync(join(tmpdir(), "cody-program-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Without variables it says what is missing, so it was found and loaded. */
const start = (file: string) => () => execFileSync(process.execPath, [file], { cwd: "/", env: {}, stdio: "pipe" });

describe("what a runner on one machine starts from", () => {
  it("is a bundle, made once for the sources as they are", async () => {
    const cache = join(folder, "cache");
    const lines: string[] = [];
    const open = () => openRunnerProgram((line) => lines.push(line), cache);
    const [one, other] = await Promise.all([open(), open()]);
    expect(one.fileOf("work")).toBe(other.fileOf("work"));
    expect(one.fileOf("work").startsWith(cache)).toBe(true);
    expect(start(one.fileOf("work"))).toThrow(/environment of \w+ is not right:.*CODY_JOB/s);
    expect(start(one.fileOf("publish"))).toThrow(/environment of \w+ is not right:.*CODY_JOB/s);
    expect(readdirSync(cache)).toHaveLength(1);
    const made = join(one.fileOf("work"), "..");
    writeFileSync(join(made, "mark"), "");
    await open();
    expect(existsSync(join(made, "mark"))).toBe(true);
    expect(lines).toEqual([]);

    // Tidied away while the stack runs.
    for (const name of readdirSync(made)) if (name.endsWith(".mjs")) rmSync(join(made, name));
    expect(one.fileOf("publish")).toMatch(/containers\/runner\/publish\.ts$/);
  });

  it("are the sources where no bundle can be made, and the log says why", async () => {
    const lines: string[] = [];
    writeFileSync(join(folder, "file"), "");
    const program = await openRunnerProgram((line) => lines.push(line), join(folder, "file"));
    expect(existsSync(program.fileOf("work"))).toBe(true);
    expect(program.fileOf("work")).toMatch(/containers\/runner\/work\.ts$/);
    expect(lines).toEqual([
      expect.stringMatching(/^The runner starts from its sources: no bundle .*(?:EEXIST|ENOTDIR)/),
    ]);
  });
});
