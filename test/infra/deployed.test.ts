import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APPROVAL_DAYS } from "../../packages/jobs/job.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { ACTIONS, targetValue } from "../../packages/views/actions.ts";
import { lookActionId } from "../../packages/views/history/places.ts";
import { aSchedule } from "../builders.ts";
import { billOfRun, totalOf } from "../cost/bill.ts";
import { countJob } from "../cost/count-job.ts";
import { GOALS, RUN } from "../cost/goals.ts";
import { roundEnded } from "../fixtures/aws-events.ts";
import { runOf, until } from "../story/world.ts";
import { type Cloud, openCloud } from "./deployed/cloud.ts";
import { callsBeyond, grantsOf } from "./deployed/grants.ts";
import { matches } from "./deployed/pattern.ts";
import { atTheScreen } from "./deployed/person.ts";
import { json, one } from "./synth/query.ts";

let cloud: Cloud;
let person: ReturnType<typeof atTheScreen>;
/** The job that nothing happened to. */
let first: string;
beforeAll(async () => {
  cloud = await openCloud();
  person = atTheScreen(cloud);
}, 120_000);
afterAll(() => cloud?.stop());

let before = 0;
const statesOf = ({ runs }: JobRecord) => runs.map(({ repository, state }) => [repository, state]);
const ranFor = (repository: string) =>
  cloud.fargate.ran
    .slice(before)
    .filter((one) => one.repository === repository)
    .map(({ task, provider, ended }) => `${task} on ${provider}: ${ended}`);

