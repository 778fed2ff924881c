import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SFNClient } from "@aws-sdk/client-sfn";
import { vi } from "vitest";
import { RunRef } from "../../packages/jobs/execution.ts";
import type { PatchFacts } from "../../packages/jobs/outcome.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { DecideInput, decide } from "../../packages/pipeline/decide.ts";
import { dispatch } from "../../packages/pipeline/dispatch.ts";
import { createExecutions } from "../../packages/pipeline/executions.ts";
import { finish } from "../../packages/pipeline/finish.ts";
import { type MachineParts, machineDefinition } from "../../packages/pipeline/machine.ts";
import type { Inspection } from "../../packages/pipeline/opening.ts";
import { plan } from "../../packages/pipeline/plan.ts";
import { perJob, rowChanges } from "../../packages/pipeline/stream.ts";
import { sweep } from "../../packages/pipeline/sweep.ts";
import { createCheckpoint } from "../../packages/stand-ins/dynamodb/checkpoint.ts";
import { startDynamo } from "../../packages/stand-ins/dynamodb/dynamo.ts";
import { startEventSource } from "../../packages/stand-ins/dynamodb/event-source.ts";
import type { TaskEnd } from "../../packages/stand-ins/stepfunctions/resources.ts";
import { startStepFunctions } from "../../packages/stand-ins/stepfunctions/stepfunctions.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import { tableDefinition } from "../../packages/store/table.ts";
import { aPatch, aPullRequest } from "../builders.ts";

export const PARTS: MachineParts = {
  planArn: "arn:aws:lambda:us-east-1:000000000000:function:plan",
  decideArn: "arn:aws:lambda:us-east-1:000000000000:function:decide",
  finishArn: "arn:aws:lambda:us-east-1:000000000000:function:finish",
  cluster: "cody",
  workTask: "work",
  publishTask: "publish",
  subnets: ["subnet-1"],
  securityGroups: ["sg-1"],
  assignPublicIp: true,
};

export const BASE = "b".repeat(40);
export const NEWER_BASE = "c".repeat(40);

export const patchOf = ({ jobId, repository, round }: RunRef): PatchFacts =>
  aPatch({ key: `jobs/${jobId}/${repository}/r${round}/patch.diff` });

/** One try of a task; `capacity` is where it runs. */
type Try = { ref: RunRef; number: number; capacity: string; store: JobStore; signal: AbortSignal };
export type Runner = (attempt: Try) => Promise<TaskEnd | undefined>;

/** Work as it goes well: claims the row and leaves an ending on it. */
export const works =
  (result: (ref: RunRef) => Partial<RepoRun> & Pick<RepoRun, "ending">): Runner =>
  async ({ ref, store }) => {
    const run = await store.claimRun(ref);
    if (!run || run.ending) return undefined;
    const lease = { ...ref, attempt: run.attempt };
    await store.updateRun(lease, { state: "cloning" });
    await store.updateRun(lease, { state: "working" });
    const { ending, reason, patch, patchOnly } = result(ref);
    await store.updateRun(lease, { state: "verifying", ending, reason, patch, patchOnly, turns: run.turns + 3 });
    return undefined;
  };
export const changes = works((ref) => ({ ending: "changed", patch: patchOf(ref) }));

export const publishes: Runner = async ({ ref, store }) => {
  const run = await store.claimRun(ref);
  if (!run) return undefined;
  const lease = { ...ref, attempt: run.attempt };
  await store.updateRun(lease, { state: "publishing" });
  await store.updateRun(lease, { state: "published", pullRequest: aPullRequest(ref.repository, 1) });
  return undefined;
};

export type WorldOptions = {
  work?: Runner;
  publish?: Runner;
  inspect?(repository: string): Promise<Inspection>;
  /** Thrown into the pipeline's functions by name, for tests of their retries. */
  sabotage?(name: string): void;
};

