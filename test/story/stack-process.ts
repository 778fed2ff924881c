/**
 * The stack as a process of its own, which a test can kill. Arguments: folder, first port, the point at which it kills
 * itself (or "never"). It submits one job if the folder has none, and says "at rest" when that has ended.
 */
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "../../packages/config/read.ts";
import { submitJob } from "../../packages/local/demo/act.ts";
import { SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { addSamples } from "../../packages/stand-ins/forge/samples.ts";
import { openStore } from "../../packages/store/open.ts";
import { PATIENT } from "../patience.ts";
import { rowChanges } from "./row-changes.ts";

const [folder = "", port = "", point = "never"] = process.argv.slice(2);
const REPOSITORIES = ["acme/orders", "acme/ledger"];

const stack = await startStack({
  folder,
  env: { PATH: process.env.PATH, HOME: process.env.HOME },
  log: (line) => appendFileSync(join(folder, "stack.log"), `${line}\n`),
  port: Number(port),
  thinkMs: 100,
  slackLimits: PATIENT,
  stock: (forge) => addSamples(forge.admin.addRepository),
});
const store = openStore(readConfig("health", stack.env));
const { requester } = stack.slack!.people;
const newest = async () => {
  const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
  return items[0] && store.readJob(items[0].jobId);
};

const submittedFile = join(folder, "submitted");
const POLL_MS = 20;
/** Looked at every few ms: no look costs more than a few calls of the file system. */
const POINTS: Record<string, () => boolean> = {
  "mid-loop": () => stack.claude!.requests().length >= 3,
  "branch pushed": () => existsSync(join(stack.forge!.admin.gitFolder(REPOSITORIES[0]!), "refs/heads/cody")),
};
if (!existsSync(submittedFile)) {
  await submitJob(requester, { repo: [], keep: false, prompt: SAMPLE_PROMPT, delivery: "open-pr" }, REPOSITORIES);
  writeFileSync(submittedFile, "");
}
const closed = () =>
  stack
    .slack!.workspace.channels()
    .some((channel) =>
      stack.slack!.workspace.messages(channel.id).some((message) => message.metadata?.event_type === "cody_closing"),
    );
for (const reached = POINTS[point]; reached; await sleep(POLL_MS)) if (reached()) process.kill(process.pid, "SIGKILL");

const changed = rowChanges(stack.stream);
let record = await newest();
for (; !record || !allAtRest(record); record = await newest()) await changed();
while (!closed()) await sleep(POLL_MS);

const turns: Record<string, number> = {};
for (const run of record.runs) {
  turns[run.repository] = run.turns;
}
console.log(
  JSON.stringify({
    states: record.runs.map((run) => run.state),
    attempts: record.runs.map((run) => run.attempt),
    pullRequests: REPOSITORIES.map((name) => stack.forge!.admin.pullRequests(name).length),
    branches: REPOSITORIES.map((name) => stack.forge!.admin.gitFolder(name)),
    messages: stack
      .slack!.workspace.channels()
      .flatMap((channel) => stack.slack!.workspace.messages(channel.id))
      .flatMap((message) => message.metadata?.event_type ?? []),
    turns,
    requests: stack.claude!.requests().length,
  }),
);
await stack.stop();
process.exit(0);
