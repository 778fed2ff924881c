import fc from "fast-check";
import type { Exchange } from "../../packages/conversation/exchanges.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { type Round, RoundKind } from "../../packages/jobs/round.ts";
import { SetAsk } from "../../packages/jobs/set-ask.ts";
import { RepoRunState } from "../../packages/jobs/states.ts";
import type { AuditEntry } from "../../packages/jobs/team.ts";
import { clip } from "../../packages/text/cut.ts";
import { AT, aJob, anAsk, aPatch, aPullRequest, aStartedRun, JOB_ID, later } from "../builders.ts";

/** What people, repositories and models may say to be taken for Slack's own marks, or for something that it is not. */
const HOSTILE = [
  "<!channel>",
  "<!here|here>",
  "<@UEVIL>",
  "<!subteam^SEVIL>",
  "<#CEVIL|general>",
  "<https://evil.example|github.com>",
  "<!date^1^{date}^https://evil.example|now>",
  "javascript:alert(1)",
  "\u202egnp.exe",
  "\u200b\u2066\u{e0041}",
  "\u0000\u001b[31m",
  "```\n> *bold* _x_ ~y~ `z`",
  "&lt;!channel&gt; &amp;",
  "a\r\nb\rc",
  "\ud83d",
  "👩‍👩‍👧‍👦",
];

/** From nothing to the longest, of hostile pieces and of what one character becomes when it is escaped. */
const words = (max: number) =>
  fc
    .tuple(
      fc.constantFrom(0.02, 0.3, 1),
      fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "grapheme", maxLength: 20 })), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.constantFrom("&", "<", "ж", "x ", "\n", "👍"),
    )
    .map(([share, parts, filler]) => {
      const text = parts.join(" ");
      return `${text}${filler.repeat(max)}`.slice(0, Math.max(1, Math.floor(max * share)));
    });
const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 3 });
const person = fc.constantFrom("U1", "W2", "<!channel>", "U3<@UEVIL>");
const seconds = fc.integer({ min: 0, max: 100_000 }).map(later);

const repositories = fc.uniqueArray(
  fc.oneof(
    fc.stringMatching(/^[a-z0-9]{1,39}\/[A-Za-z0-9_.]{1,95}x$/),
    fc.constant(`${"o".repeat(39)}/${"n".repeat(100)}`),
  ),
  { minLength: 1, maxLength: 5, selector: (name) => name.toLowerCase() },
);

const reason = fc.record({
  code: fc.constantFrom("budget", "rejected", "empty"),
  message: words(500),
  nextStep: words(500),
});

const runOf = (repository: string): fc.Arbitrary<RepoRun> =>
  fc
    .record({
      state: fc.constantFrom(...RepoRunState.options),
      round: fc.integer({ min: 1, max: 7 }),
      activity: some(words(200)),
      waitsUntil: some(fc.constant("2026-11-25T12:04:00.000Z")),
      reason: some(reason),
      patchOnly: some(reason),
      summary: words(3_000),
      evidence: fc.array(fc.record({ path: words(500), note: words(1_000) }), { maxLength: 20 }),
      verified: some(fc.record({ command: words(1_000), tail: words(30_000), timedOut: fc.boolean() })),
      patch: some(fc.constant(aPatch({ files: 9_999, additions: 1e9, deletions: 1e9, bytes: 1e12 }))),
      pr: some(fc.record({ number: fc.integer({ min: 1, max: 1e9 }), draft: fc.boolean(), closed: fc.boolean() })),
      rejection: some(fc.record({ by: person, at: seconds })),
      spendUsd: fc.constantFrom(null, 0, 0.001, 499.99),
      lost: some(fc.constant({ turns: 3, usd: 1.25 })),
      scripted: fc.boolean(),
      sandbox: some(words(200)),
      runsByItself: some(fc.array(words(300), { minLength: 1, maxLength: 10 })),
      runsByItselfCount: some(fc.constant(10_000)),
      alikeUnfinished: some(fc.constant([1, 2, 3].map((n) => `j000000000000000${n}`))),
      modelWarning: some(words(300)),
      alsoOpen: some(
        fc.constant([1, 2, 3].map((n) => ({ number: n * 1e8, url: "https://github.invalid/a/b/pull/1" }))),
      ),
      leftBehind: some(
        fc
          .constantFrom("merged", "closed")
          .map((state) => [{ round: 1, state, pullRequest: aPullRequest("acme/app", 1e9) }]),
      ),
      turns: fc.constantFrom(0, 1, 2_000),
    })
    .map(({ summary, evidence, verified, pr, state, ...run }) =>
      aStartedRun({
        repository,
        state,
        ...JSON.parse(JSON.stringify(run)),
        endedAt: later(90_000),
        verdict: {
          wereChangesNecessary: state !== "unchanged",
          ...(state === "blocked" && { blockedBy: clip(summary, 1_000) || "-" }),
          summary,
          evidence,
          pullRequestTitle: "",
          pullRequestBody: "",
        },
        ...(verified && { verification: { ...verified, exitCode: null, durationMs: 1e7 } }),
        ...(pr && { pullRequest: { ...aPullRequest(repository, pr.number), draft: pr.draft, closed: pr.closed } }),
      }),
    );

