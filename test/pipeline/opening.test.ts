import { describe, expect, it } from "vitest";
import type { LeftBehind } from "../../packages/jobs/pull-request.ts";
import { because } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { type Inspection, needsInspection, openedRun, stepOf } from "../../packages/pipeline/opening.ts";
import { AT, aJob, aRun, aVerdict } from "../builders.ts";
import { patchOf } from "./world.ts";

const REF = { jobId: aJob().jobId, repository: "acme/orders", round: 1 };
const NEWEST = "b".repeat(40);
const OLD = "a".repeat(40);
const looked: Inspection = { ok: true, baseBranch: "main", baseCommit: NEWEST };
const pullRequest = { number: 7, url: "https://github.com/acme/orders/pull/7", draft: false, branch: "b", commit: "c" };
const patch = patchOf(REF);
const tried = { baseBranch: "main", baseCommit: OLD } as const;
const refusedToPublish = { state: "failed", ending: "changed", patch, ...tried } as const;

const opening = (kind: Round["kind"], previous: Partial<RepoRun>) => ({
  job: aJob(),
  round: { ...firstRound(aJob()), round: 2, kind },
  repository: REF.repository,
  previous: aRun(previous),
  at: AT,
});
const opened = (kind: Round["kind"], previous: Partial<RepoRun>, inspection: Inspection | undefined = looked) =>
  openedRun(opening(kind, previous), inspection);
const pullRequestIs = (state: "open" | "closed" | "merged"): Inspection => ({ ...looked, pullRequests: { 7: state } });

describe("the base of a later round", () => {
  it.each<[string, string, RepoRun]>([
    ["the newest for a fresh try", NEWEST, opened("retry", { state: "failed", ...tried })],
    [
      "the old one for a fresh try with a pull request",
      OLD,
      opened("retry", { state: "failed", pullRequest, ...tried }),
    ],
    ["the old one for a follow-up", OLD, opened("refine", { state: "patch-ready", ...tried })],
    ["the newest where there was none", NEWEST, opened("refine", { state: "failed" })],
    ["the newest after a merge", NEWEST, opened("refine", { pullRequest, ...tried }, pullRequestIs("merged"))],
    [
      "the old one for a follow-up on a closed one",
      OLD,
      opened("refine", { pullRequest, ...tried }, pullRequestIs("closed")),
    ],
    [
      "the old one for a patch that is only published, whatever GitHub says of its base branch by then",
      OLD,
      opened("retry", { ...refusedToPublish, reason: { code: "pull-request-refused", message: "No.", nextStep: "" } }),
    ],
    [
      "the newest for a fresh try after a closed one",
      NEWEST,
      opened("retry", { pullRequest, ...tried }, pullRequestIs("closed")),
    ],
  ])("is %s", (_, base, run) => {
    expect(run.baseCommit).toBe(base);
  });
});

describe("a round about an open pull request", () => {
  const found = { head: "c", failed: ["build"], digest: "d" };
  const published = { state: "published", ending: "changed", patch, pullRequest, ...tried, fixing: found } as const;

  it.each<[string, Inspection, string]>([
    ["merged", pullRequestIs("merged"), "pull-request-closed"],
    ["closed", pullRequestIs("closed"), "pull-request-closed"],
    ["out of reach", { ok: false, reason: because("not-found", "acme/orders") }, "not-found"],
  ])("that is %s leaves the run as it was, with the reason", (_, inspection, code) => {
    const run = opened("fix-checks", published, inspection);
    const { round, attempt, looksAfter, reason, endedAt, ...rest } = run;
    expect({ round, attempt, looksAfter, code: reason?.code, endedAt }).toEqual({
      ...{ round: 2, attempt: 0, looksAfter: true, code, endedAt: AT },
    });
    expect(rest).toMatchObject(published);
    expect(`${reason?.nextStep}`).not.toMatch(/retry/i);
    expect(stepOf(run)).toBe("end");
  });

  it("that was cancelled before it began leaves it so too", () => {
    const given = opening("fix-checks", published);
    const job = aJob({ cancel: { "*": { by: "U1", at: AT, round: 2 } } });
    expect(openedRun({ ...given, job }, looked)).toMatchObject({ state: "published", reason: { code: "cancelled" } });
  });

  it("goes on from its patch, and knows what the last fix was given as long as fixes follow each other", () => {
    const run = opened("fix-checks", published, pullRequestIs("open"));
    expect(run).toMatchObject({ state: "queued", looksAfter: true, patch, pullRequest, fixedBefore: found });
    expect(stepOf(run)).toBe("work");
    expect(opened("fix-checks", { ...published, ending: "failed" }, pullRequestIs("open")).fixedBefore).toBeUndefined();
    const skipped = { ...published, ending: "skipped", fixing: undefined, fixedBefore: found } as const;
    expect(opened("fix-checks", skipped, pullRequestIs("open")).fixedBefore).toEqual(found);
    expect(opened("refine", published, pullRequestIs("open"))).not.toHaveProperty("fixedBefore");
  });
});

