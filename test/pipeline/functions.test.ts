import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createDecide } from "../../functions/decide.ts";
import { createDispatch } from "../../functions/dispatch.ts";
import { createFinish } from "../../functions/finish.ts";
import { createHealth } from "../../functions/health.ts";
import { createNotify } from "../../functions/notify.ts";
import { createPlan } from "../../functions/plan.ts";
import { createScheduler } from "../../functions/schedule.ts";
import { createSlack } from "../../functions/slack.ts";
import { createSweep } from "../../functions/sweep.ts";
import { readConfig } from "../../packages/config/read.ts";
import { RunRef } from "../../packages/jobs/execution.ts";
import { scheduleIdOf } from "../../packages/jobs/ids.ts";
import { machineDefinition } from "../../packages/pipeline/machine.ts";
import { createCheckpoint } from "../../packages/stand-ins/dynamodb/checkpoint.ts";
import { startDynamo } from "../../packages/stand-ins/dynamodb/dynamo.ts";
import { startEventSource } from "../../packages/stand-ins/dynamodb/event-source.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { startS3 } from "../../packages/stand-ins/s3/s3.ts";
import { startSlack } from "../../packages/stand-ins/slack/start.ts";
import { startStepFunctions } from "../../packages/stand-ins/stepfunctions/stepfunctions.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { openStore } from "../../packages/store/open.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { aJob, aSchedule } from "../builders.ts";
import { httpApiEvent } from "../fixtures/aws-events.ts";
import { changes, PARTS, publishes } from "./world.ts";

const SECRET = "signing-secret";
const FIRST_COMMIT = { message: "Begin", date: "2026-01-01T00:00:00Z", files: { "README.md": "# hello\n" } };
const KEYS = { accessKeyId: "local", secretAccessKey: "local-secret" };

const httpEvent = (body: string, headers: Record<string, string>, isBase64Encoded?: boolean) =>
  httpApiEvent("POST /slack/events", body, headers, isBase64Encoded);
const signed = (body: string, atMs = Date.now(), secret = SECRET) => {
  const at = Math.floor(atMs / 1000);
  const digest = createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex");
  return {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": String(at),
    "x-slack-signature": `v0=${digest}`,
  };
};

