import type { Concession, Message, Prefix, Turn } from "../conversation/conversation.ts";
import type { Images } from "./attached.ts";
import { messagesOf } from "./history.ts";
import type { Model } from "./models.ts";
import { SYSTEM } from "./prompt.ts";
import { toApi } from "./to-api.ts";
import { type Tool, toApiTool } from "./tools/tool.ts";

/**
 * What every request of a conversation has in common, over rounds, attempts and releases: it begins with the system
 * text and the tools that its first turn stored. A conversation that began before turns stored them goes on with what
 * its `conversation.json` says (`kept`), else with today's; thinking that was bound to anything else is then dropped
 * by the API. So does one whose tools cannot say what this round asks for (`knows`): it goes on with today's from there.
 */
export function openDialogue(
  model: Model,
  turns: readonly Turn[],
  {
    tools,
    kept,
    images,
    knows = () => true,
  }: {
    tools: readonly Tool[];
    kept: Prefix | undefined;
    images?: Images | undefined;
    knows?: ((tools: Prefix["tools"]) => boolean) | undefined;
  },
) {
  const stored = turns.findLast((turn) => turn.prefix)?.prefix;
  const isGuess = turns.length > 0 && !turns[0]!.prefix;
  const began = stored ?? (isGuess ? kept : undefined);
  const prefix: Prefix = began && knows(began.tools) ? began : { system: SYSTEM, tools: tools.map(toApiTool) };
  const isOther = began !== undefined && prefix !== began;
  const wasOther = turns.filter((turn) => turn.prefix).length > 1;
  const concessions = new Set(turns.flatMap((turn) => turn.concessions ?? []));
  return {
    prefix,

    /** The request that follows these turns and says this. */
    request(turns: readonly Turn[], sent: readonly Message[]) {
      const systemMessages = model.systemMessages && !concessions.has("frame-notes");
      const shown = concessions.has("drop-images") ? "refused" : images;
      const { messages, unbinds } = toApi([...messagesOf(turns), ...sent], { systemMessages, images: shown });
      const mayNotFit = model.bindsThinking && (isGuess || isOther || wasOther || unbinds);
      return { model, prefix, messages, dropsThinking: mayNotFit || concessions.has("drop-thinking") };
    },

    /** Says whether that is something new: then the request is worth another try. */
    concede(to: Concession): boolean {
      if (concessions.has(to) || (to === "drop-images" && !images?.size)) return false;
      concessions.add(to);
      return true;
    },

    /** What the next turn has to store for those who go on later. */
    toStore(turns: readonly Turn[]): Pick<Turn, "prefix" | "concessions"> {
      return {
        ...(turns.findLast((turn) => turn.prefix)?.prefix !== prefix && { prefix }),
        ...(concessions.size > 0 && { concessions: [...concessions] }),
      };
    },
  };
}
