import { z } from "zod";
import { type Conversation, Message, type Turn } from "../conversation/conversation.ts";
import { isNoThinking, withoutThinkingFrom } from "../conversation/kept-turns.ts";
import type { RunRef } from "../jobs/execution.ts";
import type { Redactor } from "../secrets/redact.ts";
import type { Records } from "../store/records.ts";
import { fitted } from "../store/redacted-rows.ts";
import { wellFormed } from "../text/well-formed.ts";
import type { Seal } from "./seal.ts";

/** What Claude must get back as it came. */
const Raw = z.object({ sent: z.array(Message), received: Message });

/**
 * Everything that a round leaves in the bucket passes the redactor here. Claude must get back what it said to the byte,
 * so a turn in which something was taken out carries its true messages along, sealed: Work alone can open them, and goes
 * on from them. Where it cannot, the thinking that is bound to them is left out. Patches and snapshots stay as they are.
 */
export function redactedRecords(records: Records, { redactAll }: Redactor, seal?: Seal): Records {
  const opened = (turns: readonly Turn[]): Turn[] => {
    const whole = turns.map((turn) => {
      const raw = turn.sealed === undefined ? undefined : seal?.open(turn.sealed);
      if (raw === undefined) return turn;
      const { sealed: _, ...facts } = turn;
      return { ...facts, ...Raw.parse(JSON.parse(raw)) };
    });
    const lost = whole.findIndex(({ sealed }) => sealed !== undefined);
    return lost === -1 ? whole : withoutThinkingFrom(whole, lost);
  };

  return {
    ...records,
    turnsOf: async (ref: RunRef) => opened(await records.turnsOf(ref)),
    earlierTurnsOf: async (ref: RunRef) => opened(await records.earlierTurnsOf(ref)),

    async putTurn(came) {
      const turn = sendable(came);
      const raw = { sent: turn.sent, received: turn.received };
      const shown = await redactAll(raw);
      if (shown === raw) return records.putTurn(turn);
      const sealed = seal?.close(JSON.stringify(raw));
      return records.putTurn({ ...turn, ...shown, sealed: sealed ?? "" });
    },

    putOutcome: async (outcome) => records.putOutcome(wellFormed(fitted(await redactAll(outcome)))),

    async putConversation(ref, conversation) {
      const shown = await redactAll(conversation);
      const kept = shown === conversation ? conversation : withRedactedFrom(conversation, shown);
      return records.putConversation(ref, wellFormed(kept));
    },
  };
}

/** Half of a character is kept nowhere. Thinking that holds one goes: Claude would not know it again without. */
const sendable = (turn: Turn): Turn => {
  const content = turn.received.content.filter((block) => isNoThinking(block) || wellFormed(block) === block);
  return wellFormed({ ...turn, received: { ...turn.received, content } });
};

/** Which turn is the first that Claude would not know again. */
function withRedactedFrom(raw: Conversation, shown: Conversation): Conversation {
  const first = raw.entries.findIndex(
    ({ content }, i) => JSON.stringify(content) !== JSON.stringify(shown.entries[i]!.content),
  );
  return first === -1 ? shown : { ...shown, redactedFrom: raw.entries[first]!.turn };
}