describe("the deployment, bundles and all, with stand-ins for AWS itself", () => {
  it("says that it is well", async () => {
    const answer = await fetch(`${cloud.url}/health`);
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true, table: "ok", bucket: "ok", machine: "ok" }]);
  });

  it("says so to every caller, and asks AWS no more for a hundred strangers than for one", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(`${cloud.url}/health`)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(cloud.calls.filter(({ role }) => role === "HealthRole")).toHaveLength(3);
  });

  it("all succeed: a signed submit becomes a pull request and a proof that nothing was needed", async () => {
    const jobId = await person.submit(["acme/orders", "acme/ledger"]);
    first = jobId;
    await cloud.sweep();
    const record = await person.rows(jobId, allAtRest);
    expect(statesOf(record)).toEqual([
      ["acme/orders", "published"],
      ["acme/ledger", "unchanged"],
    ]);
    // The rows rest a moment before the execution ends.
    const entered = await until(async () => {
      const states = await cloud.statesOf(jobId);
      return states.at(-1) === "Finished" ? states : undefined;
    });
    expect(entered).toEqual(expect.arrayContaining(["Plan", "Runs", "Work", "Decide", "Publish", "Finish"]));
    expect(entered).not.toContain("WorkOnDemand");
    const { placeOf, acts } = cloud.forge.admin;
    placeOf("acme/orders", 1).pull.draft = false;
    await acts.setCheck(placeOf("acme/orders", 1), { name: "build", outcome: null });
    expect(await cloud.watch()).toEqual({ looked: 1, changed: 1 });
    const [run] = (await person.rows(jobId, allAtRest)).runs;
    expect(run?.pullRequestStatus).toMatchObject({ state: "open", checks: "pending", draft: false });

    // A schedule that started it leaves it out now: it asks Slack about its owner and GitHub about the pull request.
    const { teamId, userId, channelId } = record.job;
    const schedule = aSchedule({ teamId, userId, channelId, nowAt: new Date(Date.now() - 1_000).toISOString() });
    await cloud.store.saveSchedule({ ...schedule, lastJobs: { "acme/orders": jobId } });
    expect(await cloud.schedule()).toMatchObject({ looked: 1, started: 0, failed: 0 });
    const { last } = (await cloud.store.readSchedule(schedule))!;
    expect(last?.reason?.message).toMatch(/^Nothing was started\. acme\/orders: the last pull request .* still open/);
    await cloud.store.deleteSchedule(schedule);

    // A person asks for its merge; the watcher wakes the function that may write.
    await person.click((await person.card(jobId, "when green")).ts, ACTIONS.mergeOne);
    await until(async () => (await cloud.store.readJob(jobId))!.asks?.length);
    const [ask] = await until(async () => {
      await cloud.watch();
      const { asks = [] } = (await cloud.store.readJob(jobId))!;
      return asks[0]?.tried && asks;
    });
    // It has asked GitHub, and waits for the check.
    expect(ask).toMatchObject({ kind: "merge", state: "waiting" });
  });

  it("costs under a cent for a repository run of five minutes and twenty turns, from the counts of that run", async () => {
    const counts = countJob(await cloud.tracesOf(first));
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0);
    const lines = billOfRun(counts, RUN);
    console.log(lines.map(({ name, usd, count }) => `${name}: $${usd.toFixed(5)} (${count})`).join("\n"));
    expect(totalOf(lines)).toBeLessThan(GOALS.runUsd);
    const usd = (minutes: number, turns: number) => totalOf(billOfRun(counts, { minutes, turns }));
    expect(usd(10, 20)).toBeGreaterThan(1.5 * usd(5, 20));
    expect(usd(5, 200)).toBeGreaterThan(usd(5, 20));
    expect(usd(0.1, 20)).toBeLessThan(usd(5, 20));
  });

  it("prints what the spend alarm looks for, once a repository", async () => {
    const { pattern, metricTransformation } = one(
      cloud.deployed,
      "cloudwatch/logMetricFilter:LogMetricFilter",
      "Spend",
    );
    expect([pattern, metricTransformation]).toMatchObject(['{ $.event = "recorded" }', { value: "$.spentUsd" }]);
    const recorded = (await cloud.printedBy(first)).filter(({ event }) => event === "recorded");
    expect(recorded.map(({ repository }) => repository).toSorted()).toEqual(["acme/ledger", "acme/orders"]);
    for (const { spentUsd } of recorded) expect(spentUsd).toBeGreaterThan(0);
  });

  /** One job, so that one repository's trouble is seen not to touch the others. */
  describe("what Fargate does of its own accord", () => {
    let record: JobRecord;
    beforeAll(async () => {
      before = cloud.fargate.ran.length;
      const { promise: notice, resolve: give } = Promise.withResolvers<void>();
      cloud.fargate.expect(
        { repository: "acme/orders", kind: "throttled" },
        { repository: "acme/orders", kind: "throttled" },
        { repository: "acme/gateway", kind: "spot", notice },
        ...Array.from({ length: 4 }, () => ({ repository: "acme/ledger", kind: "crash" as const })),
      );
      const jobId = await person.submit(["acme/orders", "acme/gateway", "acme/ledger"]);
      await person.rows(jobId, ({ runs }) => runs.some((run) => run.repository === "acme/gateway" && run.turns > 0));
      give();
      record = await person.rows(jobId, allAtRest);
    });

    it("RunTask throttled twice: it is asked a third time, and nothing else changes", () => {
      expect(ranFor("acme/orders")).toEqual([
        "Work on FARGATE_SPOT: ECS.AmazonECSException",
        "Work on FARGATE_SPOT: ECS.AmazonECSException",
        "Work on FARGATE_SPOT: exit 0",
        "Publish on FARGATE: exit 0",
      ]);
      expect(runOf(record, "acme/orders")).toMatchObject({ state: "published", attempt: 2 });
    });

    it("a task stopped by Spot: another goes on from its turns, on demand", () => {
      expect(ranFor("acme/gateway")).toEqual([
        "Work on FARGATE_SPOT: SpotInterruption",
        "Work on FARGATE: exit 0",
        "Publish on FARGATE: exit 0",
      ]);
      expect(runOf(record, "acme/gateway")).toMatchObject({ state: "published", attempt: 3 });
    });

    it("one fails: it says so with a next step, the others' pull requests are there", async () => {
      expect(ranFor("acme/ledger")).toEqual([
        "Work on FARGATE_SPOT: exit 1",
        ...Array.from({ length: 3 }, () => "Work on FARGATE: exit 1"),
      ]);
      expect(runOf(record, "acme/ledger")).toMatchObject({
        state: "failed",
        reason: { code: "work-lost", nextStep: expect.stringContaining("Press Retry") },
      });
      for (const name of ["acme/orders", "acme/gateway"])
        expect(cloud.forge.admin.pullRequests(name).map(({ headSha }) => headSha)).toContain(
          runOf(record, name).pullRequest!.commit,
        );
      await expect.poll(async () => (await cloud.statesOf(record.job.jobId)).at(-1)).toBe("Finished");
      await person.card(record.job.jobId, "2 of 3 done");
    });
  });

  it("review: shown, listed and linked; what is approved is published, what is rejected is not", async () => {
    const jobId = await person.submit(["acme/orders", "acme/gateway"], { delivery: "review-first" });
    await person.rows(jobId, allAtRest);
    const { ts } = await person.card(jobId, "2 waiting");
    const [rejected, approved] = ["acme/orders", "acme/gateway"].map((repository) =>
      targetValue({ jobId, repository, round: 1 }),
    );
    await person.click(ts, ACTIONS.downloadPatch, approved);
    const answer = await until(() => person.ephemerals().at(-1));
    const [link] = /https?:[^"\\|>\s]+X-Amz-Signature=\w+[^"\\|>\s]*/.exec(JSON.stringify(answer)) ?? [];
    expect(await (await fetch(link!.replaceAll("&amp;", "&"))).text()).toContain("diff --git");
    await person.click(ts, lookActionId("job"));
    const details = await person.modal();
    const says = (words: string) => until(() => JSON.stringify(details.view.blocks).includes(words) || undefined);
    await says(ACTIONS.downloadPatches);
    await details.click(ACTIONS.downloadPatches);
    await says("-patches.zip");
    await details.close();
    await details.close();
    person.openHome();
    await until(() => JSON.stringify(person.home() ?? {}).includes("2 waiting for approval") || undefined);
    await person.command("/cody list");
    await person.command(`/cody status ${jobId}`);

    await person.click(ts, ACTIONS.reject, rejected);
    await person.click(ts, ACTIONS.approve, approved);
    const record = await person.rows(
      jobId,
      ({ rounds }) => rounds.length === 2 && rounds.every((round) => round.finishedAt),
    );
    expect(statesOf(record)).toEqual([
      ["acme/orders", "cancelled"],
      ["acme/gateway", "published"],
    ]);
    expect(runOf(record, "acme/orders").reason).toMatchObject({ code: "rejected" });
    const entered = await cloud.statesOf(jobId, 2);
    expect(entered.filter((name) => ["Work", "WorkOnDemand", "Decide", "Publish"].includes(name))).toEqual(["Publish"]);
  });

  it("expired and cancelled while waiting: the sweeper leaves a patch after a week of silence, dispatch hears a word", async () => {
    const jobId = await person.submit(["acme/orders", "acme/gateway"], { delivery: "review-first" });
    const [orders, gateway] = (await person.rows(jobId, allAtRest)).runs as [RepoRun, RepoRun];
    const states = async () => statesOf((await cloud.store.readJob(jobId))!).map(([, state]) => state);
    await cloud.sweep();
    expect(await states()).toEqual(["awaiting-approval", "awaiting-approval"]);

    const long = new Date(Date.now() - (APPROVAL_DAYS + 1) * 24 * 60 * 60 * 1_000);
    await cloud.storeAt(() => long).moveRun(orders, ["awaiting-approval"], { state: "awaiting-approval" });
    await cloud.sweep();
    expect(await states()).toEqual(["patch-ready", "awaiting-approval"]);
    const { runs } = (await cloud.store.readJob(jobId))!;
    expect(runs[0]).toMatchObject({ reason: { code: "expired" }, patch: orders.patch });
    await person.card(jobId, "It was not approved");

    await person.command(`/cody cancel ${jobId}`);
    await person.rows(jobId, (record) => runOf(record, gateway.repository).state === "cancelled");
    expect(await states()).toEqual(["patch-ready", "cancelled"]);
    expect((await cloud.store.readJob(jobId))!.rounds).toHaveLength(1);
  });

  it("cancelled: a task that finds the request on its row asks no model, and nothing is published", async () => {
    const { promise: machine, resolve: free } = Promise.withResolvers<void>();
    cloud.fargate.expect({ repository: "acme/ledger", kind: "waits", until: machine });
    const jobId = await person.submit(["acme/ledger"]);
    await person.rows(jobId, ({ runs }) => runs.length === 1);
    await person.command(`/cody cancel ${jobId}`);
    await person.rows(jobId, ({ job }) => Object.keys(job.cancel).length > 0);
    free();
    const record = await person.rows(jobId, allAtRest);
    expect(record.runs).toMatchObject([{ state: "cancelled", turns: 0 }]);
    expect(await cloud.statesOf(jobId)).not.toContain("Publish");
  });

  it("an execution that is stopped: EventBridge's rule takes the event to the sweeper, and no row stays open", async () => {
    const { promise: never } = Promise.withResolvers<void>();
    cloud.fargate.expect({ repository: "acme/ledger", kind: "waits", until: never });
    const jobId = await person.submit(["acme/ledger"]);
    await person.rows(jobId, ({ runs, rounds }) => runs.length === 1 && rounds[0]!.startedAt !== undefined);
    await cloud.stopExecution(jobId);
    const event = roundEnded("ABORTED", "arn:aws:states:eu-west-1:111122223333:stateMachine:Rounds");
    const { eventPattern } = one(cloud.deployed, "cloudwatch/eventRule:EventRule", "RoundEndedBadly");
    expect(matches(json(eventPattern), event)).toBe(true);
    await cloud.invoke("Sweep", event);
    const record = (await cloud.store.readJob(jobId))!;
    expect(allAtRest(record)).toBe(true);
    expect(record.runs).toMatchObject([{ state: "failed", reason: { code: "work-lost" } }]);
  });

  it("never asks AWS for what its role does not allow", () => {
    expect(callsBeyond(cloud.deployed, cloud.calls)).toEqual([]);
    expect(cloud.calls.length).toBeGreaterThan(100);
  });

  it("is allowed nothing that these journeys did not need, but for what is written here", () => {
    const used = new Set(cloud.calls.map(({ role, action }) => `${role} ${action}`));
    const granted = grantsOf(cloud.deployed, cloud.calls);
    const unused = [...new Set(granted)].filter((grant) => !used.has(grant)).toSorted();
    expect(unused.filter((grant) => !(grant in RARE))).toEqual([]);
    expect(Object.keys(RARE).filter((grant) => !granted.includes(grant))).toEqual([]);
  });
});

