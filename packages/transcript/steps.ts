import { type Action, type ActionOf, callsWithAnswers, isCall, isResult, wordsOf } from "../conversation/calls.ts";
import { isScripted } from "../conversation/scripted.ts";
import { type TurnRecord, tookMs } from "./turn-record.ts";

/** One line of the story: some turns, why, and what was done in them. */
export type StoryStep = {
  firstTurn: number;
  lastTurn: number;
  at: string;
  tookMs: number;
  /** null: no known price. */
  costUsd: number | null;
  /** The model's own words before it acted. */
  why: string;
  scripted: boolean;
  actions: Action[];
  /** Neither words nor actions: how the answer ended instead. */
  otherwise?: string;
};

const OTHERWISE = new Map([
  ["max_tokens", "The answer was cut off at the output limit."],
  ["refusal", "The model refused to go on."],
  ["pause_turn", "The model paused and was asked to go on."],
  ["model_context_window_exceeded", "The context window was full."],
]);

/**
 * The story of some turns. `next` is the record behind the last one: it holds the answers to its calls. Turns that
 * only look, without a word, are told together with the step before them.
 */
export function stepsOf(records: readonly TurnRecord[], actionOf: ActionOf, next?: TurnRecord): StoryStep[] {
  const steps: StoryStep[] = [];
  for (const [i, record] of records.entries()) {
    const step = stepOf(record, records[i + 1] ?? next, actionOf);
    const last = steps.at(-1);
    if (last && step.why === "" && last.scripted === step.scripted && onlyLooks(step) && onlyLooks(last))
      steps[steps.length - 1] = together(last, step);
    else steps.push(step);
  }
  return steps;
}

function stepOf(record: TurnRecord, next: TurnRecord | undefined, actionOf: ActionOf): StoryStep {
  const actions = callsWithAnswers(record, next).map(actionOf);
  const otherwise = OTHERWISE.get(record.stopReason);
  return {
    firstTurn: record.turn,
    lastTurn: record.turn,
    at: record.answeredAt,
    tookMs: tookMs(record),
    costUsd: record.costUsd,
    why: whyOf(record),
    scripted: isScripted(record.model),
    actions,
    ...(otherwise && { otherwise }),
  };
}

/** What it said; without that, what it was thinking. */
function whyOf({ answered }: TurnRecord): string {
  const words = answered.filter((block) => !isCall(block) && !isResult(block)).flatMap((block) => wordsOf(block) ?? []);
  const said = words.filter(({ kind }) => kind === "text");
  return (said.length > 0 ? said : words)
    .map(({ text }) => text.trim())
    .filter((text) => text !== "")
    .join("\n\n");
}

const onlyLooks = ({ actions, otherwise }: StoryStep) =>
  !otherwise && actions.length > 0 && actions.every(({ kind }) => kind === "looked");

const together = (a: StoryStep, b: StoryStep): StoryStep => ({
  ...a,
  lastTurn: b.lastTurn,
  tookMs: a.tookMs + b.tookMs,
  costUsd: a.costUsd === null || b.costUsd === null ? null : a.costUsd + b.costUsd,
  actions: [...a.actions, ...b.actions],
});
