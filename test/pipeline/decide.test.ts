import { beforeEach, describe, expect, it } from "vitest";
import type { Delivery, Job } from "../../packages/jobs/job.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, type Round } from "../../packages/jobs/round.ts";
import { type DecideInput, type Decision, decide, decideRun } from "../../packages/pipeline/decide.ts";
import { finish } from "../../packages/pipeline/finish.ts";
import { reasonOfLost } from "../../packages/pipeline/lost-task.ts";
import { needsInspection, openedRun, publishesAtOnce, stepOf } from "../../packages/pipeline/opening.ts";
import { perJob, rowChanges } from "../../packages/pipeline/stream.ts";
import { AT, aJob, aPullRequest, aRun, aVerdict, JOB_ID } from "../builders.ts";
import { BASE, NEWER_BASE, patchOf } from "./world.ts";

const REF = { jobId: JOB_ID, repository: "acme/orders", round: 1 };
const REASON = { code: "budget", message: "Why.", nextStep: "What to do." };
const PASSED = { command: "npm test", exitCode: 0, timedOut: false, durationMs: 1, tail: "" };
const PROTECTED = { code: "protected", message: "It changes a workflow.", nextStep: "Download the patch." };
const patch = patchOf(REF);

const runOf = (changes: Partial<RepoRun> = {}) =>
  aRun({ state: "verifying", attempt: 1, turns: 5, spendUsd: 0.5, baseBranch: "main", baseCommit: BASE, ...changes });
const delivering = (delivery: Delivery): Job => aJob({ options: { ...aJob().options, delivery } });
const cancelled = aJob({ cancel: { "acme/orders": { by: "U1", at: AT, round: 1 } } });
const lost = { Error: "States.TaskFailed", Cause: "" };

