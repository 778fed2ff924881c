import { describe, expect, it } from "vitest";
import { fitsPattern } from "../../packages/github/path-pattern.ts";
import { consentOf, protectedPathReason } from "../../packages/github/protected-paths.ts";
import { shownByItself } from "../../packages/github/runs-by-itself.ts";
import { resolveSettings } from "../../packages/jobs/resolve-settings.ts";
import { commandMs, lowerLimits, settingsFacts, withInstructions } from "../../packages/work/settings.ts";
import { aJob, aRun } from "../builders.ts";

describe("what settings do to a run", () => {
  const LIMITS = { maxTurns: 30, maxSeconds: 600 };

  it("the deployment's limits only go lower", () => {
    expect(lowerLimits(LIMITS, resolveSettings({ form: {}, file: { limits: { turns: 10, minutes: 90 } } }))).toEqual({
      maxTurns: 10,
      maxSeconds: 600,
    });
    expect(lowerLimits(LIMITS, {})).toEqual(LIMITS);
    expect([commandMs({}), commandMs({ commandMinutes: { value: 0.5, source: "file" } })]).toEqual([undefined, 30_000]);
  });

  it("instructions of a file are the repository's word, those that people saved are the requester's team's", async () => {
    const redact = async (text: string) => text.replace("hunter2", "[redacted]");
    const ofFile = resolveSettings({ form: {}, file: { instructions: "Never\u200b push. hunter2" } });
    const other = [{ path: "AGENTS.md", text: "x" }];
    expect(await withInstructions(other, ofFile, redact)).toEqual([
      { path: ".cody.yml", text: "Never push. [redacted]" },
      ...other,
    ]);
    expect(settingsFacts(ofFile)).toEqual([]);
    const saved = resolveSettings({ form: {}, saved: { instructions: "Use tabs." } });
    expect(await withInstructions(other, saved, redact)).toEqual(other);
    expect(settingsFacts(saved).join()).toMatch(/requester's team for this repository:\nUse tabs\./);
  });

  it("a protected path is a patch, or a draft that names it where the job may touch what runs by itself", () => {
    const settings = resolveSettings({ form: {}, file: { protectedPaths: ["migrations/"] } });
    const run = aRun({ settings });
    const paths = ["src/a.ts", "db/Migrations/1.sql"];
    const reason = protectedPathReason(paths, consentOf(aJob(), run));
    expect(reason).toMatchObject({
      code: "protected-path",
      message: expect.stringMatching(/protect \(migrations\/\)/),
    });
    const mayChangeCi = aJob({ options: { ...aJob().options, mayChangeCi: true } });
    const consent = consentOf(mayChangeCi, run);
    expect(protectedPathReason(paths, consent)).toBeUndefined();
    expect(shownByItself(paths, consent.protectedPaths).runsByItself).toEqual(["db/Migrations/1.sql"]);
    expect(protectedPathReason([".cody.yml"], consentOf(aJob(), aRun()))?.code).toBe("protected-path");
  });

  it.each([
    ["migrations/", "a/migrations/b/1.sql", true],
    ["migrations/", "migrations.md", false],
    ["/migrations/", "a/migrations/1.sql", false],
    ["*.sql", "deep/in/here.SQL", true],
    ["db/*.rb", "db/schema.rb", true],
    ["db/*.rb", "db/a/schema.rb", false],
    ["db/**/x", "db/a/b/x/y", true],
    ["db/**", "db/a", true],
    ["**/db", "a/db/c", true],
    ["db/schema.rb", "a/db/schema.rb", false],
    [".env*", "app/.env.local", true],
    ["a?c", "abc", true],
    ["a[b]c", "abc", false],
    ["/", "anything", false],
    [`${"*a".repeat(60)}b`, `${"a".repeat(4_000)}c`, false],
    [`${"**/".repeat(60)}z`, `${"a/".repeat(500)}c`, false],
  ])("%.40s in .gitignore's notation: %.40s is %s", (pattern, path, fits) => {
    expect(fitsPattern(path, pattern)).toBe(fits);
  });
});
