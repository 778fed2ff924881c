import { describe, expect, it } from "vitest";
import { FileSettings, RepositorySettings } from "../../packages/jobs/repository-settings.ts";
import { formSettings, resolveSettings, settingsOf } from "../../packages/jobs/resolve-settings.ts";
import { settingsWords } from "../../packages/jobs/settings-words.ts";
import { aJob, aRun } from "../builders.ts";

const suggested = {
  setup: { command: "npm ci", from: "package.json" },
  check: { command: "npm test", from: "package.json" },
};

describe("settings of a repository", () => {
  it("the first source that says a thing counts: form, saved, file, build files", () => {
    expect(resolveSettings({ form: {}, suggested })).toEqual({
      setup: { value: "npm ci", source: "suggested", from: "package.json" },
      check: { value: "npm test", source: "suggested", from: "package.json" },
    });
    const all = {
      form: { check: "a" },
      saved: { check: "b", setup: "c" },
      file: { check: "d", setup: "e" },
      suggested,
    };
    expect(resolveSettings(all)).toEqual({
      check: { value: "a", source: "form" },
      setup: { value: "c", source: "saved" },
    });
    expect(resolveSettings({ ...all, form: {}, saved: {} }).check).toEqual({ value: "d", source: "file" });
  });

  it("none is an answer: no source behind it is asked", () => {
    const { check, setup } = resolveSettings({ form: { check: "none" }, file: { setup: "none" }, suggested });
    expect([check, setup]).toEqual([{ source: "form" }, { source: "file" }]);
  });

  it("of limits the lowest counts, from every source, and protected paths add up", () => {
    const resolved = resolveSettings({
      form: { limits: { turns: 50, minutes: 10 } },
      saved: { limits: { turns: 80, commandMinutes: 3 }, protectedPaths: ["db/", "*.sql"] },
      file: { limits: { turns: 20, minutes: 600 }, protectedPaths: ["*.sql", "infra/"] },
    });
    expect(resolved).toEqual({
      turns: { value: 20, source: "file" },
      minutes: { value: 10, source: "form" },
      commandMinutes: { value: 3, source: "saved" },
      protectedPaths: [
        { path: "db/", source: "saved" },
        { path: "*.sql", source: "saved" },
        { path: "infra/", source: "file" },
      ],
    });
  });

  it.each(["image", "baseBranch", "reviewers", "labels", "mayChangeCi", "capUsd", "hosts", "secrets"])(
    "a file cannot set %s: the schema of its settings does not have it",
    (key) => {
      expect(FileSettings.safeParse({ [key]: "x" }).success).toBe(false);
    },
  );

  it("the form speaks for one repository before it speaks for all, and GitHub's names have no case", () => {
    const options = {
      ...aJob().options,
      setupCommand: "npm ci",
      verifyCommand: "npm test",
      byRepository: { "acme/Orders": { check: "mvn verify", baseBranch: "develop" } },
    };
    expect(formSettings(options, "acme/orders")).toEqual({
      setup: "npm ci",
      check: "mvn verify",
      baseBranch: "develop",
    });
    expect(formSettings(options, "acme/shop")).toEqual({ setup: "npm ci", check: "npm test" });
  });

  it("a row of an earlier release goes by the form of its job; another one by what Plan resolved", () => {
    const job = aJob({ options: { ...aJob().options, verifyCommand: "npm test" } });
    expect(settingsOf(job, aRun())).toEqual({ check: { value: "npm test", source: "form" } });
    expect(settingsOf(job, aRun({ settings: {} }))).toEqual({});
  });

  it("people read each with its source", () => {
    const file = { toolchains: ["java"], limits: { minutes: 5 } };
    const saved = { reviewers: ["octocat"], protectedPaths: ["db/"] };
    expect(
      settingsWords(resolveSettings({ form: { setup: "make" }, saved, file, suggested, note: "A line." })),
    ).toEqual([
      ["Setup", "make"],
      ["Check", "npm test (suggested by package.json)"],
      ["Toolchains", "java (from .cody.yml)"],
      ["Time", "5 min (from .cody.yml)"],
      ["Reviewers", "octocat (saved for this repository)"],
      ["Protected", "db/"],
      ["Left out", "A line."],
    ]);
  });

  it.each([
    [{ image: "../../evil" }, /Name an image/],
    [{ reviewers: ["@octocat"] }, /GitHub login/],
    [{ labels: ["a,b"] }, /without commas/],
    [{ protectedPaths: ["!src"] }, /without !/],
    [{ limits: { turns: 0 } }, /./],
  ])("refuses %j", (settings, says) => {
    expect(RepositorySettings.safeParse(settings).error?.issues[0]?.message).toMatch(says);
  });
});
