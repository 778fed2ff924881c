import type { Usage } from "../jobs/usage.ts";
import type { ContentBlock, Conversation, Turn } from "./conversation.ts";

/** A turn as readers see it: one request and its answer. */
export type Exchange = {
  turn: number;
  requestedAt: string;
  answeredAt: string;
  /** What was told to the model since its last answer: the task, answers of tools, notes. */
  asked: ContentBlock[];
  answered: ContentBlock[];
  /** How the commands ended whose answers were sent, by the id of their call. */
  commands: NonNullable<Turn["commands"]>;
  usage?: Usage | undefined;
  /** Only from the turn's own object. */
  facts?: Pick<Turn, "attempt" | "model" | "stopReason" | "costUsd">;
};

/** From a turn's own object, which knows more. */
export const exchangeOf = (turn: Turn): Exchange => ({
  turn: turn.turn,
  requestedAt: turn.requestedAt,
  answeredAt: turn.answeredAt,
  asked: turn.sent.flatMap(({ content }) => content),
  answered: turn.received.content,
  commands: turn.commands ?? {},
  usage: turn.usage,
  facts: { attempt: turn.attempt, model: turn.model, stopReason: turn.stopReason, costUsd: turn.costUsd },
});

/** The turns of a stored conversation, in their order. */
export function exchangesOf({ entries }: Pick<Conversation, "entries">): Exchange[] {
  const turns = new Map<number, Exchange>();
  for (const { turn, role, timestamp, content, usage, command } of entries) {
    const known = turns.get(turn) ?? {
      ...{ turn, requestedAt: timestamp, answeredAt: timestamp },
      ...{ asked: [], answered: [], commands: {} },
    };
    turns.set(turn, known);
    if (role === "assistant") {
      known.answeredAt = timestamp;
      known.answered.push(content);
    } else known.asked.push(content);
    if (command) known.commands[String(content.tool_use_id)] = command;
    if (usage) known.usage = usage;
  }
  return [...turns.values()].toSorted((a, b) => a.turn - b.turn);
}