const READ_BACK = "a conditional write whose answer was lost is read back";
const ORPHAN = "the sweeper does what dispatch or finish could not";
const RARE: Record<string, string> = {
  "ChangeSetRole dynamodb:GetItem": READ_BACK,
  "DecideRole dynamodb:GetItem": READ_BACK,
  "DriveRole dynamodb:GetItem": READ_BACK,
  "FinishRole dynamodb:GetItem": READ_BACK,
  "FinishRole dynamodb:PutItem": "a run that Plan never opened is closed",
  "NotifyRole dynamodb:GetItem": READ_BACK,
  "PublishTaskRole dynamodb:GetItem": READ_BACK,
  "ScheduleRole dynamodb:GetItem": READ_BACK,
  "SlackRole lambda:InvokeFunction": "a press on Run now or Start wave: test/pipeline/wake.test.ts",
  "ScheduleRole dynamodb:PutItem": "a planned time starts a job: test/story/schedule.test.ts",
  "SlackRole dynamodb:GetItem": READ_BACK,
  "SweepRole dynamodb:GetItem": READ_BACK,
  "SweepRole dynamodb:PutItem": ORPHAN,
  "SweepRole states:StartExecution": ORPHAN,
  "WorkTaskRole dynamodb:GetItem": READ_BACK,
};
