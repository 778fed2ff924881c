import { describe, expect, it } from "vitest";
import { fixByItself } from "../../packages/jobs/fix-by-itself.ts";
import type { Job } from "../../packages/jobs/job.ts";
import { because } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { AT, aJob, aPullRequest, aRecord, aRun, aStatus } from "../builders.ts";

const ORDERS = "acme/orders";
const pullRequest = { ...aPullRequest(ORDERS, 1), commit: "now" };
const run = aRun({
  ...{ state: "published", round: 9, pullRequest, spendUsd: 1 },
  pullRequestStatus: aStatus({ head: "now", checks: "failed", failed: ["build"] }),
});
const fix = (round: number, head: string, more: Partial<Round> = {}): Round => ({
  ...{ ...firstRound(aJob()), round, kind: "fix-checks", byItself: true, finishedAt: AT },
  checks: { [ORDERS]: { head, failed: ["build"] } },
  ...more,
});
const asked = (rounds: Round[] = [], job: Partial<Job> = {}, changes: Partial<RepoRun> = {}) => {
  const options = { ...aJob().options, fixChecks: true };
  const all = [{ ...firstRound(aJob()), finishedAt: AT }, ...rounds];
  return fixByItself(aRecord([{ ...run, ...changes }], { repositories: [ORDERS], options, ...job }, all), ORDERS, AT)
    ?.round;
};

const ranAgain = (round: number) => ({ round, reason: because("checks-running", 1, ["build"]) });

const outage = (round: number) => ({ round, reason: because("github-unavailable", "Reading", 120_000, "503") });

describe("failing checks are taken up without a word", () => {
  const cancel = { by: "U1", at: AT, round: 1 };
  it.each<[string, number | undefined, Parameters<typeof asked>]>([
    ["the first time", 2, []],
    ["once more on another commit", 3, [[fix(2, "before")]]],
    ["and not a third time", undefined, [[fix(2, "before"), fix(3, "later")]]],
    ["though what a person asked for does not count", 4, [[fix(2, "before"), fix(3, "later", { byItself: false })]]],
    ["not again on the same commit, whoever asked for it", undefined, [[fix(2, "now", { byItself: false })]]],
    ["though again where that one found them run", 3, [[fix(2, "now")], {}, ranAgain(2)]],
    ["and where GitHub did not answer that one", 3, [[fix(2, "now")], {}, outage(2)]],
    ["which ends too", undefined, [[fix(2, "now"), fix(3, "now")], {}, ranAgain(3)]],
    ["not while a round on it is asked for", undefined, [[fix(10, "x", { kind: "refine", finishedAt: undefined })]]],
    ["not where the job does not want it", undefined, [[], { options: aJob().options }]],
    [
      "not where the cost limit is used up",
      undefined,
      [[], { options: { ...aJob().options, fixChecks: true, capUsd: 1 } }],
    ],
    ["not after a person cancelled the job", undefined, [[], { cancel: { "*": cancel } }]],
    ["not after a person cancelled the repository", undefined, [[], { cancel: { [ORDERS]: cancel } }]],
    ["and one elsewhere stops nothing", 2, [[], { cancel: { "acme/shop": cancel } }]],
  ])("%s", (_, round, given) => {
    expect(asked(...given)).toBe(round);
  });
});
