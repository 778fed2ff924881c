import type { RoundRef, RunRef } from "../../packages/jobs/execution.ts";
import { executionName } from "../../packages/jobs/ids.ts";
import { JobOptions } from "../../packages/jobs/job.ts";
import { nextRound } from "../../packages/jobs/offers.ts";
import type { Round } from "../../packages/jobs/round.ts";
import { isStale } from "../../packages/jobs/run-pull-request.ts";
import { type DecideInput, decide } from "../../packages/pipeline/decide.ts";
import { dispatch } from "../../packages/pipeline/dispatch.ts";
import { finish } from "../../packages/pipeline/finish.ts";
import { plan } from "../../packages/pipeline/plan.ts";
import { sweep } from "../../packages/pipeline/sweep.ts";
import type { BranchTree } from "../../packages/publish/branch-tree.ts";
import { publish } from "../../packages/publish/publish.ts";
import { createJobStore, type JobStore } from "../../packages/store/jobs.ts";
import { createRecords } from "../../packages/store/records.ts";
import { work } from "../../packages/work/work.ts";
import type { WorkTree } from "../../packages/work/work-tree.ts";
import { aNewJob } from "../builders.ts";
import { FOLLOW_UP, IMPOSSIBLE, memoryClaude, TAKE_BACK } from "./explorer-claude.ts";
import { BASE_COMMIT, memoryGit } from "./explorer-git.ts";
import { memoryGitHub } from "./explorer-github.ts";
import { type Chance, createSchedule } from "./explorer-schedule.ts";
import { memoryArtifacts, memoryDocuments } from "./explorer-store.ts";

const REPOSITORY = "acme/orders";
export const TASK_TRIES = 3;
const FUNCTION_TRIES = 4;
const SWEEPS = 5;

/** What a person does besides asking once. */
export type Story = {
  followsUp?: boolean;
  takesBack?: boolean;
  isBlocked?: boolean;
  cancelsAt?: number;
  byHand?: { at: number; how: "merged" | "closed" };
};

/** A rule of the protocol, broken on purpose. */
export type Broken = {
  store?(store: JobStore): JobStore;
  /** A later object takes the place of the first. */
  rewrites?: boolean;
  workTree?(tree: WorkTree): WorkTree;
  branchTree?(tree: BranchTree, round: Round): BranchTree;
  /** Publishes that die right behind their push. */
  pushesLost?: number;
  /** Errors after which a task exits 0. */
  leavesQuietly?(error: unknown): boolean;
};

type TaskFailed = { Error: string; Cause: string };

const same = <T>(value: T) => value;
const unchanged = { redact: async (text: string) => text, redactOwn: same, redactAll: async <T>(value: T) => value };
const quiet = () => {};

/**
 * One job through the pipeline, Work and Publish as they are, over a table, a bucket, git, GitHub and Claude in memory.
 * Each request to one of them may meet what `chance` decides.
 */
