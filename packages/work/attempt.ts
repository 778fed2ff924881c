import { Cancelled } from "../agent/endings.ts";
import { readGuidance } from "../agent/guidance.ts";
import { runAgent } from "../agent/run-agent.ts";
import type { Conversation, Turn } from "../conversation/conversation.ts";
import { conversationOf } from "../conversation/entries.ts";
import { consentOf } from "../github/protected-paths.ts";
import { withRetries } from "../github/with-retries.ts";
import { cancelOf } from "../jobs/job.ts";
import { dollarsLeft, type JobRecord } from "../jobs/job-record.ts";
import type { Outcome } from "../jobs/outcome.ts";
import { beganAnewIn, type RepoRun } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { conversationRounds } from "../store/records.ts";
import type { Lease } from "../store/runs.ts";
import { keepTurn, restoreTree } from "./checkpoint.ts";
import { jobCommands } from "./commands.ts";
import { conversationBefore } from "./conversation-before.ts";
import { outcomeOf } from "./outcome-of.ts";
import { settlePatch } from "./patch-of.ts";
import { commandMs, lowerLimits, withInstructions } from "./settings.ts";
import { taskOf } from "./task.ts";
import type { WorkDeps } from "./work-deps.ts";

/** An outcome, and what it leaves for the transcript, as it is stored. */
type Attempted = { outcome: Outcome; conversation?: Conversation; turns?: readonly Turn[] };

/** What an attempt knows at its end, so that nothing is read again. */
export type Concluded = Attempted & { record?: JobRecord };

/** Clone, restore, set up, let the agent work and check, take the patch. What it throws is for another attempt. */
export async function attemptRun(
  lease: Lease & { startedAt: string },
  run: RepoRun,
  record: JobRecord,
  deps: WorkDeps,
  signal: AbortSignal,
): Promise<Attempted> {
  const { jobs, records, redactor, setupNetwork, clock, log } = deps;
  const sandbox = await deps.sandbox;
  const { model } = record.job.options;
  const settings = settingsOf(record.job, run);
  const [setupCommand, verifyCommand] = [settings.setup?.value, settings.check?.value];
  const hasSandbox = sandbox.mode !== "off";
  await jobs.updateRun(lease, { state: "cloning", activity: "cloning", sandbox: sandbox.mode });
  const chain = conversationRounds(record.rounds, lease.repository, lease.round, beganAnewIn(run));
  const [tree, earlier] = await Promise.all([clone(), conversationBefore(lease, chain, records)]);
  const guidance = await readGuidance(tree, redactor.redact);
  const { lags } = await restoreTree(tree, earlier.earlierTurns, run, records);

  const commands = jobCommands(lease, {
    tree,
    jobs,
    ...(setupNetwork && { setupNetwork }),
    signal,
    log,
    maxMs: commandMs(settings),
  });
  const setup = setupCommand === undefined ? undefined : await commands.setUp(setupCommand);
  const check = verifyCommand !== undefined && hasSandbox ? () => commands.check(verifyCommand) : undefined;

  const { ending, ...agentRun } = await runAgent(
    {
      messages: deps.messages,
      ...(deps.pauseOf && { pause: deps.pauseOf(model) }),
      tree,
      now: clock.now,
      sleep: clock.sleep,
      redact: redactor.redact,
      saveTurn: (turn) => keepTurn(turn, { tree, records }),
      heartbeat: async (progress) => {
        signal.throwIfAborted();
        await jobs.updateRun(lease, { ...progress, state: "working" });
      },
      dollarsLeft: async ({ spendUsd, lost }) => {
        const now = (await jobs.readBudget(lease.jobId))!;
        if (cancelOf(now.job, lease.repository, lease.round)) throw new Cancelled();
        return dollarsLeft(now, { repository: lease.repository, spendUsd, lost });
      },
      ...(check && { verify: check }),
    },
    {
      ...taskOf(record, run, lease, {
        chain,
        guidance: await withInstructions(guidance, settings, redactor.redact),
        setup,
        verifyCommand: hasSandbox ? verifyCommand : undefined,
      }),
      ...earlier,
      attempt: lease.attempt,
      model,
      limits: lowerLimits(deps.limits, settings),
      before: run.before,
      ...(run.lost && { lost: run.lost }),
      ...(lags && { treeLags: true }),
      signal,
    },
  );
  log("agent ended", { kind: ending.kind, turns: agentRun.totals.turns });

  const turns = await records.turnsOf(lease);
  const [patch, conversation] = await Promise.all([
    settlePatch(lease, { tree, consent: consentOf(record.job, run) }, deps),
    records.putConversation(lease, conversationOf(turns, { ...lease, model: agentRun.model, prefix: agentRun.prefix })),
  ]);
  // Without a sandbox the check does not run, and its result says why.
  const unverified =
    !hasSandbox && patch.kind === "stored" && verifyCommand !== undefined
      ? await tree.command({ command: verifyCommand, signal, maxMs: commandMs(settings) })
      : undefined;
  const outcome = outcomeOf({
    lease,
    ending,
    agentRun,
    patch,
    verification: unverified,
    setup: setup?.result,
    turns: turns.length,
    endedAt: clock.now(),
  });
  return { outcome, conversation, turns };

  function clone() {
    return withRetries("Cloning", () => deps.openTree(run.baseCommit!, signal, run.baseBranch), {
      signal,
      forMs: deps.deadlineMs,
      clock,
      onWait: (words) => log("clone failed, trying again", { words }),
    });
  }
}
