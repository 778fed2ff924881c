import { describe, expect, it, test } from "vitest";
import { BranchName } from "../../packages/jobs/given-text.ts";
import { branchName, executionName, JobId, jobIdOf, RepositoryName } from "../../packages/jobs/ids.ts";
import { cancelOf, Repositories } from "../../packages/jobs/job.ts";
import { dollarsLeft, spendOf } from "../../packages/jobs/job-record.ts";
import { nextRound } from "../../packages/jobs/offers.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { costLimitOf, firstRound } from "../../packages/jobs/round.ts";
import {
  hasEnded,
  isAtRest,
  mayMove,
  RepoRunState,
  statesBefore,
  TERMINAL_STATES,
} from "../../packages/jobs/states.ts";
import { lostSince } from "../../packages/jobs/usage.ts";
import { aJob, aRecord, aRunOf, aStartedRun, AT as at } from "../builders.ts";

const job = aJob({ jobId: jobIdOf({ teamId: "T1", viewId: "V1" }), repositories: ["acme/orders", "acme/billing"] });

const run = (repository: string, state: RepoRun["state"], changes: Partial<RepoRun> = {}) =>
  aRunOf(job, { repository, state, attempt: 1, turns: 2, spendUsd: 0.5, ...changes });
const finished = { ...firstRound(job), finishedAt: at };

describe("ids", () => {
  it("one submit, delivered twice, is one job", () => {
    expect(jobIdOf({ teamId: "T1", viewId: "V1" })).toBe(job.jobId);
    expect(jobIdOf({ teamId: "T2", viewId: "V1" })).not.toBe(job.jobId);
    expect(JobId.safeParse(job.jobId).success).toBe(true);
  });

  it.each([
    ["acme/orders", true],
    ["a-b/c.d_e-f", true],
    ["Org/../x", false],
    ["Org/..", false],
    ["acme/--upload-pack=x", false],
    ["-acme/x", false],
    ["acme/orders.git", false],
    ["acme", false],
    ["acme/a/b", false],
    ["acme/a b", false],
    ["https://example.com/acme/a", false],
  ])("repository name %s: %s", (name, good) => {
    expect(RepositoryName.safeParse(name).success).toBe(good);
  });

  it.each([
    ["main", true],
    ["release/1.x", true],
    ["--upload-pack=x", false],
    ["a..b", false],
    ["a b", false],
    ["x.lock", false],
    ["a@{1}", false],
    ["a\u0007", false],
    ["a/", false],
  ])("branch name %s: %s", (name, good) => {
    expect(BranchName.safeParse(name).success).toBe(good);
  });

  it("names an execution and a branch so that services accept them", () => {
    expect(executionName(job.jobId, 2)).toMatch(/^j[0-9a-f]{16}-r2$/);
    expect(branchName(job.jobId, "Raise `log4j-core` to 2.17.1, everywhere!!")).toBe(
      `cody/${job.jobId}-raise-log4j-core-to-2-17-1-everywhere`,
    );
    expect(branchName(job.jobId, "直す")).toBe(`cody/${job.jobId}`);
  });
});

describe("the repositories of a job", () => {
  it.each([
    [[], "Choose at least one repository."],
    [["a/1", "a/2", "a/3", "a/4", "a/5", "a/6"], "Choose at most 5 repositories; start a second job for the rest."],
    [["a/x", "A/X"], "The same repository is named twice; name each one once."],
  ])("%j is refused with a sentence", (names, sentence) => {
    expect(Repositories.safeParse(names).error?.issues.map((issue) => issue.message)).toEqual([sentence]);
  });
});

describe("states of a repo run", () => {
  it("ends are ends, and every other state can be cancelled or is waited for by no person", () => {
    for (const state of RepoRunState.options) {
      expect(hasEnded(state)).toBe((TERMINAL_STATES as readonly string[]).includes(state));
      if (!hasEnded(state)) expect(mayMove(state, "cancelled")).toBe(true);
    }
    expect(isAtRest("awaiting-approval")).toBe(true);
    expect(isAtRest("working")).toBe(false);
  });

  it("only a publishing run becomes published, or one whose pull request holds all that a follow-up asked for", () => {
    expect(statesBefore("published")).toEqual(["verifying", "publishing"]);
  });
});