it("a round on a review that the cost limit stopped still owes its replies once the limit is raised", () => {
  const answering = { round: 1, threads: ["a"] };
  const stopped = { state: "patch-ready", ending: "partial", patch, pullRequest, ...tried, answering } as const;
  expect(opened("raise-cap", stopped).answering).toEqual({ round: 2, threads: ["a"] });
  expect(opened("refine", stopped)).not.toHaveProperty("answering");
  // Those that a draft was published with stand there: they are not owed a second time.
  const verdict = aVerdict({ replies: [{ thread: "a", body: "Done." }] });
  const draft = { ...stopped, state: "published" as const, verdict, answering: { round: 1, threads: ["a", "b"] } };
  expect(opened("raise-cap", draft).answering).toEqual({ round: 2, threads: ["b"] });
  expect(opened("raise-cap", { ...draft, answering })).not.toHaveProperty("answering");
  // Where the model was never asked it has not read the comments: GitHub is asked for them again.
  const unheard = { ...stopped, looksAfter: true, state: "published" } as const;
  expect(opened("raise-cap", unheard)).toMatchObject({ looksAfter: true, pullRequest });
  expect(opened("raise-cap", unheard)).not.toHaveProperty("answering");
  expect(opened("raise-cap", { ...unheard, turns: 3 })).not.toHaveProperty("looksAfter");
  expect(opened("raise-cap", unheard, pullRequestIs("closed"))).toMatchObject({ state: "published", round: 2 });
});

describe("what a later round keeps", () => {
  it("every pull request that was left behind, and the patch only where none was merged", () => {
    const leftBehind: LeftBehind[] = [{ round: 1, state: "closed", pullRequest: { ...pullRequest, number: 3 } }];
    const before: Partial<RepoRun> = { state: "published", patch, pullRequest, leftBehind, ...tried };
    const merged = opened("refine", before, pullRequestIs("merged"));
    expect(merged.leftBehind).toEqual([...leftBehind, { round: 2, state: "merged", pullRequest }]);
    expect(merged).not.toHaveProperty("patch");
    expect(merged).not.toHaveProperty("pullRequest");
    expect(opened("refine", before, pullRequestIs("closed"))).toMatchObject({ patch });
    expect(opened("refine", before, pullRequestIs("open"))).toMatchObject({ patch, pullRequest, leftBehind });
  });

  it("not that the repository was private, where it is public by now", () => {
    expect(opened("refine", { isPrivate: true, ...tried }).isPrivate).toBe(false);
    expect(openedRun(opening("refine", { isPrivate: true, ...tried })).isPrivate).toBe(true);
    expect(opened("refine", tried, { ...looked, isPrivate: true }).isPrivate).toBe(true);
  });

  it("the whole result where it publishes at once", () => {
    const result: Partial<RepoRun> = { ending: "changed", patch, runsByItself: ["Makefile"], runsByItselfCount: 12 };
    expect(openedRun(opening("publish", { ...result, ...tried, state: "awaiting-approval" }))).toMatchObject({
      ...result,
      state: "queued",
      attempt: 0,
      round: 2,
    });
    expect(openedRun(opening("publish", { state: "awaiting-approval" }))).toMatchObject({
      state: "failed",
      reason: { code: "nothing-to-publish" },
    });
  });
});

describe("GitHub is looked at", () => {
  it.each<[string, boolean, Round["kind"], Partial<RepoRun>]>([
    ["when Work is to run", true, "retry", { state: "failed", ...tried }],
    ["not when a patch is only to be published", false, "retry", refusedToPublish],
    [
      "when GitHub refused the pull request: its base may be gone",
      true,
      "retry",
      { ...refusedToPublish, reason: { code: "pull-request-refused", message: "No.", nextStep: "" } },
    ],
    ["not for an approval", false, "publish", { ...refusedToPublish, state: "awaiting-approval" }],
  ])("%s", (_, wanted, kind, previous) => {
    expect(needsInspection(opening(kind, previous))).toBe(wanted);
  });

  it("not for what is cancelled, which ends so with the reason", () => {
    const job = aJob({ cancel: { "*": { by: "U1", at: AT, round: 2 } } });
    const cancelled = { ...opening("refine", { state: "published", patch, pullRequest }), job };
    expect(needsInspection(cancelled)).toBe(false);
    const { state, reason } = openedRun(cancelled);
    expect([state, reason?.code, reason?.nextStep]).toEqual([
      "cancelled",
      "cancelled",
      expect.stringContaining("The patch is kept"),
    ]);
    // It has one of an earlier round.
    expect(reason?.message).not.toContain("pull request");
  });
});
