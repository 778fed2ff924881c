import { schema as described } from "@octokit/graphql-schema";
import { expect, it } from "vitest";
import { checkResultOf } from "../../packages/github/check-results.ts";
import { lookOf } from "../../packages/github/pull-request-look.ts";
import { PullRequestNode } from "../../packages/github/pull-request-query.ts";

const NODE = PullRequestNode.parse({
  ...{ __typename: "PullRequest", id: "n1", number: 1, state: "OPEN", isDraft: false, headRefOid: "a" },
  ...{ createdAt: "2026-11-28T10:00:00Z", mergedAt: null, updatedAt: "", mergeable: "MERGEABLE" },
  ...{ mergeStateStatus: "BLOCKED", reviewDecision: null, isInMergeQueue: false, autoMergeRequest: null },
  ...{
    mergedBy: null,
    repository: { nameWithOwner: "acme/app", isPrivate: false },
    latestOpinionatedReviews: null,
    reviews: null,
  },
  ...{ timelineItems: { nodes: [] }, statusCheckRollup: null },
});

type CheckContext = NonNullable<NonNullable<PullRequestNode["statusCheckRollup"]>["contexts"]["nodes"]>[number];

const run = (status: string, conclusion: string | null = null): CheckContext => ({
  ...{ __typename: "CheckRun", name: "build", status, conclusion },
});
const status = (state: string): CheckContext => ({ __typename: "StatusContext", context: "build", state });

/** Read by itself: to build all of that schema takes a second. */
function valuesOf(name: string): string[] {
  const [, values = ""] = new RegExp(`^enum ${name} \\{$([^}]*)^\\}`, "m").exec(described.idl) ?? [];
  return values.match(/^ +[A-Z_]+$/gm)?.map((word) => word.trim()) ?? [];
}

/** What the look says of the checks; `beside`: how many of them GitHub did not list. */
function shown(checks: CheckContext[], { rollup = "PENDING", beside = 0 } = {}) {
  const contexts = { totalCount: checks.length + beside, nodes: checks };
  const node = { ...NODE, statusCheckRollup: { state: rollup, contexts } };
  const { checks: all, checksRunning } = lookOf(node, { repository: "acme/app", hidesChecks: false }).status;
  return `${all}${checksRunning ? ", some run" : ""}`;
}

it("each value of GitHub's own schema is decided: a check runs, has ended, or nothing works on it", () => {
  const told = {
    ...Object.fromEntries(valuesOf("CheckConclusionState").map((word) => [word, shown([run("COMPLETED", word)])])),
    ...Object.fromEntries(valuesOf("StatusState").map((word) => [`status ${word}`, shown([status(word)])])),
    ...Object.fromEntries(
      valuesOf("CheckStatusState").map((word) => [
        `run ${word}`,
        shown([run(word, word === "COMPLETED" ? "SUCCESS" : null)]),
      ]),
    ),
  };
  expect(told).toEqual({
    ACTION_REQUIRED: "failed",
    CANCELLED: "failed",
    FAILURE: "failed",
    NEUTRAL: "passed",
    SKIPPED: "passed",
    STALE: "pending",
    STARTUP_FAILURE: "failed",
    SUCCESS: "passed",
    TIMED_OUT: "failed",
    "status ERROR": "failed",
    "status EXPECTED": "pending",
    "status FAILURE": "failed",
    "status PENDING": "pending, some run",
    "status SUCCESS": "passed",
    "run COMPLETED": "passed",
    "run IN_PROGRESS": "pending, some run",
    "run PENDING": "pending, some run",
    "run QUEUED": "pending, some run",
    "run REQUESTED": "pending, some run",
    "run WAITING": "pending",
  });
});

it("what nothing works on keeps a failing check from nothing; what is not listed counts by the whole", () => {
  const failed = run("COMPLETED", "FAILURE");
  expect(shown([run("COMPLETED", "STALE"), status("EXPECTED"), failed])).toBe("failed");
  expect(shown([failed, run("IN_PROGRESS")])).toBe("failed, some run");
  expect(shown([run("COMPLETED", "SUCCESS")], { beside: 1 })).toBe("pending, some run");
  expect(shown([run("COMPLETED", "SUCCESS")], { beside: 1, rollup: "FAILURE" })).toBe("failed");
  // As the REST API spells them.
  expect(["timed_out", "stale", "in_progress"].map(checkResultOf)).toEqual(["failed", "rests", "runs"]);
  expect(shown([run("COMPLETED", "A word of 2027")])).toBe("pending");
});