const roundsOf = (names: readonly string[]): fc.Arbitrary<Round[]> =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom(...RoundKind.options),
        prompt: some(words(9_000)),
        capUsd: some(fc.constantFrom(0.01, 499.99)),
        requestedBy: person,
        requestedAt: seconds,
        finished: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((rounds) =>
      rounds.map(({ finished, ...round }, i) => ({
        ...JSON.parse(JSON.stringify(round)),
        jobId: JOB_ID,
        round: i + 1,
        kind: i === 0 ? ("first" as const) : round.kind,
        repositories: [...names],
        ...(finished && { startedAt: AT, finishedAt: later(100_000) }),
      })),
    );

const asksOf = (repository: string): fc.Arbitrary<SetAsk[]> =>
  fc.array(
    fc
      .record({
        kind: fc.constantFrom("merge" as const, "close" as const, "revert" as const),
        state: fc.constantFrom(...SetAsk.shape.state.options),
        by: person,
        at: seconds,
        reason: some(reason),
        said: some(words(300)),
      })
      .map((ask) => anAsk({ repository, number: 1e9, ...JSON.parse(JSON.stringify(ask)) })),
    { maxLength: 3 },
  );

/** Everything that the schemas let into the rows of a job. */
export const anyRecord: fc.Arbitrary<JobRecord> = repositories.chain((names) =>
  fc
    .record({
      prompt: words(9_000).map((text) => text.trim() || "x"),
      userId: person,
      command: some(words(1_000)),
      model: words(100),
      cancelled: some(fc.record({ by: person, at: seconds, round: fc.integer({ min: 1, max: 9 }) })),
      oneCancelled: fc.boolean(),
      runs: fc.tuple(...names.map((name) => some(runOf(name)))),
      rounds: roundsOf(names),
      asks: some(fc.tuple(...names.map(asksOf)).map((all) => all.flat())),
      schedule: some(fc.record({ name: words(60), leftOut: fc.array(words(500), { maxLength: 4 }) })),
    })
    .map(({ prompt, userId, command, model, cancelled, oneCancelled, runs, rounds, asks, schedule }) => ({
      job: aJob({
        prompt,
        userId,
        repositories: names,
        options: {
          delivery: "review-first",
          model,
          capUsd: 500,
          ...(command && { setupCommand: command, verifyCommand: command, baseBranch: "b".repeat(200) }),
        },
        ...(schedule && { scheduled: { scheduleId: "s0123456789abcdef", plannedAt: AT, ...schedule } }),
        cancel: cancelled ? { [oneCancelled ? names[0]! : "*"]: cancelled } : {},
      }),
      rounds,
      runs: runs.filter((run) => run !== undefined),
      ...(asks && { asks }),
    })),
);

export const anyAudit: fc.Arbitrary<AuditEntry[]> = fc.array(
  fc
    .record({
      by: person,
      at: seconds,
      action: fc.constantFrom("use" as const, "submit" as const, "approve" as const, "refine" as const),
      result: fc.constantFrom("done" as const, "refused" as const),
      sentence: some(words(1_000)),
      repositories: some(repositories),
    })
    .map((entry) => ({ teamId: "T1", ...JSON.parse(JSON.stringify(entry)) })),
  { maxLength: 20 },
);

export const anyTurns: fc.Arbitrary<Exchange[]> = fc
  .array(
    fc.record({
      told: words(9_000),
      why: words(5_000),
      calls: fc.array(fc.record({ name: words(64), input: words(5_000), answer: words(10_000) }), { maxLength: 20 }),
      failed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .map((turns) =>
    turns.map(({ told, why, calls, failed }, i) => ({
      turn: i + 1,
      requestedAt: AT,
      answeredAt: later(3),
      asked: [
        { type: "text", text: told },
        ...(turns[i - 1]?.calls ?? []).map(({ answer }, n) => ({
          type: "tool_result",
          tool_use_id: `${i}-${n}`,
          is_error: failed,
          content: [{ type: "text", text: answer }],
        })),
      ],
      answered: [
        { type: "thinking", thinking: why },
        { type: "text", text: why },
        ...calls.map(({ name, input }, n) => ({
          type: "tool_use",
          id: `${i + 1}-${n}`,
          name: n % 2 ? name : "read_file",
          input: { path: input, command: input },
        })),
      ],
      usage: { input: 1, cacheWrite5m: 2, cacheWrite1h: 3, cacheRead: 4, output: 5 },
      commands: {},
      facts: { attempt: 1, model: told.slice(0, 100), stopReason: why.slice(0, 30), costUsd: null },
    })),
  );

export const anyWords = words;
