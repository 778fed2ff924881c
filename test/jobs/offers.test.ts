import { describe, expect, it } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { hasStopped, nextRound, offers, whenToBegin } from "../../packages/jobs/offers.ts";
import { because } from "../../packages/jobs/reasons.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound, ROUNDS, type Round, type RoundKind } from "../../packages/jobs/round.ts";
import { ALL_STANDINGS, isDone, type RunStanding, runStanding, STANDINGS } from "../../packages/jobs/standings.ts";
import { RepoRunState } from "../../packages/jobs/states.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { renderCard } from "../../packages/views/card.ts";
import { buttonsInDetails } from "../../packages/views/job-buttons.ts";
import { reviewModal } from "../../packages/views/review.ts";
import { AT, aJob, aPullRequest, aRecord, aStartedRun, aStatus } from "../builders.ts";

const LATER = (Object.keys(ROUNDS) as RoundKind[]).filter((kind) => kind !== "first");
const request = (kind: RoundKind) => ({ kind, by: "U1", at: AT }) as Parameters<typeof nextRound>[1];
const budget = { code: "budget", message: "The cost limit is used up.", nextStep: "Raise it." };
const rejected = { code: "rejected", message: "Rejected.", nextStep: "" };
const pullRequest = { number: 1, url: "https://github.com/a/b/pull/1", draft: false, branch: "b", commit: "c" };
const reviewed = (record: JobRecord) => JSON.stringify(reviewModal(record, new Map()));
const shown = (record: JobRecord) => JSON.stringify(renderCard(record));
const names = (runs: RepoRun[]) => runs.map(({ repository }) => repository);

const BUTTONS = {
  retry: ACTIONS.retry,
  "raise-cap": ACTIONS.raiseCap,
  publish: ACTIONS.approve,
  close: ACTIONS.closePullRequest,
  "despite-setup": ACTIONS.despiteSetup,
  "fix-checks": ACTIONS.fixChecks,
  "answer-review": ACTIONS.answerReview,
} as const;

/** With an open pull request, as GitHub said last. */
const followed = (status: Parameters<typeof aStatus>[0] = {}, changes: Partial<RepoRun> = {}) => {
  const pullRequestStatus = aStatus({ head: pullRequest.commit, checks: "failed", failed: ["build"], ...status });
  return aStartedRun({ state: "published", pullRequest, pullRequestStatus, ...changes });
};

const records: [string, JobRecord][] = [
  ...RepoRunState.options.map((state): [string, JobRecord] => [state, aRecord([aStartedRun({ state })])]),
  ["stopped by the cost limit", aRecord([aStartedRun({ state: "patch-ready", reason: budget })])],
  ["failed at the cost limit", aRecord([aStartedRun({ state: "failed", reason: budget })])],
  ["rejected", aRecord([aStartedRun({ state: "cancelled", reason: rejected })])],
  ["a reason of a later release", aRecord([aStartedRun({ state: "failed", reason: { ...budget, code: "new" } })])],
  ["its setup failed", aRecord([aStartedRun({ state: "blocked", reason: { ...budget, code: "setup-failed" } })])],
  ["a draft of what a limit stopped", aRecord([aStartedRun({ state: "published", reason: budget, pullRequest })])],
  ["failing checks", aRecord([followed()])],
  ["unanswered comments", aRecord([followed({ checks: "passed", unanswered: 1 })])],
  ["a stale pull request", aRecord([aStartedRun({ state: "unchanged", pullRequest })])],
];

