import { createHash } from "node:crypto";
import { type AgentDeps, runAgent } from "../../packages/agent/run-agent.ts";
import { type Tree, TreeError } from "../../packages/agent/tree.ts";
import { pullRequestText } from "../../packages/github/pull-request-text.ts";
import { findOrOpenPullRequest } from "../../packages/github/pull-requests.ts";
import type { RunRef } from "../../packages/jobs/execution.ts";
import { branchName } from "../../packages/jobs/ids.ts";
import type { Outcome } from "../../packages/jobs/outcome.ts";
import { needsPullRequest } from "../../packages/jobs/repo-run.ts";
import type { Round } from "../../packages/jobs/round.ts";
import { moreOf } from "../../packages/jobs/usage.ts";
import type { Artifacts } from "../../packages/store/artifacts.ts";
import type { JobStore } from "../../packages/store/jobs.ts";
import { createRecords } from "../../packages/store/records.ts";
import { countLost } from "../../packages/work/count-lost.ts";
import { outcomeOf } from "../../packages/work/outcome-of.ts";
import type { createRepository } from "./explorer-github.ts";
import type { Schedule } from "./explorer-schedule.ts";

export type RunnerDeps = {
  schedule: Schedule;
  store: JobStore;
  artifacts: Artifacts;
  repository: ReturnType<typeof createRepository>;
  /** Called for every request that reached the model. */
  onAsked?(): void;
  /** Absent: the job's own date, which is the same in every round. */
  commitDate?(round: Round): string;
};

/** Objects in memory, put once. */
export function memoryArtifacts(schedule: Schedule): Artifacts {
  const objects = new Map<string, Uint8Array>();
  return {
    putOnce: (key, body) =>
      schedule.effect(async () => {
        if (objects.has(key)) return "exists";
        objects.set(key, Buffer.from(body));
        // The client asks again when the answer was lost, and then hears of its own first try.
        return schedule.happens(0.05) ? "exists" : "stored";
      }),
    read: (key) => schedule.effect(async () => objects.get(key)),
    async *list(prefix) {
      const keys = await schedule.effect(async () => [...objects.keys()].filter((key) => key.startsWith(prefix)));
      yield* keys.toSorted();
    },
    link: async (key) => key,
  } as Artifacts;
}

/** packages/work/work.ts without git: the same room calls in the same order. */
export async function work(ref: RunRef, deps: RunnerDeps): Promise<void> {
  const { store, artifacts } = deps;
  const records = createRecords(artifacts);
  const claimed = await store.claimRun(ref);
  if (!claimed) return;
  const lease = { ...ref, attempt: claimed.attempt };
  const run = await countLost(lease, claimed, { jobs: store, records, log: () => {} });
  const outcome = (await records.outcome(ref)) ?? (await records.putOutcome(await attempt()));
  const { ending, reason, verdict, patch, scripted, totals } = outcome;
  const shown = { state: "verifying", ending, reason, verdict, patch, scripted, asking: undefined } as const;
  await store.updateRun(lease, { ...shown, ...totals, lost: moreOf(run.lost, totals.lost) });

  async function attempt(): Promise<Outcome> {
    await store.updateRun(lease, { state: "cloning" });
    const earlierTurns = await records.turnsOf(ref);
    const snapshot = earlierTurns.findLast((turn) => turn.snapshot)?.snapshot;
    const files = new Map<string, string>(snapshot ? JSON.parse(text(await records.readPatch(snapshot))) : []);
    let changed = false;
    const tree = treeOf(files, () => {
      changed = true;
    });
    const { ending, ...agentRun } = await runAgent(
      {
        messages: model(deps),
        tree,
        now: () => new Date(),
        sleep: async () => {},
        jitter: () => 0,
        saveTurn: async (turn) => {
          if (!changed) return records.putTurn(turn);
          changed = false;
          return records.putTurn({ ...turn, snapshot: await records.putSnapshot(turn, bytes([...files])) });
        },
        heartbeat: async (progress) => void (await store.updateRun(lease, { ...progress, state: "working" })),
        dollarsLeft: async () => 5,
      },
      {
        ...lease,
        baseCommit: run.baseCommit!,
        prompt: "Write it.",
        model: "claude-sonnet-5-5",
        limits: { maxTurns: 30, maxSeconds: 3_600 },
        earlierTurns,
        before: run.before,
        ...(run.lost && { lost: run.lost }),
      },
    );
    const turns = await records.turnsOf(ref);
    const { key, patch } = await records.putPatch(ref, bytes([...files]));
    const facts = { key, bytes: patch.length, treeId: treeIdOf(patch), files: 1, additions: 1, deletions: 0 };
    const at = new Date();
    return outcomeOf({
      lease: { ...lease, startedAt: at.toISOString() },
      ending,
      agentRun,
      patch: { kind: "stored", facts },
      verification: undefined,
      turns: turns.length,
      endedAt: at,
    });
  }
}

