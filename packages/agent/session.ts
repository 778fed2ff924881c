import type { ContentBlock, Note, Turn } from "../conversation/conversation.ts";
import { type Asking, totalsAfter } from "../jobs/usage.ts";
import { clip } from "../text/cut.ts";
import { andMore } from "../text/lists.ts";
import type { AgentInput } from "./agent-input.ts";
import type { AgentStep, ReplyDeps } from "./answer-to-turn.ts";
import type { Answer } from "./ask-once.ts";
import { imageTokens, storedImage } from "./attached.ts";
import { callsOf, text, timesSaid, toolResult, turnsOfRound } from "./history.ts";
import { contextAfter, type Standing, standingOf } from "./limits.ts";
import type { Model } from "./models.ts";
import { budgetNote, type HarnessNote, lastTurnNote } from "./notes.ts";
import { costOf, estimatedCost } from "./pricing.ts";
import { followUpText, GO_ON, taskText } from "./prompt.ts";
import type { Commands } from "./stuck.ts";
import { toolFor } from "./tools/earlier-tools.ts";
import { REPORT_VERDICT } from "./tools/report-verdict.ts";
import type { Tool } from "./tools/tool.ts";

export const totalsOf = (input: AgentInput, turns: readonly Turn[]) =>
  totalsAfter(input.before, turnsOfRound(turns, input.round));

/** The first content of this round: the task, or the follow-up behind whatever an earlier round left unanswered. */
export function opening(input: AgentInput, turns: readonly Turn[]): ContentBlock[] {
  const last = turns.at(-1);
  const images = (input.attached?.images ?? []).map(storedImage);
  if (!last) return [...images, text(taskText(input))];
  const pending = callsOf(last).map((call) => toolResult(call, "The round ended here."));
  if (input.followUp === undefined) return [...pending, text(GO_ON)];
  return [...pending, ...images, text(followUpText(input.followUp, input))];
}

/** At least; before the first answer, and for what is new, an estimate of four characters a token. */
export const nextPromptTokens = (turns: readonly Turn[], content: readonly ContentBlock[], prefixChars: number) =>
  contextAfter(turns.at(-1), prefixChars) + Math.ceil(JSON.stringify(content).length / 4) + imageTokens(content);

export function standingNow(
  input: AgentInput,
  model: Model,
  turns: readonly Turn[],
  now: { seconds: number; dollarsLeft: number; contextTokens: number },
): Standing {
  const round = turnsOfRound(turns, input.round);
  return standingOf(
    {
      turns: round.length,
      seconds: now.seconds,
      spentUsd: totalsAfter({ ...input.before, spendUsd: 0 }, round).spendUsd,
      dollarsLeft: now.dollarsLeft,
      contextTokens: now.contextTokens,
    },
    input.limits,
    model,
  );
}

export type Sending = {
  sent: Turn["sent"];
  notes: Note[];
  commands: Commands;
  check?: Turn["check"];
  guidance: readonly string[];
};

/** What is sent for a step: at most one user message, and behind it what the harness says, its standing included. */
export function sendingOf(
  {
    content,
    said,
    commands = {},
    check,
    guidance = [],
  }: Pick<Extract<AgentStep, { kind: "send" }>, "content" | "said" | "commands" | "check" | "guidance">,
  standing: Exclude<Standing, { kind: "over" }>,
  round: readonly Turn[],
): Sending {
  const all = [...said, ...saidOf(standing, content, round)];
  return {
    sent: [
      ...(content.length > 0 ? [{ role: "user" as const, content: [...content] }] : []),
      ...(all.length > 0 ? [{ role: "system" as const, content: all.map((one) => text(one.text)) }] : []),
    ],
    notes: all.map(({ note }) => note),
    commands,
    guidance,
    ...(check && { check }),
  };
}

function saidOf(standing: Standing, content: readonly ContentBlock[], round: readonly Turn[]): HarnessNote[] {
  if (standing.kind === "last") return [lastTurnNote(standing.which)];
  if (standing.kind === "over" || !standing.note || content.length === 0 || timesSaid(round, "budget") > 0) return [];
  return [budgetNote(standing.note.which, standing.note.share)];
}

/** The request that follows these turns, as the row names it while it is out. */
export const askingOf = (
  input: AgentInput,
  model: Model,
  turns: readonly Turn[],
  prompt: { tokens: number; maxTokens: number },
): Asking => ({
  turn: turnsOfRound(turns, input.round).length + 1,
  usd: estimatedCost(model, turns, prompt.tokens, prompt.maxTokens),
});

export function turnOf(
  input: AgentInput,
  turns: readonly Turn[],
  { sent, notes, commands, check, guidance }: Sending,
  answer: Answer,
): Turn {
  return {
    jobId: input.jobId,
    repository: input.repository,
    round: input.round,
    attempt: input.attempt,
    turn: turnsOfRound(turns, input.round).length + 1,
    sent,
    received: { role: "assistant", content: answer.content },
    stopReason: answer.stopReason,
    model: answer.model,
    messageId: answer.messageId,
    usage: answer.usage,
    costUsd: costOf(answer.model, answer.usage),
    requestedAt: answer.requestedAt.toISOString(),
    answeredAt: answer.answeredAt.toISOString(),
    ...(notes.length > 0 && { notes }),
    ...(Object.keys(commands).length > 0 && { commands }),
    ...(check && { check }),
    ...(guidance.length > 0 && { guidance: [...guidance] }),
  };
}

/** A few words for the card about what a turn's calls do now. */
export function activityOf(tools: Tool[], turn: Turn): string {
  const doing = callsOf(turn).flatMap((call) => {
    const { tool, input } = toolFor(call, tools);
    const parsed = tool?.schema.safeParse(input);
    return tool && parsed?.success ? [tool.doing(parsed.data)] : [];
  });
  return doing[0] ? `${clip(doing[0], 150)}${andMore(doing.length)}` : "thinking";
}

/** Whether a turn's calls may run for so long that the row should say so meanwhile; a check of the verdict does. */
export const mayTakeLong = (tools: readonly Tool[], turn: Turn, { verify }: Pick<ReplyDeps, "verify">): boolean =>
  callsOf(turn).some((call) => {
    const { tool } = toolFor(call, [...tools]);
    return tool?.mayTakeLong === true || (tool?.name === REPORT_VERDICT && verify !== undefined);
  });