export async function oneJob(chance: Chance, story: Story = {}, broken: Broken = {}) {
  const schedule = createSchedule(chance);
  const { clock } = schedule;
  const plain = createJobStore({ documents: memoryDocuments(schedule), table: "cody", now: clock.now });
  const store = broken.store?.(plain) ?? plain;
  const artifacts = memoryArtifacts(schedule, { rewrites: broken.rewrites ?? false });
  const git = memoryGit(schedule);
  const github = memoryGitHub(REPOSITORY, { schedule, branches: git.branches });
  const claude = memoryClaude(schedule);
  /** Rounds in which a step failed as often as it is tried: they may fail. */
  const gaveUp = new Set<number>();
  /** Errors of tasks that no fault explains. */
  const unexplained: unknown[] = [];
  const executions = new Map<string, "running" | "ended">();
  let pushesLost = broken.pushesLost ?? 0;
  const options = {
    delivery: "open-pr",
    model: "claude-sonnet-5-5",
    setupCommand: "npm ci",
    verifyCommand: "npm test",
  };
  const job = aNewJob({ prompt: "Write it.", repositories: [REPOSITORY], options: JobOptions.parse(options) });
  const pipeline = {
    ...store,
    now: clock.now,
    inspect: () =>
      schedule.effect("inspect", () => ({
        ok: true as const,
        baseBranch: "main",
        baseCommit: BASE_COMMIT,
        pullRequests: Object.fromEntries(github.pulls.map((pull) => [pull.number, github.stateOf(pull)])),
      })),
    startExecution: (ref: RoundRef) => schedule.effect("start execution", () => start(ref)),
    executionStatus: async (ref: RoundRef) =>
      executions.get(executionName(ref.jobId, ref.round)) ?? ("absent" as const),
    report: (_: unknown, error: unknown) => {
      throw error;
    },
  };
  const record = async () => (await store.readJob(job.jobId))!;

  await store.insertJob(job);
  if (story.cancelsAt !== undefined)
    schedule.at(story.cancelsAt, () => store.requestCancel(job.jobId, "*", { by: "U1", round: 1 }));
  const { byHand } = story;
  if (byHand) schedule.at(byHand.at, async () => github.endByHand(byHand.how));
  // Delivered at least once, sometimes by two at a time.
  const inserted = { jobId: job.jobId, inserted: true, sequenceNumber: "1" };
  for (let i = 0; i < 2; i++) void tried("dispatch", 10, () => dispatch(pipeline, { ...inserted, row: "job" }));
  await settle();
  const rested = [await record()];
  if (rested[0]!.runs.some(({ state }) => state === "failed")) await another({ kind: "retry" });
  const isOpen = (await record()).runs.some(({ state }) => state === "published");
  if (story.followsUp && isOpen) await another({ kind: "refine", prompt: FOLLOW_UP });
  if (story.takesBack && isOpen) await another({ kind: "refine", prompt: TAKE_BACK });
  if (story.isBlocked && isOpen) await another({ kind: "refine", prompt: IMPOSSIBLE });
  if ((await record()).runs.some(isStale)) await another({ kind: "close" });
  await schedule.run({ zombies: true });
  return {
    end: await record(),
    rested,
    gaveUp,
    unexplained,
    git,
    github,
    asked: claude.asked(),
    artifacts,
    steps: schedule.steps(),
  };

  async function another(request: { kind: "retry" | "refine" | "close"; prompt?: string }) {
    const round = nextRound(await record(), { ...request, by: "U1", at: clock.now().toISOString() });
    await store.insertRound(round);
    void tried("dispatch", 10, () => dispatch(pipeline, { ...inserted, row: "round", round: round.round }));
    await settle();
    rested.push(await record());
  }

  /** One round to its end, and what a crash left of it by the sweeper. */
  async function settle() {
    for (let sweeps = 0; sweeps < SWEEPS; sweeps++) {
      await schedule.run({ zombies: chance.zombies === "beside" });
      const { rounds } = await record();
      if (rounds.length > 0 && rounds.every(({ finishedAt }) => finishedAt)) return;
      await sweep(pipeline);
    }
  }

  function start({ jobId, round }: RoundRef) {
    const name = executionName(jobId, round);
    if (!executions.has(name)) {
      executions.set(name, "running");
      void execution({ jobId, round }).finally(() => executions.set(name, "ended"));
    }
    return `arn:${name}`;
  }

  /** packages/pipeline/machine.ts as Step Functions goes through it: it never dies itself, what it calls does. */
  async function execution(ref: RoundRef): Promise<void> {
    try {
      await states(ref);
    } catch {
      gaveUp.add(ref.round);
    }
  }

  async function states(ref: RoundRef): Promise<void> {
    let planned: Awaited<ReturnType<typeof plan>> | undefined;
    await tried("plan", FUNCTION_TRIES, async () => {
      planned = await plan(pipeline, ref);
    });
    for (const { step, ...run } of planned!.runs) {
      if (step === "end") continue;
      const error = step === "work" ? await task("work", (stop) => worked(run, stop)) : undefined;
      const next = step === "work" ? await decided(run, { error }) : "publish";
      const publishError = next === "publish" ? await task("publish", () => published(run)) : undefined;
      if (publishError) await decided(run, { publishError });
      if (error || publishError) gaveUp.add(ref.round);
    }
    await tried("finish", FUNCTION_TRIES, () => finish(pipeline, ref));
  }

  /** A process knows what it has stored itself, and no more. */
  function shared() {
    return { jobs: store, records: createRecords(artifacts), redactor: unchanged, secrets: [], clock, log: quiet };
  }

  function worked(ref: RunRef, stop: AbortSignal) {
    const openTree = async () => {
      const tree = await git.openWorkTree();
      return broken.workTree?.(tree) ?? tree;
    };
    const limits = { maxTurns: 30, maxSeconds: 3_600 };
    const sandbox = { mode: "bubblewrap" as const };
    const drawPage = async () => "a page";
    const openGitHub = async () => github.octokit;
    return work(ref, { ...shared(), openGitHub, messages: claude.messages, openTree, sandbox, limits, drawPage }, stop);
  }

  async function published(ref: RunRef) {
    const openTree = async (commit: string) => {
      const tree = losingPushes(await git.openBranchTree(commit));
      if (!broken.branchTree) return tree;
      return broken.branchTree(tree, (await record()).rounds.find((one) => one.round === ref.round)!);
    };
    return publish(ref, { ...shared(), github: github.octokit, login: "cody", openTree });
  }

  function losingPushes(tree: BranchTree): BranchTree {
    if (pushesLost === 0) return tree;
    return {
      ...tree,
      async push(request) {
        await tree.push(request);
        pushesLost -= 1;
        throw new Error(DIES_ON_PURPOSE);
      },
    };
  }

  async function decided(run: RunRef, lost: { error?: TaskFailed | undefined; publishError?: TaskFailed }) {
    let next = "end";
    await tried("decide", FUNCTION_TRIES, async () => {
      ({ next } = await decide(pipeline, { ...run, ...lost } as DecideInput));
    });
    return next;
  }

  async function tried(name: string, tries: number, act: () => Promise<void>) {
    for (let left = tries; ; left--) {
      const seen = await schedule.spawn(name, act).seen;
      if (seen.how === "well") return;
      if (left === 1) throw new Error(`${name} failed ${tries} times`, { cause: seen });
    }
  }

  /** A task that is lost from sight is started again and goes on all the same; sometimes two are started at once. */
  async function task(name: string, act: (stop: AbortSignal) => Promise<void>): Promise<TaskFailed | undefined> {
    for (let tries = 0; tries < TASK_TRIES; tries++) {
      const { seen } = schedule.spawn(name, act, { stops: name === "work" });
      if (schedule.startedTwice(name)) schedule.spawn(`${name}, a second one`, act).zombie = true;
      const how = await seen;
      if (how.how === "failed" && !isExplained(how.error)) unexplained.push(how.error);
      if (how.how === "well" || (how.how === "failed" && broken.leavesQuietly?.(how.error))) return undefined;
    }
    return { Error: "States.TaskFailed", Cause: "{}" };
  }
}
/** Another attempt has the lease or the turn, or the task was told to stop, or it dies behind its push on purpose. */
const isExplained = (error: unknown) =>
  error instanceof Error &&
  (["LeaseLost", "TurnTaken"].includes(error.name) || ["SIGTERM", DIES_ON_PURPOSE].includes(error.message));

const DIES_ON_PURPOSE = "The task died behind its push.";

export type World = Awaited<ReturnType<typeof oneJob>>;
