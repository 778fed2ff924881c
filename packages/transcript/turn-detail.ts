import { type Action, type ActionOf, callsWithAnswers, isCall, isResult, wordsOf } from "../conversation/calls.ts";
import type { ContentBlock } from "../conversation/conversation.ts";
import { isScripted } from "../conversation/scripted.ts";
import type { Usage } from "../jobs/usage.ts";
import { cacheShare, contextTokens, type TurnRecord, tookMs } from "./turn-record.ts";

export type SpokenPart = { kind: "text" | "thinking" | "other"; text: string };

export type CallDetail = {
  name: string;
  /** "edited pom.xml" */
  words: string;
  failed: boolean;
  /** The arguments, each as text; what is no string is JSON. */
  input: { name: string; value: string }[];
  /** Absent: the round ended before the call was answered. */
  result?: string;
};

/** Everything of one turn, in the order in which it happened. */
export type TurnDetail = {
  turn: number;
  attempt: number;
  requestedAt: string;
  tookMs: number;
  stopReason: string;
  model: string;
  scripted: boolean;
  usage: Usage;
  contextTokens: number;
  /** The part of what was sent that the cache held, 0 to 1. */
  cacheShare: number;
  /** null: no known price. */
  costUsd: number | null;
  /** What was said to the model before this turn: the task, or a note of the harness. */
  asked: SpokenPart[];
  said: SpokenPart[];
  calls: CallDetail[];
};

/** `show` prepares every text of outside for its reader: cleans and cuts it. */
export function turnDetail(
  record: TurnRecord,
  next: TurnRecord | undefined,
  show: (text: string) => string,
  actionOf: ActionOf,
): TurnDetail {
  const { turn, attempt, requestedAt, stopReason, model, usage, costUsd } = record;
  const said = (blocks: readonly ContentBlock[]) =>
    blocks.flatMap((block): SpokenPart[] => {
      const what = whatItSays(block);
      return what ? [{ ...what, text: show(what.text) }] : [];
    });
  return {
    turn,
    attempt,
    requestedAt,
    tookMs: tookMs(record),
    stopReason: show(stopReason),
    model: show(model),
    scripted: isScripted(model),
    usage,
    contextTokens: contextTokens(usage),
    cacheShare: cacheShare(usage),
    costUsd,
    asked: said(record.asked),
    said: said(record.answered),
    calls: callsWithAnswers(record, next).map((call) => ({
      name: show(call.name),
      ...wordsFor(actionOf(call), show),
      input: Object.entries(call.input).map(([name, value]) => ({
        name: show(name),
        value: show(typeof value === "string" ? value : JSON.stringify(value, undefined, 2)),
      })),
      ...(call.result && { result: show(call.result.text) }),
    })),
  };
}

/** An empty or redacted thinking block is for the API only; an unknown kind is shown as it is. */
function whatItSays(block: ContentBlock): SpokenPart | undefined {
  if (isCall(block) || isResult(block) || block.type.endsWith("thinking")) return wordsOf(block);
  return wordsOf(block) ?? { kind: "other", text: JSON.stringify(block, undefined, 2) };
}

const wordsFor = ({ words, failed }: Action, show: (text: string) => string) => ({ words: show(words), failed });
