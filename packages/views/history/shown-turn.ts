import type { ContentBlock, Conversation, Turn } from "../../conversation/conversation.ts";
import type { Usage } from "../../jobs/usage.ts";

/** A turn as readers see it, from its own object or from a stored conversation. */
export type ShownTurn = {
  turn: number;
  requestedAt: string;
  answeredAt: string;
  /** What was told to the model since its last answer: the task, answers of tools, notes. */
  asked: ContentBlock[];
  answered: ContentBlock[];
  usage?: Usage | undefined;
  /** Only from the turn's own object. */
  more?: { attempt: number; model: string; stopReason: string; costUsd: number | null };
};

export const shownTurn = (turn: Turn): ShownTurn => ({
  turn: turn.turn,
  requestedAt: turn.requestedAt,
  answeredAt: turn.answeredAt,
  asked: turn.sent.flatMap(({ content }) => content),
  answered: turn.received.content,
  usage: turn.usage,
  more: { attempt: turn.attempt, model: turn.model, stopReason: turn.stopReason, costUsd: turn.costUsd },
});

/** For turns whose own objects have gone. */
export function turnsOfConversation({ entries }: Conversation): ShownTurn[] {
  const turns = new Map<number, ShownTurn>();
  for (const { turn, role, timestamp, content, usage } of entries) {
    const known = turns.get(turn) ?? { turn, requestedAt: timestamp, answeredAt: timestamp, asked: [], answered: [] };
    const isAnswer = role === "assistant";
    turns.set(turn, {
      ...known,
      ...(isAnswer && { answeredAt: timestamp, answered: [...known.answered, content] }),
      ...(!isAnswer && { asked: [...known.asked, content] }),
      ...(usage && { usage }),
    });
  }
  return [...turns.values()].toSorted((a, b) => a.turn - b.turn);
}

export const textOf = (block: ContentBlock): string => {
  if (block.type === "text") return String(block.text ?? "");
  if (block.type === "thinking") return String(block.thinking ?? "");
  return "";
};

/** A tool's answer: a text, or blocks of which the texts count. */
export const resultText = ({ content }: ContentBlock): string =>
  Array.isArray(content)
    ? content
        .map((part: ContentBlock) => (part.type === "text" ? String(part.text ?? "") : `[${part.type}]`))
        .join("\n")
    : String(content ?? "");

/** A turn's calls with what came back, which stands in the next turn. */
export function callsWithResults(turn: ShownTurn, next: ShownTurn | undefined) {
  return turn.answered
    .filter(({ type }) => type === "tool_use")
    .map((call) => ({ call, result: next?.asked.find((block) => block.tool_use_id === call.id) }));
}