describe("what is offered and what is accepted are one thing", () => {
  it.each(records)("%s", (_, one) => {
    const record = { ...one, job: { ...one.job, repositories: ["acme/orders"] } };
    for (const kind of LATER) {
      const offered = offers(record).rounds[kind as keyof typeof BUTTONS];
      const queued = kind === "refine" && offered.length === 0 ? offers(record).queue : [];
      const taken = [...names(offered), ...queued];
      if (kind === "refine")
        expect(JSON.stringify(buttonsInDetails(record, offers(record))).includes(ACTIONS.followUp)).toBe(
          taken.length > 0,
        );
      if (taken.length > 0) expect(nextRound(record, request(kind)).repositories).toEqual(taken);
      else expect(() => nextRound(record, request(kind))).toThrow(ROUNDS[kind].nothing);
      const button = BUTTONS[kind as keyof typeof BUTTONS];
      if (button) expect(shown(record).includes(`"${button}"`), kind).toBe(offered.length > 0);
    }
  });

  it("what waits for a person waits for no sibling: its approval is taken while the round still runs", () => {
    const record = aRecord([
      aStartedRun({ state: "awaiting-approval" }),
      aStartedRun({ repository: "acme/shop", state: "working" }),
    ]);
    expect(nextRound(record, request("publish"))).toMatchObject({ round: 2, repositories: ["acme/orders"] });
    const asked = { ...record, rounds: [...record.rounds, nextRound(record, request("publish"))] };
    expect(() => nextRound(asked, request("publish"))).toThrow("Nothing to approve");
    expect(shown(asked)).not.toContain(`"${ACTIONS.approve}"`);
    expect(() => nextRound(asked, request("retry"))).toThrow("Nothing to retry");
  });

  it.each<[string, Partial<JobRecord>]>([
    [
      "a follow-up on it is asked for",
      { rounds: [firstRound(aJob()), { ...firstRound(aJob()), round: 2, kind: "refine" }] },
    ],
    ["it is cancelled", { job: aJob({ cancel: { "*": { by: "U1", at: AT, round: 1 } } }) }],
  ])("a review offers no decision that would not be taken: %s", (_, changes) => {
    const waiting = aRecord([aStartedRun({ state: "awaiting-approval" })]);
    expect(reviewed(waiting)).toContain(`"${ACTIONS.reject}"`);
    const record = { ...waiting, ...changes };
    expect(() => nextRound(record, request("publish"))).toThrow("Nothing to approve");
    for (const action of [ACTIONS.approve, ACTIONS.reject]) expect(reviewed(record)).not.toContain(`"${action}"`);
  });

  const aStateEach = (...changes: Partial<RepoRun>[]) =>
    aRecord(
      changes.map((one, i) => aStartedRun({ repository: `acme/${i}`, ...one })),
      { repositories: changes.map((_, i) => `acme/${i}`) },
    );

  it("Retry takes what failed, else what was cancelled, and nothing that a person rejected", () => {
    const [failed, cancelled, turnedDown] = [
      { state: "failed" },
      { state: "cancelled" },
      { state: "cancelled", reason: rejected },
    ] as const;
    const retried = (...runs: Partial<RepoRun>[]) => names(offers(aStateEach(...runs)).rounds.retry);
    expect(retried(cancelled, failed, turnedDown)).toEqual(["acme/1"]);
    expect(retried(cancelled, turnedDown)).toEqual(["acme/0"]);
    expect(retried(turnedDown)).toEqual([]);
  });

  it("Retry waits until nothing of the job runs; a round that has ended holds nothing back", () => {
    const record = aStateEach({ state: "failed" }, { state: "working" });
    expect(names(offers(record).rounds.retry)).toEqual([]);
    const later = { ...firstRound(record.job), round: 2, kind: "retry" as const };
    const ended = aStateEach({ state: "failed" });
    const offered = (round: Round) => names(offers({ ...ended, rounds: [...ended.rounds, round] }).rounds.retry);
    expect([offered(later), offered({ ...later, finishedAt: AT })]).toEqual([[], ["acme/0"]]);
  });

  it.each<[string, RepoRun, boolean]>([
    ["have ended and failed", followed(), true],
    ["failed, and others run", followed({ checksRunning: true }), false],
    ["failed on a commit of another person's", followed({ head: "theirs" }), false],
    ["failed, and it is merged", followed({ state: "merged" }), false],
    ["failed on a pull request of before", followed({ number: 2 }), false],
    ["failed, and GitHub shows it no more", followed({ gone: true }), false],
    ["failed, and the round runs", followed({}, { state: "working" }), false],
    ["passed", followed({ checks: "passed" }), false],
  ])("Fix CI where checks %s", (_, run, isOffered) => {
    const record = aRecord([run], { repositories: [run.repository] });
    expect(names(offers(record).rounds["fix-checks"])).toEqual(isOffered ? [run.repository] : []);
    if (isOffered)
      expect(nextRound(record, request("fix-checks"))).toMatchObject({
        checks: { [run.repository]: { head: pullRequest.commit, failed: ["build"] } },
      });
  });

  it("a pull request that was closed is not closed again", () => {
    const closable = (closed: boolean) =>
      names(offers(aStateEach({ state: "unchanged", pullRequest: { ...pullRequest, closed } })).rounds.close);
    expect([closable(false), closable(true)]).toEqual([["acme/0"], []]);
  });

  it("a follow-up waits for what is busy, begins in the order of the numbers, and never after a cancel", () => {
    const busy = aStateEach({ state: "published" }, { state: "working" });
    const [first] = busy.rounds as [Round];
    const asking = { ...request("refine"), prompt: "also the changelog", repositories: ["acme/1"] };
    const queued = nextRound(busy, asking);
    expect(queued).toMatchObject({ round: 2, repositories: ["acme/1"], queued: true });
    const later = nextRound({ ...busy, rounds: [first, queued] }, asking);
    expect(later).toMatchObject({ round: 3, repositories: ["acme/1"], queued: true });

    const asked = { ...busy, rounds: [first, queued, later] };
    const begins = (record: JobRecord) => [queued, later].map((round) => whenToBegin(record, round));
    expect(begins(asked)).toEqual(["wait", "wait"]);
    const at = (state: RepoRun["state"], round = 1, ended: Round[] = []) => ({
      ...aStateEach({ state: "published" }, { state, round }),
      rounds: asked.rounds.map((one) => (ended.includes(one) ? { ...one, finishedAt: AT } : one)),
    });
    expect(begins(at("failed"))).toEqual(["now", "wait"]);
    expect(begins(at("published", 2))).toEqual(["now", "now"]);
    expect(begins(at("cancelled"))).toEqual(["never", "wait"]);
    expect(begins(at("cancelled", 1, [queued]))).toEqual(["never", "never"]);
    const cancel = { "*": { by: "U1", at: AT, round: 2 } };
    const cancelled = at("cancelled", 1, [queued]);
    expect(begins({ ...cancelled, job: { ...cancelled.job, cancel } })).toEqual(["never", "never"]);
    expect(begins({ ...asked, job: { ...asked.job, cancel } })).toEqual(["never", "wait"]);
    expect(() => nextRound({ ...busy, job: { ...busy.job, cancel } }, asking)).toThrow(ROUNDS.refine.nothing);
    // The card can be there before the row of the first round.
    expect(nextRound({ ...busy, rounds: [], runs: [] }, asking)).toMatchObject({ round: 2, queued: true });
  });

  it("what another round is asked for has not stopped, though its run has ended", () => {
    const record = aStateEach({ state: "failed" }, { state: "published" });
    const rounds = record.rounds.map((round) => ({ ...round, finishedAt: AT }));
    const ended = { ...record, rounds };
    expect(hasStopped(ended, "*")).toBe(true);
    const asked = { ...ended, rounds: [...rounds, nextRound(ended, request("retry"))] };
    expect(["*", "acme/0", "acme/1"].map((what) => hasStopped(asked, what))).toEqual([false, false, true]);
  });

  it.each([
    [499, ["acme/orders"]],
    [500, []],
  ])("a raised cost limit is offered where it can be raised: at $%d", (capUsd, offered) => {
    const job = { options: { ...aJob().options, capUsd }, repositories: ["acme/orders"] };
    const record = aRecord([aStartedRun({ state: "failed", reason: budget })], job);
    expect(names(offers(record).rounds["raise-cap"])).toEqual(offered);
  });
});

