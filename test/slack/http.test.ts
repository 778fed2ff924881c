import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsLambdaReceiver, LogLevel } from "@slack/bolt";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signedHeaders } from "../../packages/stand-ins/slack/signature.ts";
import { ACTIONS, targetValue } from "../../packages/views/actions.ts";
import { createApp } from "../../slack/app.ts";
import { RUN_MODAL } from "../../slack/interactions/run-fields.ts";
import { NOT_HERE } from "../../slack/workspace.ts";
import { aJob } from "../builders.ts";
import { httpApiEvent } from "../fixtures/aws-events.ts";
import { openStore } from "../store/backends.ts";
import { ownTableOnDisk } from "../store/own-table.ts";
import { depsOver, manifest, openWorkspace, type Store, type Workspace } from "./world.ts";

/** The app as a Lambda behind an HTTP API, and Slack's signed requests to it. */
const SECRET = "signing-secret";
const table = ownTableOnDisk();
let store: Store;
let workspace: Workspace;
let gateway: Server;
let writes: string[];

type Answer = { statusCode: number; body: string };
let lambda: (event: object) => Promise<Answer>;

beforeAll(async () => {
  ({ store } = openStore(table.url, () => new Date()));
  gateway = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    const answer = await lambda(eventOf(Buffer.concat(chunks).toString(), headers));
    response.writeHead(answer.statusCode, { "content-type": "application/json" }).end(answer.body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => gateway.once("listening", resolve));
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/slack/events`;
  workspace = await openWorkspace(store, { manifest: manifest("http"), http: { url, signingSecret: SECRET } });

  const receiver = new AwsLambdaReceiver({ signingSecret: SECRET, logLevel: LogLevel.ERROR });
  const counted = new Proxy(store, {
    get: (target, name: keyof Store) => {
      if (["insertJob", "insertRound", "requestCancel", "moveRun"].includes(name)) writes.push(name);
      return target[name];
    },
  });
  const { apiUrl: slackApiUrl } = workspace.slack;
  createApp({ receiver, botToken: "xoxb-local", slackApiUrl, log: () => {}, deps: depsOver(counted) });
  const handler = await receiver.start();
  lambda = (event) => handler(event as Parameters<typeof handler>[0], {}) as Promise<Answer>;
});
afterAll(async () => {
  await workspace.slack.stop();
  await new Promise((resolve) => gateway.close(resolve));
});
beforeEach(() => {
  writes = [];
});

/** Bolt itself takes no base64: functions/slack.ts undoes it before. */
const eventOf = (body: string, headers: Record<string, string>) =>
  httpApiEvent("POST /slack/events", body, headers, false);

const form = "application/x-www-form-urlencoded";
const payloadOf = (payload: object) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
const nowSeconds = () => Math.floor(Date.now() / 1_000);
const send = (body: string, { at = nowSeconds(), secret = SECRET } = {}) =>
  lambda(eventOf(body, { "content-type": form, ...signedHeaders(secret, body, at) }));

const submission = (viewId: string, team = "T0LOCAL") => ({
  type: "view_submission",
  team: { id: team },
  user: { id: "U0REQUESTER", name: "requester", team_id: team },
  view: {
    id: viewId,
    type: "modal",
    callback_id: RUN_MODAL,
    private_metadata: JSON.stringify({ channelId: "C0CODY" }),
    state: {
      values: {
        prompt: { prompt: { type: "plain_text_input", value: "Raise it" } },
        repositories: {
          "cody-repositories": { type: "multi_external_select", selected_options: [{ value: "acme/orders" }] },
        },
        delivery: { delivery: { type: "radio_buttons", selected_option: { value: "open-pr" } } },
        model: { model: { type: "static_select", selected_option: { value: "claude-sonnet-5-5" } } },
        cap: { cap: { type: "number_input", value: "5" } },
      },
    },
  },
});

it("the whole way by signed HTTP: command, form, type-ahead, submit", async () => {
  const { requester } = workspace.slack.people;
  expect(await requester.command("/cody Raise it")).toEqual({ ok: true });
  const modal = await requester.modal();
  await modal.fill({ repositories: ["acme/orders"] });
  expect(await modal.submit()).toEqual({ closed: true });
  expect(writes).toEqual(["insertJob"]);
});

it("a hundred identical submits at once are one job (G1)", async () => {
  const before = (await store.jobsOfTeam("T0LOCAL", { limit: 100 })).items.length;
  const body = payloadOf(submission("V0SAME"));
  const acks = await Promise.all(Array.from({ length: 100 }, () => send(body)));
  expect(acks.every(({ statusCode }) => statusCode === 200)).toBe(true);
  expect((await store.jobsOfTeam("T0LOCAL", { limit: 100 })).items).toHaveLength(before + 1);
});

it("a submit is acked within a second, the write of its job included (G2)", async () => {
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const start = performance.now();
    await send(payloadOf(submission(`V0TIMED${i}`)));
    times.push(performance.now() - start);
  }
  expect(times.sort((a, b) => a - b).at(-2)).toBeLessThan(1_000);
});

describe("only Slack, and only our workspace, reaches a listener (G10)", () => {
  const body = payloadOf(submission("V0EVIL"));
  it.each<[string, () => Promise<Answer>]>([
    ["a request signed 301 s ago", () => send(body, { at: nowSeconds() - 301 })],
    ["another secret", () => send(body, { secret: "guessed" })],
    [
      "a body altered after signing",
      () =>
        lambda(
          eventOf(body.replace("Raise", "Erase"), {
            "content-type": form,
            ...signedHeaders(SECRET, body, nowSeconds()),
          }),
        ),
    ],
    ["no signature", () => lambda(eventOf(body, { "content-type": form }))],
    [
      "a signature of another scheme",
      () =>
        lambda(
          eventOf(body, {
            "content-type": form,
            ...signedHeaders(SECRET, body, nowSeconds()),
            "x-slack-signature": "v1=00",
          }),
        ),
    ],
  ])("%s is refused", async (_what, request) => {
    expect((await request()).statusCode).toBe(401);
    expect(writes).toEqual([]);
  });

  it("another workspace's submit, click and command are refused with one sentence", async () => {
    const job = aJob({ jobId: "j00000000000000aa", teamId: "T0LOCAL", userId: "U0REQUESTER" });
    await store.insertJob(job);
    const click = {
      type: "block_actions",
      team: { id: "T0LOCAL" },
      // A guest of a shared channel: their user belongs to another workspace.
      user: { id: "U0REQUESTER", name: "x", team_id: "T0OTHER" },
      actions: [{ type: "button", action_id: ACTIONS.cancel, block_id: "b", value: targetValue({ jobId: job.jobId }) }],
    };
    await send(payloadOf(submission("V0OTHER", "T0OTHER")));
    await send(payloadOf(click));
    const command = { command: "/cody", text: `cancel ${job.jobId}`, user_id: "U0REQUESTER", trigger_id: "t" };
    const answer = await send(new URLSearchParams({ ...command, team_id: "T0OTHER" }).toString());
    expect(JSON.parse(answer.body)).toEqual({ response_type: "ephemeral", text: NOT_HERE });
    expect(writes).toEqual([]);
    expect((await store.readJob(job.jobId))!.job.cancel).toEqual({});
  });
});
