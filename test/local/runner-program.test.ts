import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
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
    // And made again, where Node has put what it compiled of the old one.
    mkdirSync(join(made, "compiled"), { recursive: true });
    expect((await open()).fileOf("work")).toBe(join(made, "work.mjs"));
  });

  it("leaves what another process makes at the moment, and few old ones", async () => {
    const cache = join(folder, "cache");
    const old = (name: string, hours: number) => {
      mkdirSync(join(cache, name), { recursive: true });
      utimesSync(join(cache, name), new Date(), new Date(Date.now() - hours * 3_600_000));
    };
    for (const [i, name] of ["a", "b", "c", "d"].entries()) old(name, i + 2);
    old("making-now", 0.5);
    old("making-killed", 3);
    const { fileOf } = await openRunnerProgram(() => {}, cache);
    const [bundle] = relative(cache, fileOf("work")).split("/");
    expect(readdirSync(cache).toSorted()).toEqual([bundle, "a", "b", "c", "making-now"].toSorted());
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
