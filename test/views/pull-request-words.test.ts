import { describe, expect, it } from "vitest";
import type { PullRequestStatus } from "../../packages/jobs/pull-request-status.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { pullRequestWords } from "../../packages/views/pull-request-words.ts";
import { stateWords } from "../../packages/views/words.ts";
import { aPullRequest, aRun, aStatus } from "../builders.ts";

const published = (changes: Partial<PullRequestStatus> = {}, closed = false) =>
  aRun({
    state: "published",
    pullRequest: { ...aPullRequest("acme/orders", 1), ...(closed && { closed }) },
    pullRequestStatus: aStatus(changes),
  });

describe("how a pull request stands, in words", () => {
  it.each<[Partial<PullRequestStatus>, string]>([
    [{}, ""],
    [{ checks: "hidden" }, ""],
    [{ checks: "pending", checksRunning: true }, "… checks run"],
    [{ checks: "pending" }, "… a check has no result"],
    [{ checks: "passed" }, "✓ checks passed"],
    [{ checks: "passed", review: "approved", reviewers: ["ada"] }, "✓ checks passed, approved by ada"],
    [{ checks: "passed", review: "required" }, "… waits for a review, checks passed"],
    [{ checks: "failed", failed: ["build"], failedCount: 1 }, "✗ checks failed: build"],
    [{ checks: "failed", failed: ["a", "b"], failedCount: 2 }, "✗ checks failed: a and b"],
    [{ checks: "failed", failed: ["a", "b", "c"], failedCount: 7 }, "✗ checks failed: a, b and 5 more"],
    [{ checks: "failed" }, "✗ checks failed"],
    [{ conflicts: true, checks: "passed" }, "✗ conflicts with its base, checks passed"],
    [{ conflicts: false, behind: true }, "… behind its base"],
    [{ review: "changes-requested", reviewers: ["ada", "bo"] }, "✗ changes requested by ada and bo"],
    [{ autoMerge: true }, "… merges by itself once it may"],
    [{ state: "merged", by: "ada", checks: "failed" }, "⇥ merged by ada"],
    [{ state: "merged" }, "⇥ merged"],
    [{ state: "closed", by: "bo" }, "∅ closed by bo"],
    [{ movedTo: "acme/shop", checks: "passed" }, "✓ checks passed, its repository is acme/shop now"],
    [{ gone: true }, "GitHub does not show it any more"],
  ])("%o is %j", (status, words) => {
    expect(pullRequestWords(published(status))).toBe(words);
  });

  it("stands behind the number, and what was merged or closed is no draft and not unverified any more", () => {
    expect(stateWords(published({ checks: "passed" }))).toBe("pull request #1, not verified · ✓ checks passed");
    expect(stateWords(published({ state: "merged", by: "ada" }))).toBe("pull request #1 · ⇥ merged by ada");
  });

  it.each<[Partial<RepoRun>, string]>([
    [{ state: "failed" }, "failed · pull request #1: ✗ checks failed"],
    [{ state: "awaiting-approval" }, "waits for approval · pull request #1: ✗ checks failed"],
    [
      { state: "failed", pullRequestStatus: aStatus({ movedTo: "acme/shop" }) },
      "failed · pull request #1: its repository is acme/shop now",
    ],
    [
      { state: "failed", pullRequestStatus: aStatus({ gone: true }) },
      "failed · pull request #1: GitHub does not show it any more",
    ],
    [{ state: "blocked", pullRequestStatus: undefined }, "blocked · pull request #1: open"],
    [{ state: "working", activity: "reading pom.xml" }, "reading pom.xml"],
  ])("a later round that came to nothing says how the one before stands: %o", (changes, words) => {
    expect(stateWords({ ...published({ checks: "failed" }), ...changes })).toBe(words);
  });

  it("is silent about another pull request of the run, one that we closed ourselves, and rows of before", () => {
    expect(pullRequestWords(published({ number: 2, state: "merged" }))).toBe("");
    expect(pullRequestWords(published({ state: "closed", by: "cody" }, true))).toBe("");
    const { pullRequestStatus: _, ...before } = published();
    expect(stateWords(before)).toBe("pull request #1, not verified");
  });
});