async function startAll() {
  const folder = mkdtempSync(join(tmpdir(), "cody-functions-"));
  const log: string[] = [];
  const note = (line: string) => log.push(line);
  const dynamo = await startDynamo({
    ...KEYS,
    folder: join(folder, "db"),
    tables: [tableDefinition("cody")],
    log: note,
  });
  const s3 = await startS3({ ...KEYS, folder: join(folder, "s3"), buckets: ["cody-bucket"], log: note });
  const forge = await startForge({ folder: join(folder, "forge"), log: note });
  for (const name of ["acme/orders", "acme/shop"])
    await forge.admin.addRepository({ name, from: { commits: [FIRST_COMMIT] } });

  const server = createServer(async (request, response) => {
    const event = httpEvent(await text(request), request.headers as Record<string, string>);
    requests.push(event);
    const answer = await slackFunction(event);
    const headers = answer.headers as Record<string, string> | undefined;
    response.writeHead(answer.statusCode, headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const requests: ReturnType<typeof httpEvent>[] = [];
  const slack = await startSlack({
    log: note,
    manifest: JSON.parse(readFileSync(join(import.meta.dirname, "../../slack/manifest.http.json"), "utf8")),
    botToken: "xoxb-local",
    appToken: "xapp-local",
    http: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`, signingSecret: SECRET },
  });

  const environment: Record<string, string> = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    CODY_TABLE: "cody",
    CODY_BUCKET: "cody-bucket",
    CODY_REPOS: "acme/*",
    GITHUB_API_URL: forge.apiUrl,
    GITHUB_READ_TOKEN: forge.readToken,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: "xoxb-local",
    SLACK_SIGNING_SECRET: SECRET,
  };
  const documents = openDocuments({ endpoint: dynamo.url, region: "us-east-1", credentials: KEYS });
  const store = createJobStore({ documents, table: "cody", now: () => new Date() });
  const functions: Record<string, (event: unknown) => Promise<unknown>> = {
    [PARTS.planArn]: createPlan(environment),
    [PARTS.decideArn]: createDecide(environment),
    [PARTS.finishArn]: createFinish(environment),
  };
  const sfn = await startStepFunctions({
    ...KEYS,
    machines: { rounds: machineDefinition(PARTS) },
    isKnownValid: true,
    invoke: (arn, payload) => functions[arn]!(payload),
    async runTask({ taskDefinition, environment, capacityProvider, signal }) {
      const { CODY_JOB: jobId, CODY_ROUND: round, CODY_REPOSITORY: repository } = environment;
      const ref = RunRef.parse({ jobId, round: Number(round), repository });
      const runner = taskDefinition === "work" ? changes : publishes;
      await runner({ ref, number: 1, capacity: capacityProvider, store, signal });
      return { exitCode: 0 };
    },
    log: note,
  });
  environment.AWS_ENDPOINT_URL_SFN = sfn.url;
  environment.CODY_STATE_MACHINE_ARN = sfn.arn("rounds");
  const slackFunction = createSlack(environment);
  const sources = Object.entries({ dispatch: createDispatch(environment), notify: createNotify(environment) }).map(
    ([name, invoke]) =>
      startEventSource({ stream: dynamo.stream, checkpoint: createCheckpoint(join(folder, name)), invoke, log: note }),
  );

  return {
    slack,
    forge,
    store,
    requests,
    environment,
    log,
    slackFunction,
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
      await sfn.stop();
      await slack.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      documents.destroy();
      await Promise.all([dynamo.stop(), s3.stop(), forge.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let all: Awaited<ReturnType<typeof startAll>>;
beforeAll(async () => {
  all = await startAll();
});
afterAll(() => all?.stop());

describe("between two requests Lambda lets nothing go on", () => {
  it.each<[string, number | undefined]>([
    ["the list of repositories is there when the first request ends", 50],
    ["but a GitHub that does not answer keeps no request waiting", undefined],
  ])("%s", async (_, afterMs) => {
    let listed = false;
    const gitHub = createServer((_request, response) => {
      if (afterMs === undefined) return;
      setTimeout(() => {
        listed = true;
        response.writeHead(200, { "content-type": "application/json" }).end("[]");
      }, afterMs);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => gitHub.once("listening", resolve));
    const GITHUB_API_URL = `http://127.0.0.1:${(gitHub.address() as AddressInfo).port}`;
    const slackFunction = createSlack({ ...all.environment, GITHUB_API_URL });
    const body = JSON.stringify({ type: "url_verification", challenge: "c" });
    const event = httpEvent(body, { ...signed(body), "content-type": "application/json" }, false);
    // The clock stands: on a loaded machine the answer itself may use up the second that GitHub is given.
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    expect(await slackFunction(event)).toMatchObject({ statusCode: 200 });
    clock.mockRestore();
    expect(listed).toBe(afterMs !== undefined);
    await new Promise((resolve) => gitHub.close(resolve).closeAllConnections());
  });
});

describe("the functions together, with the events that AWS sends", () => {
  it("from a slash command over HTTP to two published repositories on one card", async () => {
    const { requester } = all.slack.people;
    expect(await requester.command("/cody Raise log4j")).toEqual({ ok: true });
    const modal = await requester.modal();
    await modal.fill({ repositories: ["acme/orders", "acme/shop"] });
    expect(await modal.submit()).toEqual({ closed: true });

    const channel = all.slack.workspace.channels()[0]!.id;
    const cards = () => all.slack.workspace.messages(channel).filter((message) => !message.thread_ts);
    await expect.poll(() => JSON.stringify(cards())).toMatch(/pull\/1.*pull\/1/);
    expect(cards()).toHaveLength(1);

    const submit = all.requests.at(-1)!;
    const again = await Promise.all(Array.from({ length: 50 }, () => all.slackFunction(submit)));
    expect(new Set(again.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const team = (await all.store.jobsOfTeam(cards()[0]!.team, { limit: 10 })).items;
    expect(team).toHaveLength(1);
    const record = (await all.store.readJob(team[0]!.jobId))!;
    expect(record.runs.map(({ state }) => state)).toEqual(["published", "published"]);
    expect(record.rounds).toHaveLength(1);
  });

  it("a reply that Slack delivers three times more (X-Slack-Retry-Num) asks for one round", async () => {
    const { requester } = all.slack.people;
    const channel = all.slack.workspace.channels()[0]!.id;
    const card = all.slack.workspace.messages(channel).find((message) => !message.thread_ts)!;
    const [job] = (await all.store.jobsOfTeam(card.team, { limit: 1 })).items;
    const rounds = async () => (await all.store.readJob(job!.jobId))!.rounds;
    requester.say("all: also update the changelog", { threadTs: card.ts });
    await expect.poll(async () => (await rounds()).length).toBe(2);
    const event = all.requests.find(({ body = "" }) => body.includes("all: also update the changelog"))!;
    expect([event.isBase64Encoded, event.headers["content-type"]]).toEqual([false, "application/json"]);
    for (const number of ["1", "2", "3"]) {
      const headers = { ...event.headers, "x-slack-retry-num": number, "x-slack-retry-reason": "http_timeout" };
      expect((await all.slackFunction({ ...event, headers })).statusCode).toBe(200);
    }
    await expect.poll(async () => (await rounds()).every((round) => round.finishedAt)).toBe(true);
    expect(await rounds()).toHaveLength(2);
  });

  it("health names what does not answer, and nothing else", async () => {
    const well = await createHealth(all.environment)(httpApiEvent("GET /health", "", {}));
    expect([well.statusCode, JSON.parse(well.body)]).toEqual([
      200,
      { ok: true, table: "ok", bucket: "ok", machine: "ok" },
    ]);
    const ill = await createHealth({ ...all.environment, CODY_TABLE: "other", CODY_BUCKET: "no-such-bucket" })({});
    expect([ill.statusCode, JSON.parse(ill.body)]).toEqual([
      503,
      { ok: false, table: "ResourceNotFoundException", bucket: "NoSuchBucket", machine: "ok" },
    ]);
  });

  it("sweep finds nothing to do after a finished job", async () => {
    await expect.poll(() => createSweep(all.environment)()).toEqual({ looked: 0, failed: 0 });
  });

  it("a press has the schedule function look at what was pressed for, and at nothing else", async () => {
    const teamId = all.slack.workspace.messages(all.slack.workspace.channels()[0]!.id)[0]!.team!;
    const store = openStore(readConfig("sweep", all.environment));
    const nowAt = new Date(Date.now() - 1_000).toISOString();
    const [one, other] = ["x", "y"].map((name) =>
      aSchedule({ teamId, userId: "U0NOBODY", nowAt, scheduleId: scheduleIdOf({ teamId, userId: "U0NOBODY", name }) }),
    );
    for (const schedule of [one!, other!]) await store.saveSchedule(schedule);
    const runDue = createScheduler(all.environment);
    const { scheduleId } = one!;
    expect(await runDue({ teamId, scheduleId })).toMatchObject({ looked: 1, failed: 0, campaigns: { looked: 0 } });
    expect((await store.readSchedule(one!))!.last?.reason?.code).toBe("schedule-owner-gone");
    expect((await store.readSchedule(other!))!.nowAt).toBe(nowAt);
    expect(await runDue({ campaignId: "c0000000000000000" })).toMatchObject({ looked: 0, campaigns: { looked: 0 } });
    for (const schedule of [one!, other!]) await store.deleteSchedule(schedule);
  });

  it("a right that was given back counts at the next press", async () => {
    const [channel] = all.slack.workspace.channels();
    const teamId = all.slack.workspace.messages(channel!.id)[0]!.team!;
    const userId = all.slack.workspace.people[0]!.id;
    const [repository, people] = ["acme/shop", JSON.stringify({ [userId]: "ada" })];
    const store = openStore(readConfig("sweep", all.environment));
    const runDue = createScheduler({ ...all.environment, CODY_STRICT: "1", CODY_PEOPLE: people });
    const scheduleId = scheduleIdOf({ teamId, userId, name: "rights" });
    const schedule = aSchedule({ teamId, userId, scheduleId, repositories: [repository], monthlyLimitUsd: 0.01 });
    for (const [access, code] of [
      ["read", "schedule-no-rights"],
      ["write", "schedule-month-spent"],
    ] as const) {
      all.forge.admin.repository(repository).people.ada = access;
      await store.saveSchedule({ ...schedule, nowAt: new Date(Date.now() - 1_000).toISOString() });
      await runDue({ teamId, scheduleId });
      expect((await store.readSchedule(schedule))!.last?.reason?.code).toBe(code);
    }
    await store.deleteSchedule(schedule);
  });

  it("a job for the same task is told of one that waits, and that its model ends", async () => {
    const { team } = all.slack.workspace.messages(all.slack.workspace.channels()[0]!.id)[0]!;
    const channelId = all.slack.workspace.channels()[0]!.id;
    const job = aJob({ teamId: team, channelId, prompt: "Raise jackson.", createdAt: new Date().toISOString() });
    const first = {
      ...job,
      jobId: "j00000000000000c1",
      options: { ...job.options, delivery: "review-first" as const },
    };
    const second = { ...first, jobId: "j00000000000000c2", options: { ...first.options, model: "claude-opus-4-5" } };
    const runOf = async ({ jobId }: { jobId: string }) => (await all.store.readJob(jobId))?.runs[0];
    for (const one of [first, second]) {
      await all.store.insertJob(one);
      await expect.poll(async () => (await runOf(one))?.state).toBe("awaiting-approval");
    }
    expect(await runOf(first)).not.toHaveProperty("alikeUnfinished");
    expect(await runOf(second)).toMatchObject({
      alikeUnfinished: [first.jobId],
      modelWarning: expect.stringMatching(/^claude-opus-4-5 end(s|ed) on 2027-01-22/),
    });
  });
});

describe("only Slack is heard", () => {
  const body = "token=x&command=%2Fcody&text=help&team_id=T1&user_id=U1&channel_id=C1&trigger_id=1.2.3";
  it.each([
    ["a signature 301 s old", signed(body, Date.now() - 301_000)],
    ["another secret", signed(body, Date.now(), "other")],
    ["an altered body", signed(`${body}&text=status`)],
    ["no signature", { "content-type": "application/x-www-form-urlencoded" }],
  ])("%s: 401, and nothing is written", async (_what, headers) => {
    const calls = all.slack.calls.length;
    expect((await all.slackFunction(httpEvent(body, headers))).statusCode).toBe(401);
    expect(all.slack.calls.length).toBe(calls);
  });

  it("nonsense is a bad request, no failure of the function", async () => {
    const headers = { "content-type": "application/json" };
    expect((await all.slackFunction(httpEvent("{", headers))).statusCode).toBe(400);
  });

  it.each([true, false])("a name in UTF-8 does not break the signature, in base64: %s", async (isBase64Encoded) => {
    const challenge = JSON.stringify({ type: "url_verification", challenge: "größer" });
    const headers = { ...signed(challenge), "content-type": "application/json" };
    const answer = await all.slackFunction(httpEvent(challenge, headers, isBase64Encoded));
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([200, { challenge: "größer" }]);
  });
});

describe("a function that is not configured", () => {
  const wrong = { AWS_REGION: "us-east-1", CODY_STATE_MACHINE_ARN: "not-an-arn-and-secret", GITHUB_API_URL: "" };
  it.each([
    ["plan", createPlan, ["CODY_TABLE"]],
    ["decide", createDecide, ["CODY_TABLE"]],
    ["finish", createFinish, ["CODY_TABLE"]],
    ["dispatch", createDispatch, ["CODY_TABLE", "CODY_STATE_MACHINE_ARN"]],
    ["sweep", createSweep, ["CODY_TABLE", "CODY_STATE_MACHINE_ARN"]],
    ["notify", createNotify, ["CODY_TABLE", "SLACK_BOT_TOKEN"]],
    ["health", createHealth, ["CODY_TABLE", "CODY_BUCKET", "CODY_STATE_MACHINE_ARN"]],
    ["slack", createSlack, ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]],
  ])("%s names everything at once and shows no value", (_name, create, names) => {
    const message = (() => {
      try {
        create(wrong);
      } catch (error) {
        return String(error);
      }
    })();
    for (const name of names) expect(message).toContain(name);
    expect(message).not.toContain("not-an-arn-and-secret");
  });
});
