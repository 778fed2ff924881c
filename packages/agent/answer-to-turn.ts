import type { ContentBlock, Turn } from "../conversation/conversation.ts";
import { because } from "../jobs/reasons.ts";
import { type AgentEnding, stoppedBy } from "./endings.ts";
import { callsOf, lastTurnFor, timesSaid, toolResult } from "./history.ts";
import type { NestedGuidance, Touch } from "./nested-guidance.ts";
import { CUT_OFF_CALL, cutOffNudge, type HarnessNote, noVerdictNudge } from "./notes.ts";
import type { Redact } from "./redact.ts";
import { type ReviewDeps, reviewVerdict } from "./review-verdict.ts";
import { runCall } from "./run-call.ts";
import { shownTree } from "./shown-tree.ts";
import { type Commands, stuckness } from "./stuck.ts";
import { toolFor } from "./tools/earlier-tools.ts";
import { REPORT_VERDICT } from "./tools/report-verdict.ts";
import { commandEnd } from "./tools/run-command.ts";
import type { Tool, ToolResult } from "./tools/tool.ts";
import type { Tree } from "./tree.ts";

/**
 * What follows a turn: content for the next user message and what the harness adds of its own (neither: the API goes
 * on by itself), or the end.
 */
export type AgentStep =
  | {
      kind: "send";
      content: ContentBlock[];
      said: HarnessNote[];
      commands?: Commands;
      check?: Turn["check"];
      /** Files of guidance that `content` shows. */
      guidance?: string[];
    }
  | { kind: "end"; ending: AgentEnding };

export type ReplyDeps = ReviewDeps & { redact?: Redact; nested?: NestedGuidance; threads?: readonly string[] };

export type Refusal = { category: string | null; explanation: string | null };

const MAX_CUT_OFF_IN_A_ROW = 3;
const MAX_PAUSES_IN_A_ROW = 5;

/**
 * Answers the last of a round's turns. Its calls run here and nowhere else: after a crash the same turn is answered
 * again, on the tree as it was when the turn arrived, and so gives the same next message.
 */
export async function answerToTurn(
  deps: ReplyDeps,
  tools: Tool[],
  round: readonly Turn[],
  options: { refusal?: Refusal; signal?: AbortSignal } = {},
): Promise<AgentStep> {
  const turn = round.at(-1)!;
  const calls = callsOf(turn);
  switch (turn.stopReason) {
    case "max_tokens":
      return cutOff(round);
    case "refusal": {
      const { category = null, explanation = null } = options.refusal ?? {};
      return end({ kind: "refused", category, reason: because("refused", category, explanation) });
    }
    case "model_context_window_exceeded":
      return end(stoppedBy("context"));
    case "pause_turn":
      if (inARow(round, "pause_turn") >= MAX_PAUSES_IN_A_ROW) return end({ kind: "failed", reason: because("paused") });
      return calls.length > 0 ? await runCalls(deps, tools, round, options.signal) : send([]);
    default:
      // Whatever the reason is called: a complete answer with calls waits for theirs.
      return calls.length > 0 ? await runCalls(deps, tools, round, options.signal) : nudge(turn);
  }
}

async function runCalls(
  deps: ReplyDeps,
  tools: Tool[],
  round: readonly Turn[],
  signal?: AbortSignal,
): Promise<AgentStep> {
  const turn = round.at(-1)!;
  const limit = lastTurnFor(turn);
  const showing = deps.redact ? { ...deps, tree: shownTree(deps.tree, deps.redact) } : deps;
  const { threads } = deps;
  const context = { tree: showing.tree, ...(threads && { threads }), ...(signal && { signal }) };
  const results: ContentBlock[] = [];
  const commands: Commands = {};
  const said: HarnessNote[] = [];
  const guidance: string[] = [];
  let check: Turn["check"];
  /** An answer as it is sent: without secrets, and with what the repository says about the folders that the call was in. */
  const answerOf = async (answer: string, touched: Parameters<NestedGuidance>[0]) => {
    const nested = await deps.nested?.(touched, guidance);
    guidance.push(...(nested?.paths ?? []));
    return [await redacted(deps, answer), ...(nested?.text ? [nested.text] : [])].join("\n\n");
  };
  for (const call of callsOf(turn)) {
    signal?.throwIfAborted();
    const { tool, input } = toolFor(call, tools);
    if (tool?.name === REPORT_VERDICT) {
      const review = await reviewVerdict(showing, tool, input, round, limit !== undefined, context);
      if (review.kind === "accepted") {
        const { kind: _, ...accepted } = review;
        return end(limit ? stoppedBy(limit, accepted.verdict) : { kind: "verdict", ...accepted });
      }
      const isReview = review.said?.note.kind === "review";
      const shown = await answerOf(review.text, isReview ? () => changesIn(deps.tree) : []);
      results.push(toolResult(call, shown, review.isError));
      if (review.said) said.push(review.said);
      if (review.check) {
        check = review.check;
        commands[String(call.id)] = commandEnd(check.result, check.result.notRun !== undefined);
      }
    } else if (limit === undefined) {
      const touched: Touch[] = [];
      const onTouch = (touch: Touch) => void touched.push(touch);
      const {
        text: answer,
        isError,
        command,
      }: ToolResult = tool ? await runCall({ ...deps, onTouch }, tool, input, signal) : noSuchTool(call, tools);
      results.push(toolResult(call, await answerOf(answer, touched), isError));
      if (command) commands[String(call.id)] = command;
    }
  }
  if (limit) return end(stoppedBy(limit));
  const stuck = stuckness(round, { results, commands });
  if (stuck.kind === "stop") return end(stoppedBy("stuck"));
  if (stuck.kind === "nudge") said.push(stuck.nudge);
  return { kind: "send", content: results, said, commands, guidance, ...(check && { check }) };
}

const changesIn = async (tree: Tree) => (await tree.changedPaths()).map((path) => ({ path, isRead: false }));

const noSuchTool = ({ name }: ContentBlock, tools: readonly Tool[]) => ({
  text: `There is no tool ${name} here. Use one of: ${tools.map((tool) => tool.name).join(", ")}.`,
  isError: true,
});

/** The model ended its turn without a verdict: it is reminded once. */
function nudge(turn: Turn): AgentStep {
  const limit = lastTurnFor(turn);
  if (limit) return end(stoppedBy(limit));
  if (timesSaid([turn], "no-verdict") > 0) return end({ kind: "failed", reason: because("no-verdict") });
  return send([], noVerdictNudge);
}

/** Cut-off input has keys silently missing, so nothing of such a turn ever runs. */
function cutOff(round: readonly Turn[]): AgentStep {
  const turn = round.at(-1)!;
  const limit = lastTurnFor(turn);
  if (limit) return end(stoppedBy(limit));
  if (inARow(round, "max_tokens") >= MAX_CUT_OFF_IN_A_ROW) return end({ kind: "failed", reason: because("cut-off") });
  return send(
    callsOf(turn).map((call) => toolResult(call, CUT_OFF_CALL, true)),
    cutOffNudge,
  );
}

const send = (content: ContentBlock[], ...said: HarnessNote[]): AgentStep => ({ kind: "send", content, said });

const inARow = (round: readonly Turn[], stopReason: string) =>
  round.length - 1 - round.findLastIndex((turn) => turn.stopReason !== stopReason);

const redacted = async (deps: ReplyDeps, words: string) =>
  (deps.redact ? await deps.redact(words) : words) || "(nothing)";

const end = (ending: AgentEnding): AgentStep => ({ kind: "end", ending });
