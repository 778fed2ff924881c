import { isResult } from "../conversation/calls.ts";
import type { ContentBlock, Message, Note, Turn } from "../conversation/conversation.ts";

/** The whole conversation that a next request follows, in its stored form. */
export const messagesOf = (turns: readonly Turn[]): Message[] =>
  turns.flatMap(({ sent, received }) => [...sent, received]);

export const turnsOfRound = (turns: readonly Turn[], round: number) => turns.filter((turn) => turn.round === round);

export const callsOf = ({ received }: Turn) => received.content.filter(({ type }) => type === "tool_use");

/** The answers to the last turn's calls, in their order, where they are sent. */
export const resultsIn = (messages: readonly Message[]) => messages.flatMap(({ content }) => content).filter(isResult);

export function toolResult(call: ContentBlock, text: string, isError = false): ContentBlock {
  return { type: "tool_result", tool_use_id: call.id, content: text, ...(isError && { is_error: true }) };
}

export const text = (words: string): ContentBlock => ({ type: "text", text: words });

export const timesSaid = (turns: readonly Turn[], kind: Note["kind"]) =>
  turns.filter(({ notes }) => notes?.some((note) => note.kind === kind)).length;

/** The limit for which this turn was announced to be the last one. */
export const lastTurnFor = ({ notes }: Turn) => notes?.find(({ kind }) => kind === "last-turn")?.which;