describe("Decide", () => {
  const changed = runOf({ ending: "changed", patch });
  it.each<[string, Job, RepoRun, Omit<DecideInput, keyof typeof REF>, Decision | { state: string; code: string }]>([
    ["a change becomes a pull request", aJob(), changed, {}, "publish"],
    ["a draft is published too", delivering("draft-pr"), changed, {}, "publish"],
    ["review first waits for a person", delivering("review-first"), changed, {}, { state: "awaiting-approval" }],
    ["patch only ends with the patch", delivering("patch-only"), changed, {}, { state: "patch-ready" }],
    [
      "a protected path ends with the patch and says why",
      aJob(),
      runOf({ ending: "changed", patch, patchOnly: PROTECTED }),
      {},
      { state: "patch-ready", reason: PROTECTED },
    ],
    [
      "not even a review makes a pull request of a protected path",
      delivering("review-first"),
      runOf({ ending: "changed", patch, patchOnly: PROTECTED }),
      {},
      { state: "patch-ready", reason: PROTECTED },
    ],
    [
      "a follow-up that adds nothing leaves it published, under review too",
      delivering("review-first"),
      runOf({ ending: "changed", patch, pullRequest: { ...aPullRequest("acme/orders", 3), treeId: patch.treeId } }),
      {},
      { state: "published", nothingMore: true },
    ],
    ...(["skipped", "failed", "blocked", "cancelled"] as const).map(
      (ending): [string, Job, RepoRun, object, Decision] => [
        `a round about an open pull request that is ${ending} leaves it published`,
        aJob(),
        runOf({ ending, reason: REASON, looksAfter: true, patch, pullRequest: aPullRequest("acme/orders", 3) }),
        {},
        { state: "published", reason: REASON },
      ],
    ),
    [
      "a round on a review that changed nothing still has replies to post",
      aJob(),
      runOf({
        ...{ ending: "changed", patch, looksAfter: true, answering: { round: 1, threads: ["a"] } },
        pullRequest: { ...aPullRequest("acme/orders", 3), treeId: patch.treeId },
        verdict: aVerdict({ replies: [{ thread: "a", body: "Because." }] }),
      }),
      {},
      "publish",
    ],
    ...(
      [
        ["nothing of the change is needed any more", aJob(), {}, "publish"],
        ["that, under review too: nothing is to be approved", delivering("review-first"), {}, "publish"],
        ["that, and it was cancelled before it was said", cancelled, {}, { state: "unchanged" }],
        [
          "that, and its publisher was lost",
          aJob(),
          { publishError: lost },
          { state: "unchanged", code: reasonOfLost("publish", lost).code },
        ],
      ] as const
    ).map(
      ([words, job, input, decision]): [string, Job, RepoRun, object, Decision | { state: string; code: string }] => [
        `a round on a review found: ${words}`,
        job,
        runOf({
          ...{ ending: "unchanged", looksAfter: true, answering: { round: 1, threads: ["a"] } },
          pullRequest: aPullRequest("acme/orders", 3),
          verdict: aVerdict({ wereChangesNecessary: false, replies: [{ thread: "a", body: "You are right." }] }),
        }),
        input,
        decision,
      ],
    ),
    [
      "replies without a change need no approval",
      delivering("review-first"),
      runOf({
        ...{ ending: "changed", patch, looksAfter: true, answering: { round: 1, threads: ["a"] } },
        pullRequest: { ...aPullRequest("acme/orders", 3), treeId: patch.treeId },
        verdict: aVerdict({ replies: [{ thread: "a", body: "Because." }] }),
      }),
      {},
      "publish",
    ],
    [
      "but a change of it that could not be pushed can be pushed again",
      aJob(),
      runOf({ ...changed, looksAfter: true, pullRequest: aPullRequest("acme/orders", 3) }),
      { publishError: lost },
      { state: "failed", code: reasonOfLost("publish", lost).code },
    ],
    [
      "a verdict that nothing more is needed leaves it published",
      aJob(),
      runOf({ ending: "unchanged", patch, pullRequest: { ...aPullRequest("acme/orders", 3), treeId: patch.treeId } }),
      {},
      { state: "published", nothingMore: true },
    ],
    [
      "a follow-up that changes more waits for a person again",
      delivering("review-first"),
      runOf({ ending: "changed", patch, pullRequest: { ...aPullRequest("acme/orders", 3), treeId: "f".repeat(40) } }),
      {},
      { state: "awaiting-approval" },
    ],
    ["nothing to change is an ending", aJob(), runOf({ ending: "unchanged" }), {}, { state: "unchanged" }],
    [
      "a verdict of no changes stands, cancelled or not",
      cancelled,
      runOf({ ending: "unchanged" }),
      {},
      { state: "unchanged" },
    ],
    [
      "what is missing blocks it, and a patch so far is no pull request",
      aJob(),
      runOf({ ending: "blocked", patch, reason: REASON }),
      {},
      { state: "blocked", reason: REASON },
    ],
    ["a cancel before the push wins over a change", cancelled, changed, {}, { state: "cancelled", code: "cancelled" }],
    [
      "one that came after a failure keeps its reason",
      cancelled,
      runOf({ ending: "failed", reason: REASON }),
      {},
      { state: "cancelled", reason: REASON },
    ],
    [
      "what Work ended as cancelled is, whatever the job's row says by now",
      aJob(),
      runOf({ ending: "cancelled" }),
      {},
      { state: "cancelled", code: "cancelled" },
    ],
    [
      "a cancel of an earlier round does not reach this one",
      aJob({ cancel: { "*": { by: "U1", at: AT, round: 1 } } }),
      runOf({ ...changed, round: 2 }),
      {},
      "publish",
    ],
    [
      "what a limit stopped keeps its patch",
      aJob(),
      runOf({ ending: "partial", patch, reason: REASON }),
      {},
      { state: "patch-ready", reason: REASON },
    ],
    [
      "what a limit stopped and its author had reported is published, as a draft",
      aJob(),
      runOf({ ending: "partial", patch, reason: REASON, verdict: aVerdict() }),
      {},
      "publish",
    ],
    [
      "so is what a limit stopped and the check passes on; a person is asked where a person decides",
      delivering("review-first"),
      runOf({ ending: "partial", patch, reason: REASON, verification: PASSED }),
      {},
      { state: "awaiting-approval", reason: REASON },
    ],
    [
      "what a limit stopped without a patch has failed",
      aJob(),
      runOf({ ending: "partial", reason: REASON }),
      {},
      { state: "failed", reason: REASON },
    ],
    [
      "a failure keeps the runner's own reason",
      aJob(),
      runOf({ ending: "failed", reason: REASON }),
      { error: lost },
      { state: "failed", reason: REASON },
    ],
    [
      "a lost runner without an outcome has failed",
      aJob(),
      runOf({ state: "working" }),
      { error: lost },
      { state: "failed", code: "work-not-started" },
    ],
    ["a lost runner after its outcome does not matter", aJob(), changed, { error: lost }, "publish"],
    [
      "publishing that was lost has failed, even if it never claimed the row",
      aJob(),
      changed,
      { publishError: lost },
      { state: "failed", code: "publish-not-started" },
    ],
    [
      "a published run is left alone",
      aJob(),
      runOf({ ...changed, state: "published" }),
      { publishError: lost },
      "nothing",
    ],
    ["a waiting run is left alone", aJob(), runOf({ ...changed, state: "awaiting-approval" }), {}, "nothing"],
  ])("%s", (_what, job, run, error, expected) => {
    const decision = decideRun(job, run, error);
    const seen =
      typeof expected === "object" && "code" in expected && typeof decision === "object"
        ? { state: decision.state, code: decision.reason?.code }
        : decision;
    expect(seen).toEqual(expected);
  });
});

