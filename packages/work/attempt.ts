import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Cancelled } from "../agent/endings.ts";
import { type Guidance, readGuidance } from "../agent/guidance.ts";
import { runAgent } from "../agent/run-agent.ts";
import type { Conversation, Turn } from "../conversation/conversation.ts";
import { conversationOf } from "../conversation/entries.ts";
import { patiently } from "../github/patiently.ts";
import { cancelOf, type Job } from "../jobs/job.ts";
import { dollarsLeft, type JobRecord } from "../jobs/job-record.ts";
import type { CommandResult, Outcome } from "../jobs/outcome.ts";
import { beganAnewIn, type CountedRun, type RepoRun } from "../jobs/repo-run.ts";
import { conversationRounds } from "../store/records.ts";
import type { Lease } from "../store/runs.ts";
import { someListed } from "../text/lists.ts";
import { cloneWorkspace } from "../workspace/clone.ts";
import { shown } from "../workspace/paths.ts";
import { keepTurn, restoreTree } from "./checkpoint.ts";
import { promptOf } from "./earlier.ts";
import { runJobCommand } from "./job-command.ts";
import { outcomeOf } from "./outcome-of.ts";
import { settlePatch } from "./patch-of.ts";
import { createTree } from "./tree.ts";
import type { WorkDeps } from "./work-deps.ts";

/** An outcome, and what it leaves for the transcript, as it is stored. */
type Attempted = { outcome: Outcome; conversation?: Conversation; turns?: readonly Turn[] };

/** What an attempt knows at its end, so that nothing is read again. */
export type Concluded = Attempted & { record?: JobRecord };

/** What attempts before this one stored of this round. The first attempt need not look. */
const turnsSoFar = async (lease: Lease, records: WorkDeps["records"]) =>
  lease.attempt === 1 ? [] : records.turnsOf(lease);

/** Clone, restore, set up, let the agent work (and verify), take the patch: what it throws is for another attempt. */
export async function attemptRun(
  lease: Lease & { startedAt: string },
  run: RepoRun,
  record: JobRecord,
  deps: WorkDeps,
  signal: AbortSignal,
): Promise<Attempted> {
  const { jobs, records, log } = deps;
  const sandbox = await deps.sandbox;
  const { setupCommand, verifyCommand, model } = record.job.options;
  await jobs.updateRun(lease, { state: "cloning", activity: "cloning", sandbox: sandbox.mode });
  const folder = join(deps.folder, "workspace");
  const rounds = conversationRounds(record.rounds, lease.repository, lease.round, beganAnewIn(run));
  const [workspace, turnsByRound] = await Promise.all([
    patiently("Cloning", () => cloneWorkspace({ ...deps.remote, folder, commit: run.baseCommit!, sandbox, signal }), {
      signal,
      forMs: deps.patienceMs,
      onWait: (words) => log("clone failed, trying again", { words }),
    }),
    Promise.all(
      rounds.map((round) =>
        round === lease.round ? turnsSoFar(lease, records) : records.earlierTurnsOf({ ...lease, round }),
      ),
    ),
  ]);
  const earlierTurns = turnsByRound.flat();
  const begun = earlierTurns[0];
  const keptPrefix = begun && !begun.prefix ? await records.keptPrefix({ ...lease, round: begun.round }) : undefined;
  const tree = createTree(workspace, { asCloned: earlierTurns.length === 0 });
  const guidance = await readGuidance(tree, deps.redactor.redact);
  await restoreTree(workspace, earlierTurns, run, records);

  const setup = setupCommand === undefined ? undefined : await setUp(setupCommand);
  const { ending, ...agentRun } = await runAgent(
    {
      messages: deps.messages,
      ...(deps.pauseOf && { pause: deps.pauseOf(model) }),
      tree,
      now: deps.now,
      sleep: async (ms, aborted) => void (await wait(ms, undefined, aborted && { signal: aborted })),
      redact: deps.redactor.redact,
      saveTurn: (turn) => keepTurn(turn, { workspace, tree, records }),
      heartbeat: async (progress) => {
        signal.throwIfAborted();
        await jobs.updateRun(lease, { ...progress, state: "working" });
      },
      dollarsLeft: async ({ spendUsd, lost }) => {
        const now = (await jobs.readBudget(lease.jobId))!;
        if (cancelOf(now.job, lease.repository, lease.round)) throw new Cancelled();
        const own = (one: CountedRun) => (one.repository === lease.repository ? { ...one, spendUsd, lost } : one);
        return dollarsLeft({ ...now, runs: now.runs.map(own) });
      },
      ...(verifyCommand !== undefined && sandbox.mode !== "off" && { verify: () => verify(verifyCommand) }),
    },
    {
      ...taskOf(
        record,
        run,
        lease,
        rounds,
        guidance,
        factsOf(record.job, setup, sandbox.mode === "off" ? undefined : verifyCommand),
      ),
      attempt: lease.attempt,
      model,
      limits: deps.limits,
      earlierTurns,
      ...(keptPrefix && { keptPrefix }),
      before: run.before,
      ...(run.lost && { lost: run.lost }),
      signal,
    },
  );
  log("agent ended", { kind: ending.kind, turns: agentRun.totals.turns });

  const turns = await records.turnsOf(lease);
  const [patch, conversation] = await Promise.all([
    settlePatch(lease, { workspace, tree, consent: record.job.options }, deps),
    records.putConversation(lease, conversationOf(turns, { ...lease, model: agentRun.model, prefix: agentRun.prefix })),
  ]);
  const unverified =
    sandbox.mode === "off" && patch.kind === "stored" && verifyCommand !== undefined
      ? await command(verifyCommand)
      : undefined;
  const outcome = outcomeOf({
    lease,
    ending,
    agentRun,
    patch,
    verification: unverified,
    setup: setup?.result,
    turns: turns.length,
    endedAt: deps.now(),
  });
  return { outcome, conversation, turns };

  async function setUp(line: string): Promise<SetUp> {
    await jobs.updateRun(lease, { activity: "running the setup command" });
    const { result, putBack } = await tree.setUp(() => command(line, true));
    await jobs.updateRun(lease, { setup: result });
    log("set up", { exitCode: result.exitCode, durationMs: result.durationMs, putBack: putBack.length });
    return { result, putBack };
  }

  async function verify(line: string): Promise<CommandResult> {
    await jobs.updateRun(lease, { state: "verifying", activity: "running the verify command" });
    const verification = await tree.checked(() => command(line));
    await jobs.updateRun(lease, { verification });
    return verification;
  }

  function command(line: string, network = false) {
    return runJobCommand(workspace, { command: line, network, signal }, deps);
  }
}

