import type { ContentBlock, Message, Turn } from "../jobs/conversation.ts";
import type { LimitName } from "./limits.ts";
import { LAST_TURN, lastTurnNote } from "./notes.ts";

/** The messages of a request that follows these turns. A refused turn may have no content; the API takes no empty message. */
export const messagesOf = (turns: readonly Turn[]): Message[] =>
  turns.flatMap(({ sent, received }) => [...sent, received]).filter(({ content }) => content.length > 0);

export const turnsOfRound = (turns: readonly Turn[], round: number) => turns.filter((turn) => turn.round === round);

export const callsOf = ({ received }: Turn) => received.content.filter(({ type }) => type === "tool_use");

export function toolResult(call: ContentBlock, text: string, isError = false): ContentBlock {
  return { type: "tool_result", tool_use_id: call.id, content: text, ...(isError && { is_error: true }) };
}

export const text = (words: string): ContentBlock => ({ type: "text", text: words });

/** What the harness and its tools said in a turn, as texts. */
export const saidIn = ({ sent }: Turn): string[] =>
  sent.flatMap(({ content }) => content).map((block) => String(block.type === "text" ? block.text : block.content));

export const wasSaid = (turns: readonly Turn[], phrase: string) =>
  turns.some((turn) => saidIn(turn).some((said) => said.includes(phrase)));

/** How many tool answers of these turns begin with this phrase. */
export const timesAnswered = (turns: readonly Turn[], phrase: string) =>
  turns.flatMap(saidIn).filter((said) => said.startsWith(phrase)).length;

/** The limit for which this turn was announced to be the last one. */
export function lastTurnFor(turn: Turn): LimitName | undefined {
  const limits: LimitName[] = ["turns", "dollars", "seconds", "context"];
  const said = saidIn(turn).filter((words) => words.includes(LAST_TURN));
  return limits.find((which) => said.some((words) => words.includes(lastTurnNote(which))));
}

/**
 * A note of the harness goes into the newest message: into its last tool answer, because loose text after tool
 * answers makes models stop early.
 */
export function withNote(content: readonly ContentBlock[], note: string): ContentBlock[] {
  const last = content.at(-1);
  return last?.type === "tool_result"
    ? content.with(-1, { ...last, content: `${last.content}\n\n[Note: ${note}]` })
    : [...content, text(note)];
}
