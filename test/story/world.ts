import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { readConfig } from "../../packages/config/read.ts";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { submitJob } from "../../packages/local/demo/act.ts";
import { type DemoOptions, SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { type StackOptions, startStack } from "../../packages/local/stack/stack.ts";
import type { StreamRecord } from "../../packages/stand-ins/dynamodb/stream-record.ts";
import type { Forge } from "../../packages/stand-ins/forge/forge.ts";
import { addSamples } from "../../packages/stand-ins/forge/samples.ts";
import type { SlackMessage } from "../../packages/stand-ins/slack/workspace.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openBucket, openStore } from "../../packages/store/open.ts";
import { createRecords } from "../../packages/store/records.ts";
import { PATIENT } from "../patience.ts";
import { watchForSlackTypes } from "../slack/types/hold.ts";
import { afterChange } from "./row-changes.ts";

/** Rows by which a job is judged; its card is none of them. */
const OF_A_JOB = /^(?:JOB$|ROUND#|REPO#)/;

export type World = Awaited<ReturnType<typeof openWorld>>;

/** The whole stack on free ports in a folder of its own, with the sample repositories; gone when the test ends. */
export async function openWorld({ forge: own, ...options }: Partial<StackOptions> & { forge?: Forge } = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "cody-story-")));
  const refused: string[] = [];
  if (own) await addSamples(own.admin.addRepository);
  const stack = await startStack({
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    log: (line) => refused.push(line),
    slackLimits: PATIENT,
    byHand: true,
    ...options,
    folder,
    stock: options.stock ?? ((forge) => addSamples(forge.admin.addRepository)),
  });
  const checkTypes = watchForSlackTypes(stack.slack!);
  onTestFinished(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
    checkTypes();
  });
  const forge = own ?? stack.forge!;
  const config = readConfig("health", stack.env);
  const store = openStore(config);
  const artifacts = createArtifacts({ s3: openBucket(config), bucket: config.CODY_BUCKET });
  const { workspace, people } = stack.slack!;

  async function newestJob(): Promise<JobRecord | undefined> {
    const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: people.requester.id }, { limit: 1 });
    return items[0] && store.readJob(items[0].jobId);
  }

  /** The requester's newest job, once its rows hold. */
  function untilJob(holds: (record: JobRecord) => boolean, timeoutMs?: number): Promise<JobRecord> {
    let newest = { jobId: "", time: "" };
    const look = async (changed: StreamRecord[]) => {
      const images = changed.flatMap(({ dynamodb: { Keys, NewImage } }) =>
        OF_A_JOB.test(String(Keys.sk?.S)) && NewImage ? [NewImage] : [],
      );
      for (const { sk, userId, jobId, time } of images)
        if (sk?.S === "JOB" && userId?.S === people.requester.id && String(time?.S) > newest.time)
          newest = { jobId: String(jobId?.S), time: String(time?.S) };
      if (!images.some(({ jobId }) => jobId?.S === newest.jobId)) return undefined;
      const record = await store.readJob(newest.jobId);
      return record && holds(record) ? record : undefined;
    };
    return afterChange(stack.stream, look, timeoutMs);
  }

  return {
    ...stack,
    folder,
    refused,
    store,
    artifacts,
    records: createRecords(artifacts),
    requester: people.requester,
    second: people.second,
    forge,
    claude: stack.claude!,
    newestJob,
    untilJob,
    untilAtRest: (timeoutMs?: number) => untilJob(allAtRest, timeoutMs),
    /** Submits through the modal, as a person. */
    submit: (options: Partial<DemoOptions>, repositories: string[]) =>
      submitJob(
        people.requester,
        { repo: [], keep: false, prompt: SAMPLE_PROMPT, delivery: "open-pr", ...options },
        repositories,
      ),
    cards: (): SlackMessage[] => ofKind("cody_card"),
    replies: (): SlackMessage[] => ofKind("cody_closing"),
  };

  function ofKind(kind: string) {
    return workspace
      .channels()
      .flatMap((channel) => workspace.messages(channel.id))
      .filter((message) => message.metadata?.event_type === kind);
  }
}

/** Looks until there is something, and gives it. */
export const until = <Found>(look: () => Promise<Found> | Found, timeout = 90_000, interval = 25) =>
  vi.waitUntil(look, { timeout, interval });

export const runOf = ({ runs }: JobRecord, repository: string): RepoRun =>
  runs.find((run) => run.repository === repository)!;
