import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openEntryLog } from "../../packages/stand-ins/slack/journal.ts";
import { createResponseUrls } from "../../packages/stand-ins/slack/response-urls.ts";
import { createWorkspace } from "../../packages/stand-ins/slack/workspace.ts";
import { readMachine } from "../../packages/stand-ins/stepfunctions/definition.ts";
import { createOperations, machineArn } from "../../packages/stand-ins/stepfunctions/operations.ts";

/** A stack that runs for weeks holds what people can still see, and no more. */

it("Slack's journal is rewritten once most of it is replaced, and loses nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cody-journal-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "workspace.jsonl");
  const journal = openEntryLog<{ key: string; text: string }>(folder, "workspace.jsonl");
  const card = "x".repeat(100_000);
  for (let i = 0; i < 200; i++) journal.append({ key: `card ${i % 3}`, text: `${i} ${card}` });
  expect(statSync(file).size).toBeLessThan(6_000_000);
  const numbers = openEntryLog<{ key: string; text: string }>(folder, "workspace.jsonl").entries.map(({ text }) =>
    Number.parseInt(text, 10),
  );
  expect(numbers.toSorted()).toEqual([197, 198, 199]);
  expect(statSync(file).size).toBeLessThan(400_000);
});

it("only the newest of many executions keep their history; each name stays taken, each ending known", async () => {
  const machine = readMachine({ StartAt: "Done", States: { Done: { Type: "Succeed" } } });
  const { operations, stopAll } = createOperations({
    machines: new Map([["m", machine]]),
    resources: { invoke: async () => null, runTask: async () => ({ exitCode: 0 }) },
  });
  const stateMachineArn = machineArn("m");
  const input = JSON.stringify({ text: "x".repeat(1_000) });
  const arns: string[] = [];
  for (let i = 0; i < 60; i++) {
    const { executionArn } = operations.StartExecution!({ stateMachineArn, name: `job-${i}`, input }) as {
      executionArn: string;
    };
    arns.push(executionArn);
    await expect.poll(() => operations.DescribeExecution!({ executionArn })).toMatchObject({ status: "SUCCEEDED" });
  }
  await stopAll();
  const eventsOf = (executionArn: string | undefined) =>
    (operations.GetExecutionHistory!({ executionArn }) as { events: object[] }).events.length;
  expect([arns[0], arns[9], arns[59]].map(eventsOf)).toEqual([0, 0, 4]);
  expect(operations.DescribeExecution!({ executionArn: arns[0] })).toMatchObject({
    status: "SUCCEEDED",
    name: "job-0",
  });
  expect(() => operations.StartExecution!({ stateMachineArn, name: "job-0", input })).toThrow("Already Exists");
});

it("an answer's address holds its message for as long as it may be used", () => {
  let now = 0;
  const setup = { appName: "Cody", people: [{ name: "p" }], channels: [{ name: "c" }] };
  const workspace = createWorkspace(setup, { entries: [], append: () => {} }, () => now);
  const urls = createResponseUrls({ url: () => "http://h", workspace, nowMs: () => now, received: () => {} });
  const place = { user: "U0P", channel: "C0C" };
  const idOf = (url: string) => url.split("/").at(-1)!;
  const first = idOf(urls.issue(place));
  expect(urls.answer(first, '{"text":"a"}')).toEqual({ status: 200, body: "ok" });
  now = 31 * 60_000;
  const later = idOf(urls.issue(place));
  expect(urls.answer(first, '{"text":"a"}')).toEqual({ status: 404, body: "no_service" });
  expect(urls.answer(later, '{"text":"a"}').status).toBe(200);
  for (let i = 0; i < 300; i++) workspace.whisper("C0C", "U0P", { user: "U0CODYBOT", text: `${i}` });
  expect(workspace.ephemerals("U0P")).toHaveLength(200);
  expect(workspace.ephemerals("U0P").at(-1)!.text).toBe("299");
});
