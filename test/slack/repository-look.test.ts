import { describe, expect, it } from "vitest";
import type { InspectedRepository } from "../../packages/github/repositories.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { problemsOnGitHub } from "../../slack/interactions/run-problems.ts";
import { createRepositoryLook } from "../../slack/repository-look.ts";
import { depsOver, type Store } from "./world.ts";

const GONE: InspectedRepository = { ok: false, reason: because("not-found", "acme/orders") };
const GOOD: InspectedRepository = { ok: true, name: "acme/orders", baseBranch: "main", baseCommit: "0".repeat(40) };

/** Answers one after the other; the last one again and again. */
function lookWith(...answers: (InspectedRepository | Error | "never")[]) {
  const asked: object[] = [];
  let nowMs = 0;
  const reading = {
    inspect: async (_: string, request: object) => {
      const answer = answers[Math.min(asked.push(request), answers.length) - 1]!;
      if (answer === "never") return new Promise<never>(() => {});
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clientOf: () => Promise.reject(new Error("no files here")),
  };
  const look = createRepositoryLook(reading, () => {}, { now: () => nowMs, lookMs: 20, submitMs: 20 });
  return { ...look, asked, wait: (ms: number) => (nowMs += ms) };
}

describe("what a form knows of a repository", () => {
  it("is asked for again until it is good, and then kept for two minutes", async () => {
    const { problem, asked, wait } = lookWith(GONE, GOOD);
    expect(await problem("acme/orders", {})).toMatchObject({ code: "not-found" });
    expect(await problem("acme/orders", {})).toBeUndefined();
    expect(await problem("Acme/Orders", {})).toBeUndefined();
    expect(asked).toHaveLength(2);
    await problem("acme/orders", { baseBranch: "next" });
    await problem("acme/orders", { mayChangeCi: true });
    expect(asked.slice(2)).toEqual([{ baseBranch: "next" }, { mayChangeCi: true }]);
    wait(2 * 60_000 + 1);
    await problem("acme/orders", {});
    expect(asked).toHaveLength(5);
  });

  it("is what was seen when it was chosen: a submit then asks nothing", async () => {
    const { look, problem, asked } = lookWith(GOOD);
    await look("acme/orders", [12]);
    expect(asked).toEqual([{ pullRequests: [12] }]);
    expect(await problem("acme/orders", {})).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Error | "never"]>([
    ["does not answer in time", "never"],
    ["fails", new Error("502")],
  ])("is nothing where GitHub %s: Plan looks again", async (_, answer) => {
    const { look, problem } = lookWith(answer);
    expect(await problem("acme/orders", {})).toBeUndefined();
    expect(await look("acme/orders", [])).toBeUndefined();
  });

  it("says why no job can begin there", async () => {
    const { look } = lookWith(GONE);
    expect(await look("acme/orders", [])).toMatchObject({ problem: { code: "not-found" } });
  });
});

describe("what GitHub says against a job", () => {
  const who = { teamId: "T1", userId: "U1" };
  const base = depsOver({} as Store);
  const of = (repositories: string[], baseBranch?: string) => ({
    repositories,
    options: { model: "m", delivery: "open-pr" as const, capUsd: 5, ...(baseBranch && { baseBranch }) },
  });

  it("stands in the field that it concerns, with what helps, once", async () => {
    const deps = {
      settings: { ...base.settings, strict: true },
      repositories: {
        ...base.repositories,
        problem: async (name: string, { baseBranch }: { baseBranch?: string | undefined }) =>
          name === "acme/nope"
            ? because("not-found", name)
            : name === "acme/ci"
              ? because("workflow-permission", name)
              : baseBranch
                ? because("base-branch-missing", name, baseBranch)
                : undefined,
        lacksRights: async (name: string) => (name === "acme/theirs" ? `You may not write to ${name}.` : undefined),
      },
    };
    expect(await problemsOnGitHub(deps, who, of(["acme/orders"]))).toEqual({});
    expect(await problemsOnGitHub(deps, who, of(["acme/orders", "acme/nope", "acme/ci", "acme/shop"], "next"))).toEqual(
      {
        repositories:
          "acme/nope does not exist, or Cody's GitHub token may not see it. Check the spelling, or give the token access to it.",
        "may-change-ci": expect.stringMatching(
          /^This job may change what runs by itself, .* in acme\/ci\. Give the token/,
        ),
        "base-branch":
          "acme/orders has no branch next. acme/shop has no branch next. Choose a branch that exists, or leave the base branch empty for the default one.",
      },
    );
    expect(await problemsOnGitHub(deps, who, of(["acme/nope", "acme/theirs"]))).toEqual({
      repositories: expect.stringMatching(/^acme\/nope does not exist.*\. You may not write to acme\/theirs\.$/),
    });
  });
});
