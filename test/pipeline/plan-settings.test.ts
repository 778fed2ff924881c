import { describe, expect, it } from "vitest";
import type { Job } from "../../packages/jobs/job.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { chooseImage } from "../../packages/pipeline/choose-image.ts";
import { type PlanDeps, plan } from "../../packages/pipeline/plan.ts";
import { AT, aJob, aPatch, aRunOf } from "../builders.ts";
import { BASE, NEWER_BASE } from "./world.ts";

const FOUND = { suggested: { check: { command: "npm test", from: "package.json" } } };

async function planned(
  deps: Partial<PlanDeps>,
  { job = aJob(), runs = [], round }: { job?: Job; runs?: RepoRun[]; round?: Round } = {},
) {
  const opened: RepoRun[] = [];
  const asked: string[] = [];
  const rounds = [firstRound(job), ...(round ? [round] : [])];
  const all: PlanDeps = {
    readJob: async () => ({ job, rounds, runs }),
    openRun: async (run) => {
      opened.push(run);
      return run;
    },
    inspect: async (repository, { baseBranch = "main" }) => {
      asked.push(`${repository}@${baseBranch}`);
      return { ok: true, baseBranch, baseCommit: NEWER_BASE };
    },
    now: () => new Date(AT),
    ...deps,
  };
  const { runs: steps } = await plan(all, { jobId: job.jobId, round: rounds.at(-1)!.round });
  return { opened, asked, steps: steps.map(({ step }) => step) };
}

describe("Plan resolves the settings of each repository", () => {
  it("with what was saved, and from the commit that it pins; the base branch of each is its own", async () => {
    const job = aJob({
      repositories: ["acme/orders", "acme/shop"],
      options: { ...aJob().options, byRepository: { "acme/orders": { baseBranch: "release", check: "make" } } },
    });
    const commits: string[] = [];
    const { opened, asked } = await planned(
      {
        readSettings: async ({ teamId, repository }) => ({
          teamId,
          repository,
          settings: { baseBranch: "develop", reviewers: ["octocat"] },
          savedBy: "U9",
          savedAt: AT,
        }),
        findSettings: async (_, commit) => {
          commits.push(commit);
          return FOUND;
        },
      },
      { job },
    );
    expect(asked.toSorted()).toEqual(["acme/orders@release", "acme/shop@develop"]);
    expect(commits).toEqual([NEWER_BASE, NEWER_BASE]);
    expect(opened.map(({ settings }) => settings)).toEqual([
      {
        check: { value: "make", source: "form" },
        baseBranch: { value: "release", source: "form" },
        reviewers: { value: ["octocat"], source: "saved" },
      },
      {
        check: { value: "npm test", source: "suggested", from: "package.json" },
        baseBranch: { value: "develop", source: "saved" },
        reviewers: { value: ["octocat"], source: "saved" },
      },
    ]);
  });

  it("a bad file is a note on the row, and the run goes on; a GitHub that does not answer ends it with a reason", async () => {
    const note = ".cody.yml, line 2: no.";
    const { opened, steps } = await planned({ findSettings: async () => ({ note }) });
    expect([opened[0]!.settings, steps]).toEqual([{ note }, ["work"]]);
    const failed = await planned({
      findSettings: async () => {
        throw new Error("502");
      },
    });
    expect([failed.opened[0]!.reason?.code, failed.steps]).toEqual(["github", ["end"]]);
  });

  it("a later round reads the commit that the run stands on; one that publishes goes by what Work went by", async () => {
    const job = aJob();
    const commits: string[] = [];
    const findSettings = async (_: string, commit: string) => {
      commits.push(commit);
      return FOUND;
    };
    const settings = { check: { value: "old", source: "saved" as const } };
    const before = aRunOf(job, { baseCommit: BASE, baseBranch: "main", settings, patch: aPatch(), ending: "changed" });
    const later = (kind: Round["kind"]): Round => ({ ...firstRound(job), round: 2, kind });
    const refined = await planned(
      { findSettings },
      { job, runs: [{ ...before, state: "published" }], round: later("refine") },
    );
    expect(commits).toEqual([BASE]);
    expect(refined.opened[0]!.settings?.check?.value).toBe("npm test");
    const approved = await planned(
      { findSettings },
      { job, runs: [{ ...before, state: "awaiting-approval" }], round: later("publish") },
    );
    expect([approved.steps, approved.opened[0]!.settings, commits]).toEqual([["publish"], settings, [BASE]]);
  });

  it("an image without effect is said behind what the repository's own file is told", () => {
    const settings = { note: "A line is wrong.", image: { value: "java21", source: "saved" as const } };
    const { note, image } = chooseImage(settings, "no-effect").settings!;
    expect([image, note]).toEqual([
      undefined,
      expect.stringMatching(/^A line is wrong\. The image java21 has no effect/),
    ]);
  });

  const inJava = async () => ({
    teamId: "T1",
    repository: "acme/orders",
    settings: { image: "java21" },
    savedBy: "U9",
    savedAt: AT,
  });
  it.each<[string, PlanDeps["images"], string[], RegExp]>([
    ["one of the deployment's is chosen", ["java21", "dotnet"], ["work java21"], /"image":\{"value":"java21"/],
    [
      "one that is not on the list ends the run",
      ["dotnet"],
      ["end "],
      /name the image java21, and this deployment has dotnet/,
    ],
    ["without a list too", undefined, ["end "], /this deployment has no other images/],
    [
      "on one machine it has no effect, and that is said",
      "no-effect",
      ["work "],
      /java21 has no effect on one machine/,
    ],
  ])("an image: %s", async (_, images, steps, says) => {
    const opened: RepoRun[] = [];
    const job = aJob({ repositories: ["acme/orders"] });
    const { runs } = await plan(
      {
        readJob: async () => ({ job, rounds: [firstRound(job)], runs: [] }),
        openRun: async (run) => {
          opened.push(run);
          return run;
        },
        inspect: async () => ({ ok: true, baseBranch: "main", baseCommit: BASE }),
        readSettings: inJava,
        now: () => new Date(AT),
        ...(images && { images }),
      },
      { jobId: job.jobId, round: 1 },
    );
    expect(runs.map(({ step, image = "" }) => `${step} ${image}`)).toEqual(steps);
    expect(JSON.stringify([opened[0]!.settings, opened[0]!.reason])).toMatch(says);
  });
});
