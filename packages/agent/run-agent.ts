import type { Turn } from "../conversation/conversation.ts";
import { isScripted } from "../conversation/scripted.ts";
import { because } from "../jobs/reasons.ts";
import { type Asking, type Totals, withLost } from "../jobs/usage.ts";
import type { AgentInput } from "./agent-input.ts";
import { type AgentStep, answerToTurn, type ReplyDeps } from "./answer-to-turn.ts";
import { type AskDeps, ask } from "./ask.ts";
import { openDialogue } from "./dialogue.ts";
import { type AgentEnding, type AgentRun, Cancelled, stoppedBy, TurnTaken } from "./endings.ts";
import { templateIn } from "./guidance.ts";
import { turnsOfRound } from "./history.ts";
import { modelOf, withEffort } from "./models.ts";
import { nestedGuidance } from "./nested-guidance.ts";
import { treeLagsNote } from "./notes.ts";
import { lastVerdict } from "./review-verdict.ts";
import {
  activityOf,
  askingOf,
  mayTakeLong,
  nextPromptTokens,
  opening,
  sendingOf,
  standingNow,
  totalsOf,
  turnOf,
} from "./session.ts";
import { createTools } from "./tools/create-tools.ts";
import { knowsConfirmation, knowsReplies } from "./tools/report-verdict.ts";

/**
 * For the row and the card: before each request, at every wait, and before calls that may take long. An attempt that
 * dies between a stored turn and the next write leaves totals that the stored turns set right. Totals count all rounds
 * and attempts of the repo run. `asking` stands on the row while a request is out: should this attempt die, the next
 * one finds it.
 */
export type Progress = Totals & { activity: string; asking: Asking | undefined; waitsUntil: string | undefined };

export type AgentDeps = AskDeps &
  ReplyDeps & {
    /** Put-if-absent, with the tree's snapshot added. "exists": stored by another attempt than the turn names. */
    saveTurn(turn: Turn): Promise<"stored" | "exists">;
    /** Throws Cancelled when a person wants the run to end, anything else when the lease is lost. */
    heartbeat(progress: Progress): Promise<void>;
    /**
     * US dollars left of the job's cost limit, over all its repositories; this run's own row may not know its last turn yet.
     */
    dollarsLeft(own: Totals): Promise<number>;
  };

const WAITING = "waiting for Claude";

/**
 * Check the limits, ask, record, run the tools, append, until there is an ending. The list of turns is the only state:
 * an attempt that finds the turns of a dead one goes on as that one would have.
 */
export async function runAgent(deps: AgentDeps, input: AgentInput): Promise<AgentRun> {
  const model = withEffort(modelOf(input.model), input.effort);
  const tools = createTools(deps.tree);
  const dialogue = openDialogue(model, input.earlierTurns, {
    tools,
    kept: input.keptPrefix,
    images: input.images,
    ...(input.threads && { knows: knowsReplies }),
  });
  const { prefix } = dialogue;
  const prefixChars = JSON.stringify(prefix).length;
  const template = templateIn(input.guidance ?? []);
  const turns = [...input.earlierTurns];
  const replying: ReplyDeps = {
    ...deps,
    ...(template && { template }),
    ...(input.reviewed !== undefined && { reviewed: input.reviewed }),
    mayConfirm: knowsConfirmation(prefix.tools),
    ...(input.threads && { threads: input.threads }),
    nested: nestedGuidance(deps, () => turns),
  };
  const round = () => turnsOfRound(turns, input.round);
  let { lost } = input;
  let asking: Asking | undefined;
  let activity = turns.length > 0 ? "going on" : "thinking";
  const totals = (): Totals => ({ ...totalsOf(input, turns), lost });
  const tell = (words = activity, next?: Asking) =>
    deps.heartbeat({ ...totals(), activity: words, asking: next, waitsUntil: undefined });
  const { signal } = input;
  const startedAt = deps.now().getTime();
  const waiting = {
    deadline: new Date(startedAt + input.limits.maxSeconds * 1_000),
    onWait: (until: Date) =>
      deps.heartbeat({ ...totals(), activity: WAITING, asking: undefined, waitsUntil: until.toISOString() }),
    onFailed: (begun: boolean) => {
      if (begun) lost = withLost(lost, asking);
      asking = undefined;
      return tell();
    },
    ...(signal && { signal }),
  };

  async function untilItEnds(): Promise<AgentEnding> {
    const goesOn = round().length > 0;
    if (goesOn) await tell();
    let step: AgentStep = goesOn
      ? await answerToTurn(replying, tools, round(), { ...(signal && { signal }) })
      : { kind: "send", content: opening(input, turns), said: [] };
    if (step.kind === "send" && input.treeLags) step = { ...step, said: [treeLagsNote, ...step.said] };
    while (step.kind === "send") {
      signal?.throwIfAborted();
      const seconds = (deps.now().getTime() - startedAt) / 1_000;
      const contextTokens = nextPromptTokens(turns, step.content, prefixChars);
      const standing = standingNow(input, model, turns, {
        seconds,
        contextTokens,
        dollarsLeft: await deps.dollarsLeft(totals()),
      });
      if (standing.kind === "over") return stoppedBy(standing.which);

      const sending = sendingOf(step, standing, round());
      const { maxTokens } = standing;
      const onAsk = async () => {
        const next = askingOf(input, model, turns, { tokens: contextTokens, maxTokens });
        await tell(activity, next);
        signal?.throwIfAborted();
        asking = next;
      };
      const request = { ...dialogue.request(turns, sending.sent), maxTokens };
      const asked = await ask(deps, request, { ...waiting, onAsk });
      if (asked.kind === "concede" && dialogue.concede(asked.to)) continue;
      if (asked.kind === "concede") return { kind: "failed", reason: asked.otherwise };
      if (asked.kind === "stopped") return { kind: "failed", reason: asked.reason };
      if (asked.kind === "context-full") return stoppedBy("context");
      if (asked.kind === "out-of-time") return { kind: "limit", which: "seconds", reason: because("rate-limited") };

      const turn = { ...turnOf(input, turns, sending, asked.answer), ...dialogue.toStore(turns) };
      if ((await deps.saveTurn(turn)) === "exists") throw new TurnTaken(turn);
      turns.push(turn);
      asking = undefined;
      activity = activityOf(tools, turn);
      if (mayTakeLong(tools, turn, deps)) await tell();
      const { refusal } = asked.answer;
      step = await answerToTurn(replying, tools, round(), { ...(refusal && { refusal }), ...(signal && { signal }) });
    }
    return step.ending;
  }

  const ending = await untilItEnds().catch((error: unknown): AgentEnding => {
    const cause = signal?.aborted ? signal.reason : error;
    if (cause instanceof Cancelled) {
      lost = withLost(lost, asking);
      return { kind: "cancelled" };
    }
    throw cause;
  });
  if (ending.kind === "limit") ending.verdict ??= lastVerdict(round(), tools);
  const answeredBy = turns.at(-1)?.model ?? model.id;
  return { ending, totals: totals(), prefix, model: answeredBy, scripted: isScripted(answeredBy) };
}
