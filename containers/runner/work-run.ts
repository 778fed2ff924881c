import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { conversationOf } from "../../packages/agent/conversation.ts";
import { Cancelled } from "../../packages/agent/endings.ts";
import { type Guidance, readGuidance } from "../../packages/agent/guidance.ts";
import { type AgentDeps, runAgent } from "../../packages/agent/run-agent.ts";
import type { RunRef } from "../../packages/jobs/execution.ts";
import { cancelOf } from "../../packages/jobs/job.ts";
import { dollarsLeft, type JobRecord } from "../../packages/jobs/job-record.ts";
import type { CommandResult, Outcome } from "../../packages/jobs/outcome.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import type { Redactor } from "../../packages/secrets/redact.ts";
import type { JobStore } from "../../packages/store/jobs.ts";
import type { Lease } from "../../packages/store/runs.ts";
import { cloneWorkspace } from "../../packages/workspace/clone.ts";
import type { Walls } from "../../packages/workspace/walls/walls.ts";
import { runJobCommand } from "./job-command.ts";
import type { Log } from "./log.ts";
import { failedOutcome, outcomeOf } from "./outcome-of.ts";
import { settlePatch } from "./patch-of.ts";
import { conversationRounds, type Records } from "./records.ts";
import { restoreTree } from "./restore.ts";
import { createTree } from "./tree.ts";

export type WorkDeps = Pick<AgentDeps, "messages" | "pause"> & {
  jobs: JobStore;
  records: Records;
  walls: Walls;
  redactor: Redactor;
  /** Secrets of this process, which no patch may hold. */
  secrets: string[];
  remote: { url: string; token: string };
  folder: string;
  limits: { maxTurns: number; maxSeconds: number };
  now(): Date;
  log: Log;
};

/** How often a cancel is looked for while the model thinks or a command runs. */
const CANCEL_LOOK_MS = 5_000;

/**
 * One attempt of Work. Every ending is an outcome; what it throws (a lost lease apart) means that another attempt
 * should go on from the stored turns.
 */
export async function work(ref: RunRef, deps: WorkDeps, stop: AbortSignal): Promise<void> {
  const run = await deps.jobs.claimRun(ref);
  if (!run) return deps.log("nothing to do: this round's run has ended or another round is active");
  const lease = { ...ref, attempt: run.attempt };
  deps.log("claimed", { attempt: run.attempt });
  const outcome =
    (await deps.records.outcome(ref)) ?? (await deps.records.putOutcome(await attempt(lease, run, deps, stop)));
  await record(lease, outcome, deps);
  deps.log("recorded", { ending: outcome.ending, reason: outcome.reason?.code, turns: outcome.turns });
}

