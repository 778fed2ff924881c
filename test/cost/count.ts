import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetExecutionHistoryCommand } from "@aws-sdk/client-sfn";
import { readConfig } from "../../packages/config/read.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { submitJob } from "../../packages/local/demo/act.ts";
import { SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { openMachine } from "../../packages/pipeline/executions.ts";
import { addSamples } from "../../packages/stand-ins/forge/samples.ts";
import { openBucket, openStore } from "../../packages/store/open.ts";
import type { Counts } from "./bill.ts";
import { countJob } from "./count-job.ts";

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
    const config = readConfig("health", stack.env);
    const store = openStore(config);
    const { requester } = stack.slack!.people;
    await submitJob(requester, { repo: [], keep: false, prompt: SAMPLE_PROMPT, delivery: "open-pr" }, repositories);
    const record = await ended(async () => {
      const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
      return items[0] && store.readJob(items[0].jobId);
    });

    const { events = [] } = await openMachine(readConfig("health", stack.env)).send(
      new GetExecutionHistoryCommand({ executionArn: record.rounds[0]!.executionArn, maxResults: 1000 }),
    );
    const { Contents = [] } = await openBucket(config).send(new ListObjectsV2Command({ Bucket: config.CODY_BUCKET }));
    const counts = countJob({
      record,
      entered: events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
      writes: (await stack.stream.read("", 10_000)).filter(({ dynamodb: { Keys } }) =>
        `${Keys.pk?.S}`.startsWith("JOB#"),
      ),
      objectBytes: Contents.map(({ Size = 0 }) => Size),
      slackRequests: stack.slack!.calls.filter(({ method }) => method.startsWith("views.")).length + 4,
      taskLogBytes: await logBytes(join(folder, "runner/logs")),
      sentBytes: stack.claude!.requests().reduce((sum, { bytes }) => sum + bytes, 0),
    });
    return { counts, repositories: repositories.length };
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function logBytes(folder: string) {
  const sizes = await Promise.all((await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function ended(look: () => Promise<JobRecord | undefined>): Promise<JobRecord> {
  for (const end = Date.now() + GIVE_UP_MS; ; ) {
    const record = await look();
    if (record && allAtRest(record) && record.rounds[0]?.finishedAt) return record;
    if (Date.now() > end) throw new Error("The job has not ended.");
    await sleep(100);
  }
}
