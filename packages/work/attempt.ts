import { type AgentEnding, Cancelled } from "../agent/endings.ts";
import { readGuidance } from "../agent/guidance.ts";
import { runAgent } from "../agent/run-agent.ts";
import type { Conversation, Turn } from "../conversation/conversation.ts";
import { conversationOf } from "../conversation/entries.ts";
import { consentOf } from "../github/protected-paths.ts";
import { withRetries } from "../github/with-retries.ts";
import { cancelOf } from "../jobs/job.ts";
import { dollarsLeft, type JobRecord } from "../jobs/job-record.ts";
import { wantedProgram } from "../jobs/missing-toolchains.ts";
import type { CommandResult, Outcome } from "../jobs/outcome.ts";
import { beganAnewIn, type RepoRun } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { conversationRounds } from "../store/records.ts";
import type { Lease } from "../store/runs.ts";
import { attachedOf } from "./attached.ts";
import { beforeAgent } from "./before-agent.ts";
import { keepTurn, restoreTree } from "./checkpoint.ts";
import { jobCommands } from "./commands.ts";
import { conversationBefore } from "./conversation-before.ts";
import { attachmentsOf, kindAbout, lastHeard } from "./earlier.ts";
import { surroundingFacts, topLevelFact } from "./first-facts.ts";
import { outcomeOf, outcomeWithoutAgent } from "./outcome-of.ts";
import { type SettledPatch, settlePatch } from "./patch-of.ts";
import type { PullRequestBrief } from "./pull-request-brief.ts";
import { readBrief } from "./read-brief.ts";
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
  const { model, effort = deps.effort } = record.job.options;
  const settings = settingsOf(record.job, run);
  const verifyCommand = settings.check?.value;
  const limits = lowerLimits(deps.limits, settings);
  const hasSandbox = sandbox.mode !== "off";
  const patience = { signal, forMs: deps.deadlineMs, clock };
  await jobs.updateRun(lease, {
    state: "cloning",
    activity: "cloning",
    runningCommand: undefined,
    sandbox: sandbox.mode,
  });
  const brief = run.looksAfter ? await briefOf() : undefined;
  if (brief?.kind === "stop")
    return { outcome: outcomeWithoutAgent(lease, run, [], { ending: "skipped", reason: brief.reason }, clock.now()) };
  if (brief) await jobs.updateRun(lease, brief.given);
  const answering = brief ? brief.given.answering : run.answering;
  const chain = conversationRounds(record.rounds, lease.repository, lease.round, beganAnewIn(run));
  const [tree, earlier] = await Promise.all([clone(), conversationBefore(lease, chain, records)]);
  const guidance = await readGuidance(tree, redactor.redact);
  const isFirstMessage = earlier.earlierTurns.length === 0;
  const heard = lastHeard(earlier.earlierTurns, lease.round);
  const came = await attachedOf(attachmentsOf(record, lease, chain, heard), records, redactor.redact);
  const wanted = settings.toolchains?.value ?? [];
  const tools = isFirstMessage && hasSandbox ? await toolchains() : [];
  const around = isFirstMessage ? await factsAround() : [];
  const reviewed = chain.length > 1 && run.patch ? await records.readPatch(run.patch.key) : undefined;
  const { lags } = await restoreTree(tree, earlier.earlierTurns, run, records);

  const commands = jobCommands(lease, {
    tree,
    jobs,
    ...(setupNetwork && { setupNetwork }),
    signal,
    log,
    maxMs: commandMs(settings),
    redactor,
    clock,
  });
  const prepared = await beforeAgent({ lease, run, record }, commands, {
    settings,
    tools,
    hasSandbox,
    isBeginning: chain.length <= 1 && isFirstMessage,
  });
  if ("stop" in prepared) return { outcome: outcomeWithoutAgent(lease, run, [], prepared.stop, clock.now()) };
  const { setup, baseline, weight, check } = prepared;

  const task = taskOf(record, run, lease, {
    chain,
    heard,
    guidance: await withInstructions(guidance, settings, redactor.redact),
    around,
    setup,
    baseline,
    verifyCommand: hasSandbox ? verifyCommand : undefined,
    weight,
  });

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
      ...(baseline && { baseline }),
      ...(weight === "pass-only" && { passOnly: true }),
    },
    {
      ...task,
      // What people asked for in a round that the model did not hear of goes first.
      ...(brief && { followUp: [...(task.followUp ? [task.followUp] : []), brief.followUp].join("\n\n") }),
      ...(answering?.round === lease.round && { threads: answering.threads }),
      ...earlier,
      attached: came.attached,
      attachedFacts: [...came.facts, ...(brief?.facts ?? [])],
      images: came.images,
      attempt: lease.attempt,
      model,
      ...(effort && { effort }),
      limits,
      before: run.before,
      ...(run.lost && { lost: run.lost }),
      ...(lags && { treeLags: true }),
      ...(reviewed && { reviewed: Buffer.from(reviewed).toString("utf8") }),
      signal,
    },
  );
  log("agent ended", { kind: ending.kind, turns: agentRun.totals.turns });

  const turns = await records.turnsOf(lease);
  const [patch, conversation] = await Promise.all([
    settlePatch(lease, { tree, consent: consentOf(record.job, run) }, deps),
    records.putConversation(lease, conversationOf(turns, { ...lease, model: agentRun.model, prefix: agentRun.prefix })),
  ]);
  const outcome = outcomeOf({
    lease,
    ending,
    agentRun,
    patch,
    verification: await resultOf(ending, patch),
    setup: setup?.result,
    turns: turns.length,
    endedAt: clock.now(),
  });
  return { outcome, conversation, turns };

  /** An attempt that goes on from turns of this round finds there what it was asked. */
  async function briefOf(): Promise<PullRequestBrief | undefined> {
    if (lease.attempt > 1 && (await records.turnsOf(lease)).length > 0) return undefined;
    return readBrief(kindAbout(record.rounds, run), run, { ...deps, redact: redactor.redact, patience });
  }

  /** Asked once, for the first message and for what the settings want. */
  function toolchains() {
    return deps.machine || wanted.length > 0 ? tree.toolchains(wanted.map((one) => wantedProgram(one).program)) : [];
  }

  /** What the first message says about the place; later ones find it there. */
  async function factsAround(): Promise<string[]> {
    const machine = deps.machine && { ...deps.machine, ...(hasSandbox && { tools }) };
    return [
      ...surroundingFacts({ machine, hasSandbox, limits, dollarsLeft: dollarsLeft(record) }),
      ...(await topLevelFact(tree)),
    ];
  }

  /**
   * The result on the change that is there: the agent has seen it, or a limit ended the conversation first, and checking costs
   * nothing. Without a sandbox the check does not run, and its result says why.
   */
  async function resultOf(ending: AgentEnding, patch: SettledPatch): Promise<CommandResult | undefined> {
    if (ending.kind === "verdict" && ending.verification) return ending.verification;
    const isStopped = ending.kind === "limit" || (ending.kind === "verdict" && !hasSandbox);
    if (patch.kind !== "stored" || verifyCommand === undefined || !isStopped) return undefined;
    if (weight === "nothing") return undefined;
    if (!check) return tree.command({ command: verifyCommand, signal, maxMs: commandMs(settings) });
    const last = turns.findLast((turn) => turn.check)?.check;
    return last?.treeId === patch.facts.treeId ? last.result : check();
  }

  function clone() {
    return withRetries("Cloning", () => deps.openTree(run.baseCommit!, signal, run.baseBranch), {
      ...patience,
      onWait: (words) => log("clone failed, trying again", { words }),
    });
  }
}