async function attempt(lease: Lease, run: RepoRun, deps: WorkDeps, stop: AbortSignal): Promise<Outcome> {
  const startedAt = deps.now();
  const job = await readJob(lease.jobId, deps);
  const facts = { ...lease, startedAt: startedAt.toISOString() };
  if (cancelOf(job.job, lease.repository, lease.round)) return failedOutcome(facts, run, job, "cancelled", deps.now());

  await using cancel = watchForCancel(lease, deps);
  const signal = AbortSignal.any([stop, cancel.signal]);
  await deps.jobs.updateRun(lease, { state: "cloning", activity: "cloning", sandbox: deps.walls.tier });
  const workspace = await cloneWorkspace({
    ...deps.remote,
    folder: join(deps.folder, "workspace"),
    commit: run.baseCommit!,
    walls: deps.walls,
    signal,
  });
  const tree = createTree(workspace);
  const guidance = await readGuidance(tree);
  const rounds = conversationRounds(job.rounds, lease.repository, lease.round);
  const earlierTurns = (await Promise.all(rounds.map((round) => deps.records.turnsOf({ ...lease, round })))).flat();
  await restoreTree(workspace, earlierTurns, run, deps.records);

  const { setupCommand, verifyCommand } = job.job.options;
  const setup = setupCommand && (await runSetup(setupCommand));
  const { ending, ...agentRun } = await runAgent(
    {
      messages: deps.messages,
      ...(deps.pause && { pause: deps.pause }),
      tree,
      now: deps.now,
      sleep: async (ms, aborted) => void (await wait(ms, undefined, aborted && { signal: aborted })),
      redact: deps.redactor.redact,
      saveTurn: async (turn) => {
        const snapshot = await tree.snapshotIfChanged();
        return deps.records.putTurn(
          snapshot ? { ...turn, snapshot: await deps.records.putSnapshot(turn, snapshot) } : turn,
        );
      },
      heartbeat: async (progress) => {
        cancel.signal.throwIfAborted();
        await deps.jobs.updateRun(lease, { ...progress, state: "working" });
      },
      dollarsLeft: async () => {
        const now = await readJob(lease.jobId, deps);
        if (cancelOf(now.job, lease.repository, lease.round)) throw new Cancelled();
        return dollarsLeft(now);
      },
      ...(verifyCommand && { verify: () => runVerify(verifyCommand) }),
    },
    {
      ...taskOf(job, run, lease, guidance, setup || undefined, deps.walls),
      attempt: lease.attempt,
      model: job.job.options.model,
      limits: deps.limits,
      earlierTurns,
      before: run.before,
      signal,
    },
  );
  deps.log("agent ended", { kind: ending.kind, turns: agentRun.totals.turns });

  const turns = await deps.records.turnsOf(lease);
  await deps.records.putConversation(lease, conversationOf(turns, { ...lease, model: agentRun.model, tree }));
  const patch = await settlePatch(lease, workspace, deps);
  return outcomeOf({ facts, run, ending, agentRun, patch, turns: turns.length, endedAt: deps.now() });

  async function runSetup(command: string): Promise<CommandResult> {
    await deps.jobs.updateRun(lease, { activity: "running the setup command" });
    return runJobCommand(workspace, { command, network: true, signal }, deps);
  }

  async function runVerify(command: string): Promise<CommandResult> {
    await deps.jobs.updateRun(lease, { state: "verifying", activity: "running the verify command" });
    const verification = await runJobCommand(workspace, { command, network: false, signal }, deps);
    tree.touched();
    await deps.jobs.updateRun(lease, { verification });
    return verification;
  }
}

function taskOf(
  { job, rounds }: JobRecord,
  run: RepoRun,
  { jobId, repository, round }: RunRef,
  guidance: Guidance[],
  setup: CommandResult | undefined,
  walls: Walls,
) {
  const { verifyCommand } = job.options;
  const followUp = rounds.find((one) => one.round === round)?.prompt;
  return {
    jobId,
    repository,
    round,
    baseCommit: run.baseCommit!,
    prompt: job.prompt,
    guidance,
    facts: [
      ...(setup
        ? [`The setup command \`${setup.command}\` ${endOf(setup)}. The end of its output:\n${setup.tail}`]
        : []),
      ...(verifyCommand && walls.tier !== "off" ? [`Your change will be verified with \`${verifyCommand}\`.`] : []),
    ],
    ...(followUp !== undefined && { followUp }),
  };
}

const endOf = ({ exitCode, timedOut }: CommandResult) =>
  timedOut ? "ran out of time" : exitCode === 0 ? "succeeded" : `failed with exit code ${exitCode ?? "none"}`;

/** The last write of Work; it may come from a later attempt than the outcome itself. */
async function record(lease: Lease, outcome: Outcome, { jobs }: WorkDeps) {
  await jobs.updateRun(lease, {
    state: "verifying",
    activity: undefined,
    ending: outcome.ending,
    reason: outcome.reason,
    verdict: outcome.verdict,
    patch: outcome.patch,
    patchOnly: outcome.patchOnly,
    verification: outcome.verification,
    scripted: outcome.scripted,
    turns: outcome.totals.turns,
    usage: outcome.totals.usage,
    spendUsd: outcome.totals.spendUsd,
  });
}

async function readJob(jobId: string, { jobs }: WorkDeps): Promise<JobRecord> {
  const record = await jobs.readJob(jobId);
  if (!record) throw new Error(`Job ${jobId} is not in the table.`);
  return record;
}

/** Looks at the row every few seconds, so that a cancel also ends a long thought or a long command. */
function watchForCancel(ref: RunRef, deps: WorkDeps) {
  const controller = new AbortController();
  const timer = setInterval(async () => {
    const record = await deps.jobs.readJob(ref.jobId).catch(() => undefined);
    if (record && cancelOf(record.job, ref.repository, ref.round)) controller.abort(new Cancelled());
  }, CANCEL_LOOK_MS);
  return { signal: controller.signal, [Symbol.asyncDispose]: async () => clearInterval(timer) };
}
