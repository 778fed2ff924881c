import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { actionOf } from "../../packages/agent/tools/create-tools.ts";
import { callsWithAnswers } from "../../packages/conversation/calls.ts";
import { Conversation, Note, Turn } from "../../packages/conversation/conversation.ts";
import { exchangeOf } from "../../packages/conversation/exchanges.ts";
import { branchName, executionName } from "../../packages/jobs/ids.ts";
import { Delivery, Job } from "../../packages/jobs/job.ts";
import { Card, type JobRecord } from "../../packages/jobs/job-record.ts";
import { Ending, Outcome } from "../../packages/jobs/outcome.ts";
import { RepoRun } from "../../packages/jobs/repo-run.ts";
import { Round, RoundKind } from "../../packages/jobs/round.ts";
import { RepoRunState } from "../../packages/jobs/states.ts";
import { AuditEntry } from "../../packages/jobs/team.ts";
import * as keys from "../../packages/store/keys.ts";
import { parseRow, type Row } from "../../packages/store/rows.ts";
import { INDEXES, TABLE_KEYS } from "../../packages/store/table.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { renderCard } from "../../packages/views/card.ts";
import { jobView } from "../../packages/views/history/job-view.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import { renderReply } from "../../packages/views/reply.ts";
import { reviewLoading, reviewModal } from "../../packages/views/review.ts";
import { RAISE_CAP_MODAL } from "../../slack/interactions/raise-cap.ts";
import { pageOf } from "../transcript/stage.ts";