/** packages/publish/publish-run.ts without git: the same room calls in the same order. */
export async function publish(ref: RunRef, { store, artifacts, repository, commitDate }: RunnerDeps): Promise<void> {
  const run = await store.claimRun(ref);
  if (!run) return;
  const lease = { ...ref, attempt: run.attempt };
  const { job, rounds } = (await store.readJob(ref.jobId))!;
  if (!needsPullRequest(run)) throw new Error("There is nothing to publish.");
  await store.updateRun(lease, { state: "publishing" });
  const patch = await createRecords(artifacts).readPatch(run.patch!.key);
  const refuse = (code: string, message: string) =>
    store.updateRun(lease, { state: "failed", reason: { code, message, nextStep: "" } });
  if (treeIdOf(patch) !== run.patch!.treeId)
    return void (await refuse("tree-mismatch", "The patch is not the one that Work recorded."));
  const date = commitDate?.(rounds.find(({ round }) => round === ref.round)!) ?? job.createdAt;
  const commit = repository.commitOf(run.baseCommit!, run.patch!.treeId, date);
  const branch = branchName(job.jobId, job.prompt);
  if ((await repository.push(branch, commit, run.pullRequest?.commit)) === "moved")
    return void (await refuse("branch-moved", "Somebody else's commit is there."));
  const published = await findOrOpenPullRequest(
    repository.octokit,
    {
      repository: ref.repository,
      branch,
      base: "main",
      ...pullRequestText({
        jobId: job.jobId,
        prompt: job.prompt,
        verdict: run.verdict!,
        baseCommit: run.baseCommit!,
        scripted: false,
        model: "m",
      }),
      marker: { jobId: job.jobId },
      ourLogin: "cody",
    },
    { sleep: async () => {} },
  );
  await store.updateRun(
    lease,
    published.ok ? { state: "published", pullRequest: published.pullRequest } : { state: "failed", ...published },
  );
}

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const text = (content: Uint8Array) => new TextDecoder().decode(content);
const treeIdOf = (patch: Uint8Array) => createHash("sha1").update(patch).digest("hex");

function treeOf(files: Map<string, string>, touched: () => void): Tree {
  const none = async () => {
    throw new Error("The scripted conversation does not use this.");
  };
  const status = async () => [...files.keys()].map((path) => `?? ${path}`).join("\n");
  return {
    list: async () => [],
    read: async (path) => {
      const content = files.get(path);
      if (content === undefined) throw new TreeError(`There is no ${path}.`, "missing");
      return Buffer.from(content);
    },
    search: none,
    status,
    diff: status,
    change: async (changes) => {
      touched();
      for (const change of changes) {
        if (change.kind !== "write") throw new Error("The scripted conversation writes files only.");
        files.set(change.path, text(change.bytes));
      }
      return { remarks: [], respelled: [], executable: [] };
    },
  };
}

/** Two files, then a verdict. No two answers are the same, so that whose answer counted can be told from the tree. */
function model({ schedule, onAsked }: RunnerDeps): AgentDeps["messages"] {
  const answerTo = (said: number) => {
    const id = `toolu_${crypto.randomUUID()}`;
    const write = { path: `file-${said}`, content: id };
    const report = {
      wereChangesNecessary: true,
      summary: "Written.",
      evidence: [],
      pullRequestTitle: "Write it",
      pullRequestBody: "As asked.",
    };
    const [name, input] = said < 2 ? ["write_file", write] : ["report_verdict", report];
    const usage = { input_tokens: 1_000, output_tokens: 100, cache_read_input_tokens: 0 };
    const content = [{ type: "tool_use", id, name, input }];
    return { id: `msg_${id}`, model: "claude-sonnet-5-5", stop_reason: "tool_use", content, usage };
  };
  const stream = ({ messages }: { messages: { role: string }[] }) => ({
    on() {},
    abort() {},
    finalMessage: () =>
      schedule.effect(async () => {
        onAsked?.();
        return answerTo(messages.filter(({ role }) => role === "assistant").length);
      }),
  });
  return { stream } as unknown as AgentDeps["messages"];
}