/** The pipeline with the real table, stream and state machine; only the containers are acted. */
export async function startWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "cody-pipeline-"));
  let clock = () => new Date();
  const now = () => clock();
  const log: string[] = [];
  const note = (line: string) => log.push(line);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const dynamo = await startDynamo({ folder, tables: [tableDefinition("cody")], log: note, ...credentials });
  const documents = openDocuments({ endpoint: dynamo.url, region: "us-east-1", credentials });
  const store = createJobStore({ documents, table: "cody", now });
  const acted = {
    work: options.work ?? changes,
    publish: options.publish ?? publishes,
    inspect: options.inspect ?? (async () => ({ ok: true as const, baseBranch: "main", baseCommit: BASE })),
  };
  const tasks: string[] = [];

  const functions: Record<string, (payload: unknown) => Promise<unknown>> = {
    [PARTS.planArn]: (payload) =>
      plan({ ...store, now, inspect: acted.inspect }, RunRef.omit({ repository: true }).parse(payload)),
    [PARTS.decideArn]: (payload) => decide(store, DecideInput.parse(payload)),
    [PARTS.finishArn]: (payload) => finish({ ...store, now }, RunRef.omit({ repository: true }).parse(payload)),
  };

  const startMachine = async () => {
    const local = await startStepFunctions({
      ...credentials,
      machines: { rounds: machineDefinition(PARTS) },
      isKnownValid: true,
      async invoke(arn, payload) {
        options.sabotage?.(arn.split(":").at(-1)!);
        return functions[arn]!(payload);
      },
      async runTask({ taskDefinition, capacityProvider, environment, signal }) {
        const { CODY_JOB: jobId, CODY_ROUND: round, CODY_REPOSITORY: repository } = environment;
        const ref = RunRef.parse({ jobId, round: Number(round), repository });
        const name = `${taskDefinition} ${repository} r${round}`;
        tasks.push(name);
        const number = tasks.filter((one) => one === name).length;
        const runner = taskDefinition === "work" ? acted.work : acted.publish;
        const end = await runner({ ref, number, capacity: capacityProvider, store, signal });
        return end ?? { exitCode: 0 };
      },
      log: note,
      retryDelayMs: 1,
    });
    const sfn = new SFNClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
    const executions = createExecutions({ sfn, stateMachineArn: local.arn("rounds") });
    return { local, sfn, executions };
  };
  let machine = await startMachine();

  const dispatchDeps = {
    ...store,
    startExecution: (ref: { jobId: string; round: number }) => machine.executions.start(ref),
  };
  const source = startEventSource({
    stream: dynamo.stream,
    checkpoint: createCheckpoint(join(folder, "drive.checkpoint")),
    invoke: (event) =>
      perJob(
        rowChanges(event),
        async (_jobId, ofJob) => {
          for (const change of ofJob) await dispatch(dispatchDeps, change);
        },
        (jobId, error) => note(`dispatch ${jobId}: ${error}`),
      ),
    retryMs: 5,
    log: note,
  });

  return {
    store,
    log,
    tasks,
    acted,
    executions: () => machine.executions,
    at(time: () => Date) {
      clock = time;
    },
    async sweep() {
      return sweep({
        ...dispatchDeps,
        now,
        executionStatus: (ref) => machine.executions.status(ref),
        report: (item, error) => note(`sweep ${item.kind}: ${error}`),
      });
    },
    /** As after a crash of the machine's host: every execution and its name is gone. */
    async restartMachine() {
      await machine.local.stop();
      machine.sfn.destroy();
      machine = await startMachine();
    },
    finished: (jobId: string, round: number) =>
      vi.waitFor(
        async () => {
          const record = await store.readJob(jobId);
          if (record?.rounds.find((one) => one.round === round)?.finishedAt) return record;
          throw new Error(`round ${round} of ${jobId} did not finish:\n${log.join("\n")}`);
        },
        { timeout: 60_000, interval: 10 },
      ),
    async stop() {
      await source.stop();
      await machine.local.stop();
      machine.sfn.destroy();
      documents.destroy();
      await dynamo.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;
