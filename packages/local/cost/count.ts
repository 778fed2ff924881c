import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetExecutionHistoryCommand, type HistoryEvent } from "@aws-sdk/client-sfn";
import { openBucket, openMachine, openStore } from "../../../functions/clients.ts";
import { Bucket, readConfig, Table } from "../../../functions/config.ts";
import type { JobRecord } from "../../jobs/job-record.ts";
import { submitJob } from "../demo/act.ts";
import { SAMPLE_PROMPT } from "../demo/options.ts";
import { allAtRest } from "../demo/watch.ts";
import { addSamples } from "../forge/samples.ts";
import { startStack } from "../stack/stack.ts";
import type { Counts } from "./bill.ts";

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
/** The runner looks for a cancel every 5 s and before each turn, and reads the job's rows for its cap. */
const READS_A_TURN = 5;
/** What Step Functions logs about a transition, data and all. */
const LOG_BYTES_A_TRANSITION = 1_500;
/** START, END and REPORT of one call, and a line of its own. */
const LOG_BYTES_A_CALL = 700;
const GIVE_UP_MS = 120_000;

/** Runs the main job on stand-ins and counts what AWS would have been asked for, per repository. */
export async function countRun(): Promise<{ counts: Counts; repositories: number }> {
  const folder = await mkdtemp(join(tmpdir(), "cody-cost-"));
  const stack = await startStack({
    folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    log: () => {},
    stock: (forge) => addSamples(forge.admin.addRepository),
  });
  try {
    const repositories = stack.stocked;
    const config = { ...readConfig(Table, stack.env), ...readConfig(Bucket, stack.env) };
    const store = openStore(config);
    const { requester } = stack.slack!.people;
    await submitJob(requester, { repo: [], keep: false, prompt: SAMPLE_PROMPT, delivery: "open-pr" }, repositories);
    const record = await ended(async () => {
      const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
      return items[0] && store.readJob(items[0].jobId);
    });

    const { events } = await openMachine(readConfig(Table, stack.env)).send(
      new GetExecutionHistoryCommand({ executionArn: record.rounds[0]!.executionArn, maxResults: 1000 }),
    );
    const entered = events!.filter(({ type }: HistoryEvent) => type!.endsWith("StateEntered"));
    const functionsCalled = entered.filter(({ stateEnteredEventDetails }) =>
      ["Plan", "Decide", "Finish"].includes(stateEnteredEventDetails!.name!),
    );
    const writes = await stack.stream.read("", 10_000);
    const { Contents = [] } = await openBucket(config).send(new ListObjectsV2Command({ Bucket: config.CODY_BUCKET }));
    const turns = record.runs.reduce((sum, run) => sum + run.turns, 0);
    // Each written row calls notify and drive: batches make it fewer.
    const calls = functionsCalled.length + 2 * writes.length;
    const rowBytes = (one: (typeof writes)[number]) => one.dynamodb.SizeBytes;
    const rows = [...new Map(writes.map((one) => [JSON.stringify(one.dynamodb.Keys), one])).values()];
    const readUnitsOfJob = Math.ceil(sum(rows, rowBytes) / READ_UNIT_BYTES);
    const total: Counts = {
      turns,
      transitions: entered.length,
      calls,
      slackRequests: stack.slack!.calls.filter(({ method }) => method.startsWith("views.")).length + 4,
      writeUnits: sum(writes, (one) => Math.ceil(rowBytes(one) / WRITE_UNIT_BYTES)),
      readUnits: (turns * READS_A_TURN + calls) * readUnitsOfJob,
      puts: Contents.length,
      gets: Contents.length,
      objectBytes: sum(Contents, ({ Size }) => Size ?? 0),
      rowBytes: sum(rows, rowBytes),
      logBytes:
        (await logBytes(join(folder, "runner/logs"))) +
        entered.length * LOG_BYTES_A_TRANSITION +
        calls * LOG_BYTES_A_CALL,
    };
    const each = Object.fromEntries(Object.entries(total).map(([name, count]) => [name, count / repositories.length]));
    return { counts: each as Counts, repositories: repositories.length };
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const sum = <T>(all: T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);

async function logBytes(folder: string) {
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
  return sum(sizes, (size) => size);
}

async function ended(look: () => Promise<JobRecord | undefined>): Promise<JobRecord> {
  for (const end = Date.now() + GIVE_UP_MS; ; ) {
    const record = await look();
    if (record && allAtRest(record) && record.rounds[0]?.finishedAt) return record;
    if (Date.now() > end) throw new Error("The job has not ended.");
    await sleep(100);
  }
}