describe("rows that have gone on to another round", () => {
  const record = (run: RepoRun) => ({
    job: aJob(),
    rounds: [1, 2].map((round) => ({ ...firstRound(aJob()), round, kind: "retry" as const })),
    runs: [run],
  });
  const did: string[] = [];
  const depsFor = (run: RepoRun) => ({
    readJob: async () => record(run),
    moveRun: async () => void did.push("move"),
    openRun: async (opened: RepoRun) => {
      did.push(`open round ${opened.round} as ${opened.state}`);
      return opened;
    },
    markRoundFinished: async () => void did.push("finished"),
    markSections: async () => void did.push("texts"),
    now: () => new Date(AT),
  });
  beforeEach(() => {
    did.length = 0;
  });

  it("are not Decide's", async () => {
    expect(await decide(depsFor(runOf({ round: 2, ending: "changed", patch })), REF)).toEqual({ next: "end" });
    expect(did).toEqual([]);
  });

  it.each<[string, RepoRun, string[]]>([
    ["are left alone by the end of an earlier one", runOf({ round: 2, state: "working" }), ["finished"]],
    [
      "and where a round ended before it began on one, its row says so",
      runOf({ round: 0, state: "failed" }),
      ["open round 1 as failed", "finished"],
    ],
  ])("%s", async (_, run, wanted) => {
    await finish(depsFor(run), REF);
    expect(did).toEqual(wanted);
  });

  it("let the texts of a set say how the round has ended", async () => {
    const run = runOf({ round: 1, state: "published", pullRequest: aPullRequest("acme/orders", 1) });
    const both = { ...record(run), job: { ...aJob(), repositories: ["acme/orders", "acme/ledger"] } };
    await finish({ ...depsFor(run), readJob: async () => both }, REF);
    expect(did.slice(-2)).toEqual(["texts", "finished"]);
  });
});

describe("why a task was lost, for people", () => {
  const task = (facts: object) => ({ Error: "States.TaskFailed", Cause: JSON.stringify(facts) });
  it.each([
    [
      "killed",
      task({ StopCode: "EssentialContainerExited", Containers: [{ Name: "runner", ExitCode: 137 }] }),
      "The runner stopped without a result (exit code 137).",
    ],
    [
      "out of memory",
      task({ Containers: [{ ExitCode: 137, Reason: "OutOfMemoryError: Container killed due to memory usage" }] }),
      "The runner ran out of memory.",
    ],
    [
      "no image",
      task({
        StopCode: "TaskFailedToStart",
        StoppedReason: "CannotPullContainerError: no such image",
        Containers: [{}],
      }),
      "The runner could not be started: CannotPullContainerError: no such image.",
    ],
    [
      "interrupted",
      task({ StopCode: "SpotInterruption", Containers: [{ ExitCode: 143 }] }),
      "The runner was interrupted too often.",
    ],
    [
      "no capacity",
      { Error: "AmazonECS.Unknown", Cause: "Capacity is unavailable\n at this time" },
      "The runner could not be started (AmazonECS.Unknown): Capacity is unavailable at this time.",
    ],
    ["hanging", { Error: "States.Timeout", Cause: "" }, "The runner did not end in time and was stopped."],
    [
      "a reason too long for the card",
      { Error: "ECS.ClientException", Cause: "x".repeat(1000) },
      `The runner could not be started (ECS.ClientException): ${"x".repeat(300)}.`,
    ],
  ])("%s", (_what, error, message) => {
    expect(reasonOfLost("work", error).message).toBe(message);
  });
});