type SetUp = { result: CommandResult; putBack: string[] };

function taskOf(
  record: JobRecord,
  run: RepoRun,
  { jobId, repository, round }: Lease,
  chain: readonly number[],
  guidance: Guidance[],
  facts: string[],
) {
  const isFirstOfChain = chain[0] === round;
  const followUp = isFirstOfChain ? undefined : record.rounds.find((one) => one.round === round)?.prompt;
  return {
    jobId,
    repository,
    round,
    baseCommit: run.baseCommit!,
    prompt: promptOf(record, run, chain),
    guidance,
    facts,
    ...(followUp !== undefined && { followUp }),
  };
}

/** What the first message says about this run, besides the task. */
const factsOf = ({ options }: Job, setup: SetUp | undefined, verifyCommand: string | undefined) => [
  options.mayChangeCi
    ? "The requester lets you change CI workflows and what else runs by itself (hooks, settings of editors and agents), where the task needs it; the pull request will be a draft that names those files."
    : "You may not publish changes of CI workflows, CODEOWNERS, .gitattributes, hooks, or settings and guidance of editors and agents: a change that touches one becomes a patch for a person and no pull request. If the task needs one, say so in the report.",
  ...(setup ? setupFacts(setup) : []),
  ...(verifyCommand === undefined ? [] : [`Your change will be verified with \`${verifyCommand}\`.`]),
];

const MAX_NAMED = 20;

function setupFacts({ result, putBack }: SetUp): string[] {
  const named = someListed(putBack.map(shown), MAX_NAMED);
  return [
    `The setup command \`${result.command}\` ${endOf(result)}. The end of its output:\n${result.tail}`,
    ...(putBack.length > 0 ? [`Tracked files that it changed were put back as they were: ${named}.`] : []),
    "What setup made anew is environment and no part of your change, except for files that you write with a tool.",
  ];
}

const endOf = ({ exitCode, timedOut, notRun }: CommandResult) =>
  notRun !== undefined
    ? `could not run (${notRun})`
    : timedOut
      ? "ran out of time"
      : exitCode === 0
        ? "succeeded"
        : `failed with exit code ${exitCode ?? "none"}`;