/** What commit 207c2b8 wrote when it ran: the rows of jobs at different moments, a conversation with commands. */
const stored = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/207c2b8/${name}.json`), "utf8"));
const ROWS: Record<string, Row[]> = stored("rows");

function recordOf(rows: readonly Row[]): JobRecord {
  const record: Omit<JobRecord, "job"> & { job?: Job } = { rounds: [], runs: [] };
  for (const row of rows.map(parseRow)) {
    if (row?.kind === "job") record.job = row.job;
    if (row?.kind === "round") record.rounds.push(row.round);
    if (row?.kind === "run") record.runs.push(row.run);
    if (row?.kind === "card") record.card = row.card;
  }
  return { ...record, job: record.job! };
}

const cardOf = (moment: string) => JSON.stringify(renderCard(recordOf(ROWS[moment]!)));

describe("rows that 207c2b8 wrote", () => {
  it.each(Object.entries(ROWS))("are read and shown everywhere: %s", (_, rows) => {
    const record = recordOf(rows);
    renderCard(record);
    reviewModal(record, new Map());
    jobView(record, [], [{ kind: "job", jobId: record.job.jobId }]);
    for (const round of record.rounds) renderReply(record, round);
    for (const run of record.runs) {
      expect(runView(record, run, [], [{ kind: "job", jobId: record.job.jobId }]).blocks.length).toBeGreaterThan(5);
      expect(cardOf(Object.keys(ROWS).find((name) => ROWS[name] === rows)!)).toContain(run.repository);
    }
  });

  it("keep every attribute that they have", () => {
    const shapes = { JOB: Job, ROUND: Round, REPO: RepoRun, CARD: Card };
    const ours = new Set([
      ...Object.values(TABLE_KEYS),
      ...Object.values(INDEXES).flatMap(({ partition, sort }) => [partition, sort]),
      "version",
    ]);
    for (const row of Object.values(ROWS).flat()) {
      const shape = Object.keys(shapes[String(row.sk).split("#")[0] as keyof typeof shapes]?.shape ?? {});
      if (shape.length === 0) continue;
      expect(Object.keys(row).filter((name) => !ours.has(name as "pk") && !shape.includes(name))).toEqual([]);
    }
  });

  it("show their words as they are, where today's have a field", () => {
    expect(cardOf("waiting")).toMatch(/Waiting for Claude, next try 2026-11-27T\d\d:\d\d:\d\d\.\d{3}Z/);
    expect(cardOf("waiting")).not.toContain("Claude is busy");
  });

  it.each([
    ["ended", "acme/nowhere does not exist", ACTIONS.retry],
    ["review", "Waits for approval", ACTIONS.approve],
    ["decided", "↩ Rejected", ACTIONS.openPullRequest],
    ["cap", "The job's dollar cap is used up.", ACTIONS.raiseCap],
    ["raised", "cost limit raised to $1", ACTIONS.downloadPatch],
    ["cancelled", "Cancelled by", ACTIONS.retry],
  ])("offer what they offered: %s", (moment, words, action) => {
    expect(cardOf(moment)).toContain(words);
    expect(cardOf(moment)).toContain(`"${action}"`);
  });
});

describe("a conversation that 207c2b8 wrote", () => {
  const conversation = Conversation.parse(stored("conversation"));
  const turns: Turn[] = stored("turns").map((turn: unknown) => Turn.parse(turn));

  it("is read and shown; how a command ended stands in its answer alone", () => {
    const [, outcome] = stored("outcomes").map((one: unknown) => Outcome.parse(one));
    const page = pageOf({ conversation, turns, outcome, prompt: "Raise it." });
    expect(page).toContain("ran cat README.md");
    expect(page).toContain("[exit code 0 after");
    expect(page).not.toContain("ran cat README.md: exit code");
    const exchanges = turns.map(exchangeOf);
    const calls = exchanges.flatMap((one, i) => callsWithAnswers(one, exchanges[i + 1]));
    expect(calls.length).toBeGreaterThan(3);
    for (const call of calls) expect(actionOf(call).words).not.toMatch(/^called /);
  });
});

describe("names that are stored do not change", () => {
  it.each([
    [
      "states",
      RepoRunState.options,
      "queued cloning working verifying awaiting-approval publishing published unchanged patch-ready failed cancelled",
    ],
    ["rounds", RoundKind.options, "first retry refine raise-cap publish close"],
    ["deliveries", Delivery.options, "open-pr draft-pr review-first patch-only"],
    ["endings of Work", Ending.options, "changed unchanged partial failed cancelled"],
    [
      "notes of the harness",
      Note.shape.kind.options,
      "budget last-turn no-verdict cut-off repeated errors template review verification-failed",
    ],
    [
      "audit",
      AuditEntry.shape.action.options,
      "use submit approve reject retry refine raise-cap cancel close save-prompt delete-prompt",
    ],
    ["modals", [reviewLoading("").callback_id, RAISE_CAP_MODAL], "cody-review cody-raise-cap"],
    [
      "buttons",
      Object.values(ACTIONS),
      "cody-approve cody-approve-all cody-cancel cody-cancel-one cody-close-pull-request cody-download-conversation cody-download-patch cody-download-patches cody-open-pull-request cody-open-transcript cody-raise-cap cody-reject cody-retry cody-review cody-review-all",
    ],
    ["keys of the table", Object.values(TABLE_KEYS), "pk sk"],
    [
      "indexes and their attributes",
      Object.entries(INDEXES).flatMap(([name, { partition, sort }]) => [name, partition, sort]),
      "jobsOfTeam team time jobsOfUser user time runsOfRepository repositoryKey time runsOfPullRequest pullRequestUrl time open open openSince",
    ],
  ])("%s", (_, names, known) => {
    for (const name of known.split(" ")) expect(names).toContain(name);
  });

  it("keys of the bucket, the branch and the execution", () => {
    const ref = { jobId: "j0123456789abcdef", repository: "acme/orders", round: 2 };
    const at = "jobs/j0123456789abcdef/acme/orders/r2/";
    expect([
      keys.turnKey(ref, 1),
      keys.snapshotKey(ref, 17, 3),
      keys.patchKey(ref),
      keys.conversationKey(ref),
      keys.transcriptKey(ref),
      keys.outcomeKey(ref),
    ]).toEqual([
      `${at}turns/000001.json`,
      expect.stringContaining(`${at}snapshot-000017`),
      `${at}patch.diff`,
      `${at}conversation.json`,
      `${at}transcript.html`,
      `${at}outcome.json`,
    ]);
    expect(branchName(ref.jobId, "Raise log4j!")).toBe("cody/j0123456789abcdef-raise-log4j");
    expect(executionName(ref.jobId, 2)).toBe("j0123456789abcdef-r2");
  });
});