describe("how a run enters a round", () => {
  const round = (kind: Round["kind"]): Round => ({
    jobId: REF.jobId,
    round: 2,
    kind,
    repositories: ["acme/orders"],
    requestedBy: "U1",
    requestedAt: AT,
  });
  const opening = (kind: Round["kind"], previous: RepoRun) => ({
    job: aJob(),
    round: round(kind),
    repository: "acme/orders",
    previous,
    at: AT,
  });
  const inspection = { ok: true as const, baseBranch: "main", baseCommit: NEWER_BASE };
  const pullRequest = { number: 1, url: "https://github.invalid/pull/1", draft: false, branch: "b", commit: BASE };

  it.each<[string, Round["kind"], RepoRun, { base: string; step: string }]>([
    [
      "a retry takes the newest base",
      "retry",
      runOf({ state: "failed", ending: "failed" }),
      { base: NEWER_BASE, step: "work" },
    ],
    [
      "a retry beside an open pull request stays on its base",
      "retry",
      runOf({ state: "failed", ending: "failed", pullRequest }),
      { base: BASE, step: "work" },
    ],
    [
      "a retry of a failed publish publishes",
      "retry",
      runOf({ state: "failed", ending: "changed", patch }),
      { base: BASE, step: "publish" },
    ],
    [
      "a retry of what was cancelled under review is not an approval",
      "retry",
      runOf({ state: "cancelled", ending: "changed", patch }),
      { base: NEWER_BASE, step: "work" },
    ],
    [
      "an approval publishes",
      "publish",
      runOf({ state: "awaiting-approval", ending: "changed", patch }),
      { base: BASE, step: "publish" },
    ],
    [
      "a refinement goes on from the same base",
      "refine",
      runOf({ state: "published", ending: "changed", patch, pullRequest }),
      { base: BASE, step: "work" },
    ],
    [
      "a raised cost limit goes on from the same base",
      "raise-cap",
      runOf({ state: "patch-ready", ending: "partial", patch }),
      { base: BASE, step: "work" },
    ],
    [
      "a refinement of what never had a base takes the newest",
      "refine",
      runOf({ state: "failed", baseCommit: undefined }),
      { base: NEWER_BASE, step: "work" },
    ],
  ])("%s", (_what, kind, previous, expected) => {
    const opened = opening(kind, previous);
    const run = openedRun(opened, publishesAtOnce(opened) ? undefined : inspection);
    expect({ base: run.baseCommit, step: stepOf(run) }).toEqual(expected);
    expect(run).toMatchObject({ state: "queued", round: 2, attempt: 0, before: { turns: 5, spendUsd: 0.5 }, turns: 5 });
    expect(run.reason).toBeUndefined();
  });

  it("an approval of what may not be published ends there, without a look at GitHub or at the model", () => {
    const opened = opening(
      "publish",
      runOf({ state: "awaiting-approval", ending: "changed", patch, patchOnly: PROTECTED }),
    );
    const run = openedRun(opened);
    expect([needsInspection(opened), run.state, run.reason?.code, stepOf(run)]).toEqual([
      false,
      "failed",
      "nothing-to-publish",
      "end",
    ]);
  });
});

describe("records of the stream", () => {
  const record = (pk: string, sk: string, sequence: string, eventName = "INSERT") => ({
    eventName,
    dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: sequence },
  });
  const JOB = "JOB#j0123456789abcdef";

  it("become changes of a job's rows; what belongs to no job and what was removed asks for nothing", () => {
    const Records = [
      record(JOB, "JOB", "1"),
      record(JOB, "ROUND#0012", "2"),
      record(JOB, "REPO#acme/orders", "3", "MODIFY"),
      record(JOB, "CARD", "4"),
      record("TEAM#T1", "TEMPLATE#x", "5"),
      record(JOB, "JOB", "6", "REMOVE"),
    ];
    expect(
      rowChanges({ Records }).map(({ row, inserted, ...rest }) => [row, inserted, "round" in rest && rest.round]),
    ).toEqual([
      ["job", true, false],
      ["round", true, 12],
      ["repository", false, false],
      ["card", true, false],
    ]);
    expect(() => rowChanges({ Records: [{ eventName: "INSERT" }] })).toThrow();
  });

  it("one job's failure is reported from its first record on; the other jobs are served", async () => {
    const OTHER = "JOB#jfedcba9876543210";
    const changes = rowChanges({
      Records: [record(JOB, "JOB", "1"), record(OTHER, "JOB", "2"), record(JOB, "ROUND#0001", "3")],
    });
    const served: string[] = [];
    const response = await perJob(
      changes,
      async (jobId) => {
        if (JOB.endsWith(jobId)) throw new Error("no");
        served.push(jobId);
      },
      () => {},
    );
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    expect(served).toEqual(["jfedcba9876543210"]);
  });
});
