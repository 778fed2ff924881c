import { createServer, type Server } from "node:http";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub } from "../../packages/github/client.ts";
import { Prompt } from "../../packages/jobs/job.ts";
import { createSlackClient } from "../../packages/notify/client.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { createWebApi } from "../../packages/stand-ins/slack/web-api/api.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { illFormedAt } from "../../packages/text/well-formed.ts";
import { literal, mrkdwn, plain } from "../../packages/views/text.ts";
import { redactedRecords } from "../../packages/work/redacted-records.ts";
import { CREDENTIALS } from "../stand-ins/dynamodb-folder.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { aText, aTurn, fromModel } from "../turn-builders.ts";

const HALF = "😀".slice(0, 1);
const WORDS = `half ${HALF} of it`;
const WHOLE = "half \ufffd of it";

describe("half of a character leaves for no service", () => {
  const bodies: string[] = [];
  let server: Server;
  let url = "";
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        bodies.push(body);
        response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => server.close());

  it("Slack: in blocks of any kind", async () => {
    await createSlackClient("xoxb-x", { slackApiUrl: `${url}/api/` }).chat.postMessage({
      channel: "C1",
      text: plain(WORDS, 100).text,
      blocks: [{ type: "section", text: { type: "mrkdwn", text: WORDS } }],
    });
    const fields = new URLSearchParams(bodies.pop());
    expect(fields.get("text")).toBe(WHOLE);
    expect(JSON.parse(fields.get("blocks")!)[0].text.text).toBe(WHOLE);
    expect(literal(WORDS).text).toBe(WHOLE);
    expect(mrkdwn("😀".repeat(2_000)).text.isWellFormed()).toBe(true);
  });

  it("GitHub: in a pull request", async () => {
    const github = createGitHub({ token: "t", apiUrl: url, secondMs: 1 });
    await github.rest.pulls.create({
      owner: "a",
      repo: "b",
      head: "h",
      base: "m",
      title: WORDS,
      body: `${WORDS} \\ud83d`,
    });
    expect(JSON.parse(bodies.pop()!)).toMatchObject({ title: WHOLE, body: `${WHOLE} \\ud83d` });
  });

  it("DynamoDB: in a row", async () => {
    const documents = openDocuments({ endpoint: url, region: "us-east-1", credentials: CREDENTIALS });
    await documents.send(new PutCommand({ TableName: "t", Item: { pk: "p", words: [{ said: WORDS }] } }));
    expect(JSON.parse(bodies.pop()!).Item.words).toEqual({ L: [{ M: { said: { S: WHOLE } } }] });
  });

  it("S3: in a turn, whose thinking goes when it holds one, since its signature is for other words", async () => {
    const { records, objects } = memoryRecords();
    const thought = { type: "thinking", thinking: WORDS, signature: "s" };
    const turn = aTurn({ received: fromModel(thought, aText(WORDS)) });
    const kept = redactedRecords(records, createRedactor([]));
    await kept.putTurn(turn);
    expect(illFormedAt(JSON.parse(Buffer.from([...objects.values()][0]!).toString()))).toBeUndefined();
    expect((await kept.turnsOf(turn))[0]!.received.content).toEqual([{ type: "text", text: WHOLE }]);
  });

  it("and a prompt with one is taken without", () => {
    expect(Prompt.parse(WORDS)).toBe(WHOLE);
  });
});

describe("the workspace refuses it as Slack does", () => {
  const json = "application/json; charset=utf-8";
  const form = "application/x-www-form-urlencoded";
  const api = createWebApi(
    { nowMs: () => 0 } as Parameters<typeof createWebApi>[0],
    { botToken: "b", appToken: "a" },
    {} as Parameters<typeof createWebApi>[2],
    { log: () => {}, received: () => {} },
  );
  it.each([
    ["half a character in JSON", json, JSON.stringify({ channel: "C1", text: WORDS }), "invalid_json"],
    ["one in blocks", form, `blocks=${encodeURIComponent(JSON.stringify([{ text: WORDS }]))}`, "invalid_blocks"],
    ["bytes that are no UTF-8", form, "text=%ED%A0%BD", "invalid_form_data"],
    ["nothing of that kind", form, "text=%F0%9F%98%80", "not_authed"],
  ])("%s", async (_, contentType, body, error) => {
    const answered = await api.answer({ method: "chat.postMessage", authorization: undefined, contentType, body });
    expect(answered.body).toMatchObject({ ok: false, error });
  });
});
