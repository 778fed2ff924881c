import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { actionOf } from "../../packages/agent/tools/create-tools.ts";
import type { Job } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { RepoRunState } from "../../packages/jobs/states.ts";
import { showJob } from "../../packages/notify/thread.ts";
import { ACTIONS, placeValue, targetValue } from "../../packages/views/actions.ts";
import { renderCard } from "../../packages/views/card.ts";
import { DEFAULTS_ACTIONS } from "../../packages/views/defaults-form.ts";
import { conversationView } from "../../packages/views/history/conversation-view.ts";
import { historyView } from "../../packages/views/history/history-view.ts";
import { FIRST_HOME, HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { homeView } from "../../packages/views/history/home-view.ts";
import { jobView } from "../../packages/views/history/job-view.ts";
import { NUMBERS_ACTIONS } from "../../packages/views/history/numbers-view.ts";
import { lookActionId, lookValue, PLACES } from "../../packages/views/history/places.ts";
import { roundsWithTurns } from "../../packages/views/history/run-buttons.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import { SCHEDULE_ACTIONS } from "../../packages/views/history/schedules.ts";
import { MERGE_MODAL } from "../../packages/views/merge-form.ts";
import { reviewModal } from "../../packages/views/review.ts";
import { SCHEDULE_FIELDS, scheduleInputs, ZONE_ACTION } from "../../packages/views/schedule-form.ts";
import { SETTINGS_ACTIONS } from "../../packages/views/settings-form.ts";
import { OPEN_FORM } from "../../packages/views/welcome.ts";
import { FOLLOW_UP_MODAL } from "../../slack/interactions/follow-up.ts";
import { FILTER_MODAL } from "../../slack/interactions/home-filter.ts";
import { SHORTCUT } from "../../slack/interactions/message.ts";
import { CAP_FIELD, RAISE_CAP_MODAL } from "../../slack/interactions/raise-cap.ts";
import { SETTINGS_MODAL } from "../../slack/interactions/repository-settings.ts";
import { FIELDS, REPOSITORIES_ACTION, RUN_MODAL } from "../../slack/interactions/run-fields.ts";
import { runModal } from "../../slack/interactions/run-modal.ts";
import {
  DELETE_TEMPLATE,
  scheduleOffer,
  TEMPLATE_ACTION,
  templateNote,
} from "../../slack/interactions/run-start-from.ts";
import { AT, aJob, aPatch, aPullRequest, aSchedule, aStatus, aVerdict } from "../builders.ts";
import { propertyRuns } from "../property-runs.ts";
import { ownTableOnDisk } from "../store/own-table.ts";
import { anyRecord, anyTurns } from "../views/hostile-records.ts";
import { historyWorld, homeAfter } from "./history-world.ts";

// Who comes first is decided by a table behind a server, as it is by the real one.
const world = historyWorld(ownTableOnDisk());
beforeEach(() => {
  world.deps.settings.admins = ["U0SECOND"];
});

type Click = {
  states: RepoRunState[];
  run?: Partial<RepoRun>;
  /** Whatever it takes to press it; by the requester, and by an admin. */
  press(ts: string, job: Job, person: typeof world.requester): Promise<unknown>;
};
const budget = { code: "budget", message: "The cost limit is reached.", nextStep: "Raise it." };
const press =
  (actionId: string, valueFor?: (job: Job) => string): Click["press"] =>
  (ts, job, person) =>
    person.click(ts, actionId, valueFor?.(job));
const ofOne = ({ jobId, repositories }: Job) => targetValue({ jobId, repository: repositories[0]!, round: 1 });

/**
 * Every button that decides something, on a card that offers it; each of them makes one round, one flag or one
 * rejection.
 */
const DECIDES: Record<string, Click> = {
  [ACTIONS.approve]: { states: ["awaiting-approval"], press: press(ACTIONS.approve, ofOne) },
  [ACTIONS.approveAll]: { states: ["awaiting-approval", "awaiting-approval"], press: press(ACTIONS.approveAll) },
  [ACTIONS.reject]: { states: ["awaiting-approval"], press: press(ACTIONS.reject, ofOne) },
  [ACTIONS.cancel]: { states: ["working", "working"], press: press(ACTIONS.cancel) },
  [ACTIONS.cancelOne]: {
    states: ["working", "working"],
    press: press(ACTIONS.cancelOne, ({ jobId }) => placeValue(jobId, 1)),
  },
  [ACTIONS.retry]: { states: ["failed", "unchanged"], press: press(ACTIONS.retry) },
  [ACTIONS.despiteSetup]: {
    states: ["blocked"],
    run: {
      reason: { code: "setup-failed", message: "Setup failed.", nextStep: "Go on?" },
      patch: undefined,
      ending: "blocked",
    },
    press: press(ACTIONS.despiteSetup),
  },
  [ACTIONS.fixChecks]: {
    states: ["published"],
    run: {
      pullRequest: aPullRequest("acme/orders", 12),
      pullRequestStatus: aStatus({ number: 12, head: aPullRequest("acme/orders", 12).commit, checks: "failed" }),
    },
    press: press(ACTIONS.fixChecks),
  },
  [ACTIONS.answerReview]: {
    states: ["published"],
    run: {
      pullRequest: aPullRequest("acme/orders", 12),
      pullRequestStatus: aStatus({ number: 12, head: aPullRequest("acme/orders", 12).commit, unanswered: 2 }),
    },
    press: press(ACTIONS.answerReview),
  },
  [ACTIONS.closePullRequest]: {
    states: ["unchanged"],
    run: { pullRequest: aPullRequest("acme/orders", 12), patch: undefined },
    press: press(ACTIONS.closePullRequest, ofOne),
  },
  [ACTIONS.mergeOne]: {
    states: ["published"],
    run: { pullRequest: { ...aPullRequest("acme/orders", 12), nodeId: "n12" } },
    press: press(ACTIONS.mergeOne),
  },
  [ACTIONS.closeSet]: {
    states: ["published", "published"],
    run: { pullRequest: { ...aPullRequest("acme/orders", 12), nodeId: "n12" } },
    press: press(ACTIONS.closeSet),
  },
  [ACTIONS.revertSet]: {
    states: ["published"],
    run: {
      pullRequest: { ...aPullRequest("acme/orders", 12), nodeId: "n12" },
      pullRequestStatus: aStatus({ number: 12, state: "merged" }),
    },
    press: press(ACTIONS.revertSet),
  },
  [RAISE_CAP_MODAL]: {
    states: ["patch-ready"],
    run: { reason: budget, patch: aPatch() },
    press: async (ts, _job, person) => {
      await person.click(ts, ACTIONS.raiseCap);
      const modal = await person.modal();
      await modal.fill({ [CAP_FIELD]: "12" });
      const submitted = await modal.submit();
      if ("errors" in submitted) await modal.close();
    },
  },
};

/**
 * These show something, open something or give a link, and write no row of a job; what they show has tests of its own.
 */
const SHOWS = [
  ...[ACTIONS.downloadConversation, ACTIONS.downloadPatch, ACTIONS.downloadPatches, ACTIONS.openPullRequest],
  ...[ACTIONS.openTranscript, ACTIONS.raiseCap, ACTIONS.review, ACTIONS.reviewAll, ACTIONS.followUp, ACTIONS.runAgain],
  ACTIONS.merge,
  ...Object.values(HOME_ACTIONS),
  ...Object.values(PLACES),
  ...[OPEN_FORM, SHORTCUT, REPOSITORIES_ACTION, TEMPLATE_ACTION, DELETE_TEMPLATE, FIELDS.model, FILTER_MODAL],
  // A person's defaults are their own row; the choice of a repository opens a form that asks for rights itself.
  ...[...Object.values(SETTINGS_ACTIONS), SETTINGS_MODAL, ...Object.values(DEFAULTS_ACTIONS)],
  // Schedules are rows of their own, with tests of their own: schedules.test.ts.
  ...[...Object.values(SCHEDULE_ACTIONS), ZONE_ACTION],
  // They read, and write nothing: numbers.test.ts.
  ...Object.values(NUMBERS_ACTIONS),
];
/** The one submit that starts a job: its own tests show that a hundred of the same view are one job. */
const STARTS = [RUN_MODAL];
/** Asks in a form of its own: elsewhere.test.ts; or takes back what was asked: change-set.test.ts. */
const ASKS = [FOLLOW_UP_MODAL, MERGE_MODAL, ACTIONS.stopMerge];

const rowsOf = async (jobId: string) => {
  const { card: _, ...rows } = (await world.store.readJob(jobId))!;
  return rows;
};

/** A job in these states and the card that shows it. */
async function cardOf({ states, run = {} }: Click) {
  const job = await world.job(
    { prompt: "Click me", options: { delivery: "review-first", model: "claude-sonnet-5-5", capUsd: 5 } },
    states,
    { verdict: aVerdict(), patch: aPatch(), ending: "changed", ...run },
  );
  await showJob(world.workspace.thread, job.jobId);
  return { job, ts: (await world.store.readJob(job.jobId))!.card!.ts! };
}

/** What a click has done, a word a thing. */
function effects({ job, rounds, runs, asks = [] }: Omit<JobRecord, "card">): string[] {
  return [
    ...new Set(asks.map(({ kind, by }) => `${kind} by ${by}`)),
    ...rounds.filter(({ round }) => round > 1).map(({ kind, requestedBy }) => `${kind} by ${requestedBy}`),
    ...Object.entries(job.cancel).map(([what, { by }]) => `cancel ${what} by ${by}`),
    ...runs.flatMap(({ repository, rejection }) => (rejection ? [`${repository} rejected by ${rejection.by}`] : [])),
  ];
}

describe("a button that is pressed twice, by two people at once, or on a card of yesterday decides once", () => {
  it.each(Object.entries(DECIDES))("%s", async (_id, click) => {
    const { job, ts } = await cardOf(click);
    await Promise.all([
      click.press(ts, job, world.requester),
      click.press(ts, job, world.requester).catch(() => {}),
      click.press(ts, job, world.second),
    ]);
    const once = await rowsOf(job.jobId);
    expect(effects(once)).toHaveLength(1);
    const posted = world.workspace.slack.workspace.messages("C0CODY").length;

    // The message still shows what it showed before.
    await click.press(ts, job, world.requester);
    await click.press(ts, job, world.second);
    expect(await rowsOf(job.jobId)).toEqual(once);
    expect(world.workspace.slack.workspace.messages("C0CODY")).toHaveLength(posted);

    const audit = () => world.store.readAudit({ jobId: job.jobId }, { limit: 20 });
    await expect.poll(async () => (await audit()).map(({ result }) => result)).toContain("refused");
    for (const { result, sentence } of await audit())
      if (result === "refused") expect(sentence, "one sentence").toMatch(/^[A-Z][^\n]+\.$/);
  });

  it.each(Object.entries(DECIDES))(
    "%s by a person who may not: a sentence that says who can help, and nothing else",
    async (id, click) => {
      world.deps.settings.admins = [];
      const { job, ts } = await cardOf(click);
      const before = await rowsOf(job.jobId);
      await click.press(ts, job, world.second);
      const sentence = "Only the person who asked for this job, or an admin of Cody, may do that.";
      const told = sentence.replace(/\.$/, ": ask <@U0REQUESTER>.");
      if (id !== RAISE_CAP_MODAL) await expect.poll(() => world.second.ephemerals().at(-1)?.text).toBe(told);
      expect(await rowsOf(job.jobId)).toEqual(before);
      await expect
        .poll(async () =>
          (await world.store.readAudit({ jobId: job.jobId }, { limit: 5 })).map((entry) => [
            entry.by,
            entry.result,
            entry.sentence,
          ]),
        )
        .toEqual([["U0SECOND", "refused", sentence]]);
    },
  );
});

describe("what only shows", () => {
  it("writes nothing to a job, however often it is pressed", async () => {
    const { job, ts } = await cardOf({ states: ["awaiting-approval", "published", "failed"], press: async () => {} });
    const before = await rowsOf(job.jobId);
    const repository = job.repositories[0]!;
    for (const _twice of [1, 2]) {
      await world.requester.click(ts, ACTIONS.review, targetValue({ jobId: job.jobId, repository, round: 1 }));
      await (await world.requester.modal()).close();
      await world.requester.click(ts, ACTIONS.downloadPatch, targetValue({ jobId: job.jobId, repository, round: 1 }));
      await world.requester.click(ts, lookActionId("job"), lookValue({ kind: "job", jobId: job.jobId }));
      await (await world.requester.modal()).close();
    }
    await homeAfter(world.requester, () => world.requester.openHome());
    await homeAfter(world.requester, () => world.requester.clickHome(HOME_ACTIONS.refresh));
    expect(await rowsOf(job.jobId)).toEqual(before);
  });
});

describe("no button without a test", () => {
  const known = [...Object.keys(DECIDES), ...SHOWS, ...STARTS, ...ASKS];
  /** Ids that carry a name, a round or a place behind them. */
  const kindOf = (id: string) =>
    [PLACES.look, PLACES.turn, ACTIONS.downloadPatch, ACTIONS.openPullRequest].find((prefix) =>
      id.startsWith(`${prefix}-`),
    ) ?? id;

  it("every id that the code names is in one of the tables above, once", () => {
    const named = [
      ...[ACTIONS, HOME_ACTIONS, PLACES, SETTINGS_ACTIONS, DEFAULTS_ACTIONS, SCHEDULE_ACTIONS, NUMBERS_ACTIONS].flatMap(
        (ids) => Object.values(ids),
      ),
      ...[OPEN_FORM, SHORTCUT, REPOSITORIES_ACTION, TEMPLATE_ACTION, DELETE_TEMPLATE, ZONE_ACTION, FIELDS.model],
      ...[RUN_MODAL, MERGE_MODAL, RAISE_CAP_MODAL, FOLLOW_UP_MODAL, FILTER_MODAL, SETTINGS_MODAL],
    ];
    expect(known.toSorted()).toEqual(named.toSorted());
  });

  it("and so is every id that anything we render holds", () => {
    const rendered = new Set<string>();
    const collect = (value: unknown): void => {
      if (value === null || typeof value !== "object") return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === "action_id") rendered.add(kindOf(String(inner)));
        else collect(inner);
      }
    };
    for (const record of fc.sample(anyRecord, propertyRuns(60))) {
      const { job, runs } = record;
      const repository = job.repositories[0]!;
      const here = { kind: "repository" as const, repository };
      collect([
        renderCard(record),
        reviewModal(record, new Map()),
        jobView(record, [], [{ kind: "job", jobId: job.jobId }, here]),
        runs.map((run) => runView(record, run, [1], [here])),
        historyView({ repository, items: runs.map((run) => ({ run, job })), older: "x" }, [here]),
        homeView({
          state: { ...FIRST_HOME, whose: "mine", pages: ["x"] },
          open: [record],
          month: { since: "2026-11-01", jobs: [record], cut: false },
          campaigns: [],
          schedules: [
            { schedule: aSchedule({ nextAt: AT }), spentUsd: 1, lastJob: { job, runs } },
            { schedule: aSchedule({ paused: { at: AT } }), spentUsd: 0 },
          ],
          recent: [record],
          older: "x",
        }),
      ]);
      const place = {
        kind: "conversation" as const,
        jobId: job.jobId,
        repository,
        round: 1,
        style: "simple" as const,
        turn: 16,
      };
      const [turns] = fc.sample(anyTurns, 1);
      collect(
        conversationView(
          { place, rounds: roundsWithTurns(record, repository), total: 99, turns: turns!, scripted: true },
          [place],
          actionOf,
        ),
      );
    }
    collect([
      runModal(world.deps.settings, { channelId: "C1" }),
      templateNote("words", { mayDelete: true }),
      scheduleOffer("log4j"),
    ]);
    const { repositories, options } = aSchedule();
    const template = { name: "log4j", savedAt: AT, repositories, options };
    collect(scheduleInputs({ template: { ...template, options: aJob().options }, before: undefined, zone: "UTC" }));
    const inputs = [...Object.values(FIELDS), ...Object.values(SCHEDULE_FIELDS)] as string[];
    expect([...rendered].filter((id) => !known.includes(id) && !inputs.includes(id))).toEqual([]);
    expect(rendered.size).toBeGreaterThan(25);
  });
});