describe("the next round", () => {
  it("retries what failed and nothing else", () => {
    const record = { job, rounds: [finished], runs: [run("acme/orders", "failed"), run("acme/billing", "published")] };
    expect(nextRound(record, { kind: "retry", by: "U1", at })).toMatchObject({
      round: 2,
      repositories: ["acme/orders"],
    });
  });

  it("asks for nothing when the round was already asked for", () => {
    const record = { job, rounds: [finished], runs: [run("acme/orders", "awaiting-approval")] };
    const round = nextRound(record, { kind: "publish", by: "U1", at });
    expect(() => nextRound({ ...record, rounds: [finished, round] }, { kind: "publish", by: "U1", at })).toThrow(
      "Nothing to approve",
    );
  });

  it("goes on after a raised cost limit only where the budget stopped it", () => {
    const budget = { code: "budget", message: "The cost limit was reached.", nextStep: "Raise the cost limit." };
    const record = {
      job,
      rounds: [finished],
      runs: [run("acme/orders", "patch-ready", { reason: budget }), run("acme/billing", "patch-ready")],
    };
    const round = nextRound(record, { kind: "raise-cap", capUsd: 20, by: "U1", at });
    expect(round.repositories).toEqual(["acme/orders"]);
    expect(costLimitOf(job, [round, finished])).toBe(20);
  });
});

describe("cancel and spend", () => {
  it("covers the rounds asked for before it, of one repository or of all", () => {
    const cancelled = { ...job, cancel: { "acme/orders": { by: "U1", at, round: 1 } } };
    expect(cancelOf(cancelled, "acme/orders", 1)).toBeDefined();
    expect(cancelOf(cancelled, "acme/orders", 2)).toBeUndefined();
    expect(cancelOf(cancelled, "acme/billing", 1)).toBeUndefined();
    expect(cancelOf({ ...job, cancel: { "*": { by: "U1", at, round: 3 } } }, "acme/billing", 2)).toBeDefined();
  });

  it("adds up what is known", () => {
    expect(spendOf({ runs: [run("a/b", "failed"), run("a/c", "failed", { spendUsd: null })] })).toBe(0.5);
  });

  it.each([
    ["what a dead attempt lost counts", run("a/b", "working", { lost: { turns: 2, usd: 0.25 } }), 0.75],
    ["a request that is out does not count yet", run("a/b", "working", { asking: { turn: 3, usd: 0.25 } }), 0.5],
    [
      "when the run has ended no runner waits for it: lost",
      run("a/b", "failed", { asking: { turn: 3, usd: 0.25 } }),
      0.75,
    ],
  ])("towards the cost limit, %s", (_, one, usd) => {
    expect(spendOf({ runs: [one] })).toBe(usd);
    expect(dollarsLeft({ job, rounds: [firstRound(job)], runs: [one] })).toBe(5 - usd);
  });

  it("what a run knows of itself counts in place of its row", () => {
    const budget = { job, rounds: [firstRound(job)], runs: [run("a/b", "working"), run("a/c", "working")] };
    const own = { repository: "a/b", spendUsd: 1.5, lost: { turns: 1, usd: 0.25 } };
    expect([dollarsLeft(budget), dollarsLeft(budget, own)]).toEqual([4, 2.75]);
  });
});

test("a cost limit is that of the latest round that raised it, and nothing is left when more was spent", () => {
  const job = aJob();
  const raised = [3, 2].map((round) => ({ ...firstRound(job), round, capUsd: round * 10 }));
  expect(costLimitOf(job, raised)).toBe(30);
  const record = aRecord([aStartedRun({ spendUsd: 5.5 })]);
  expect(dollarsLeft(record)).toBe(0);
});

test("what was lost since then has no known price once any of it has none", () => {
  expect(lostSince({ turns: 1, usd: 0.1 }, { turns: 2, usd: null })).toEqual({ turns: 1, usd: null });
  expect(lostSince({ turns: 2, usd: 0.1 }, { turns: 2, usd: 0.1 })).toBeUndefined();
});
