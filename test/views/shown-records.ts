import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { PullRequestStatus } from "../../packages/jobs/pull-request-status.ts";
import { because } from "../../packages/jobs/reasons.ts";
import {
  aJob,
  anAsk,
  aPatch,
  aPullRequest,
  aRecord,
  aRun,
  aStartedRun,
  aStatus,
  aVerdict,
  later,
} from "../builders.ts";

export const passedCheck = { command: "mvn -q verify", exitCode: 0, timedOut: false, durationMs: 3_200, tail: "" };
const LONG = (name: string) => `acme-international-engineering/${name}-service-with-a-long-name`;

export const publishedRun = (repository: string, number: number, draft = false) =>
  aStartedRun({
    repository,
    state: "published",
    verdict: aVerdict(),
    patch: aPatch(),
    ending: "changed",
    pullRequest: { ...aPullRequest(repository, number), draft },
    ...(!draft && { verification: passedCheck }),
    endedAt: later(62),
  });

export const unchangedRun = (repository: string) =>
  aStartedRun({
    repository,
    state: "unchanged",
    verdict: aVerdict({
      wereChangesNecessary: false,
      summary: "log4j-core is not used here.",
      evidence: [{ path: "package.json", note: "the only manifest; it names no Java dependency" }],
    }),
    endedAt: later(30),
  });

const waiting = (repository: string) =>
  aStartedRun({
    repository,
    state: "awaiting-approval",
    verdict: aVerdict(),
    patch: aPatch(),
    ending: "changed",
    verification: passedCheck,
  });

const failed = (repository: string) =>
  aStartedRun({ repository, state: "failed", reason: because("budget"), spendUsd: 1.7, endedAt: later(40) });

const NAMES = ["orders", "gateway", "ledger", "accounts", "notifications"].map(LONG);

const followedRun = (repository: string, number: number, status: Partial<PullRequestStatus>) => ({
  ...publishedRun(repository, number),
  pullRequestStatus: aStatus({ number, head: aPullRequest(repository, number).commit, ...status }),
});

/** One of each way in which a pull request may stand. */
const FOLLOWED: [string, number, Partial<PullRequestStatus>][] = [
  ["acme/orders", 12, { checks: "failed", failed: ["build", "lint", "e2e"], failedCount: 3 }],
  ["acme/shop", 7, { checks: "passed", review: "approved", reviewers: ["ada"] }],
  ["acme/docs", 3, { state: "merged", by: "ada" }],
  ["acme/api", 4, { checks: "pending", checksRunning: true, review: "required" }],
  ["acme/site", 9, { conflicts: true, movedTo: "acme/website" }],
];

/** Jobs as people meet them, for pictures. */
export const shownRecords = (): Record<string, JobRecord> => ({
  working: aRecord([
    aStartedRun({ repository: "acme/orders", state: "working", activity: "reading pom.xml" }),
    aRun({ repository: "acme/shop", state: "cloning", attempt: 1, startedAt: later(2), updatedAt: later(12) }),
  ]),
  waiting: aRecord([waiting("acme/orders"), waiting("acme/shop"), unchangedRun("acme/docs")], {
    options: { delivery: "review-first", model: "claude-sonnet-5-5", capUsd: 5 },
  }),
  done: aRecord([publishedRun("acme/orders", 12), publishedRun("acme/shop", 7, true), unchangedRun("acme/docs")]),
  capped: aRecord([failed("acme/orders"), failed("acme/shop"), failed("acme/docs")]),
  followed: aRecord(
    FOLLOWED.map(([repository, number, status], i) => ({
      ...followedRun(repository, number, status),
      // A follow-up that came to nothing.
      ...(i === 1 && { state: "failed" as const, reason: because("budget") }),
    })),
    { repositories: FOLLOWED.map(([repository]) => repository) },
  ),
  long: aRecord(
    NAMES.map((name, i) => publishedRun(name, i + 3, true)),
    { repositories: NAMES },
  ),
  mixed: aRecord(
    [
      publishedRun(NAMES[0]!, 3),
      publishedRun(NAMES[1]!, 4),
      aStartedRun({
        repository: NAMES[2]!,
        state: "cancelled",
        patch: aPatch(),
        reason: because("rejected"),
        rejection: { by: "U1", at: later(90) },
        endedAt: later(90),
      }),
      aStartedRun({
        repository: NAMES[3]!,
        state: "blocked",
        ending: "blocked",
        verdict: aVerdict({ blockedBy: "A network." }),
        reason: because("blocked", "A network"),
        endedAt: later(30),
      }),
      aStartedRun({
        repository: NAMES[4]!,
        state: "patch-ready",
        patch: aPatch(),
        verdict: aVerdict(),
        endedAt: later(50),
      }),
    ],
    { repositories: NAMES },
  ),
  set: aSet(),
});

/** One merged, one that is asked for, one that waits behind it, one with a failing check. */
function aSet(): JobRecord {
  const repositories = ["acme/ledger", "acme/orders", "acme/gateway", "acme/site"];
  const merging = (place: number, after: string[]) => {
    const repository = repositories[place]!;
    const { number, url } = aPullRequest(repository, 20 + place);
    return anAsk({ repository, number, url, after, by: "U0REQUESTER" });
  };
  const runs = [
    followedRun(repositories[0]!, 20, { state: "merged", checks: "passed" }),
    followedRun(repositories[1]!, 21, { checks: "pending", checksRunning: true, review: "required" }),
    followedRun(repositories[2]!, 22, { checks: "passed", review: "approved", reviewers: ["ada"] }),
    followedRun(repositories[3]!, 23, { checks: "failed", failed: ["build"], failedCount: 1 }),
  ];
  return {
    ...aRecord(runs, { repositories, options: { ...aJob().options, verifyCommand: "mvn -q verify" } }),
    asks: [
      { ...merging(0, []), state: "done", endedAt: later(300) },
      merging(1, repositories.slice(0, 1)),
      merging(2, repositories.slice(0, 2)),
    ],
  };
}