describe("how a run stands", () => {
  const run = (changes: Partial<RepoRun>) => aStartedRun({ state: "published", ...changes });
  const draft = { ...aPullRequest("acme/orders", 3), draft: true };

  it.each<[string, RepoRun, RunStanding | undefined, boolean]>([
    ["works", run({ state: "working" }), undefined, false],
    ["waits", run({ state: "awaiting-approval" }), "waiting", false],
    ["a pull request", run({ pullRequest: aPullRequest("acme/orders", 3) }), "published", true],
    ["a draft", run({ pullRequest: draft }), "draft", true],
    ["a patch that was asked for", run({ state: "patch-ready" }), "patch-ready", true],
    [
      "a patch in place of a pull request",
      run({ state: "patch-ready", reason: because("partial") }),
      "patch-ready",
      false,
    ],
    ["not needed", run({ state: "unchanged" }), "unchanged", true],
    ["blocked", run({ state: "blocked" }), "blocked", false],
    ["failed", run({ state: "failed" }), "failed", false],
    ["cancelled", run({ state: "cancelled", reason: because("cancelled", "nothing") }), "cancelled", false],
    ["rejected", run({ state: "cancelled", reason: because("rejected") }), "rejected", false],
  ])("%s", (_, row, standing, done) => {
    expect([runStanding(row), isDone(row)]).toEqual([standing, done]);
  });

  it("each has a sign of its own, and a tick is for what ended well", () => {
    const all = Object.values(STANDINGS);
    expect(new Set(all.map(({ sign }) => sign)).size).toBe(all.length);
    expect(new Set(all.map(({ filter }) => filter)).size).toBe(all.length);
    expect(all.filter(({ task, isDone }) => task === "complete" && !isDone)).toEqual([]);
    expect(ALL_STANDINGS.filter((standing) => STANDINGS[standing].task === "error")).toEqual(["blocked", "failed"]);
  });
});
