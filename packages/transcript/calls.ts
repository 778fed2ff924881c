import type { CommandEnd, ContentBlock } from "../conversation/conversation.ts";
import type { TurnRecord } from "./turn-record.ts";

export type Call = {
  name: string;
  input: Record<string, unknown>;
  /** Absent: the round ended before it was answered. */
  result?: { text: string; isError: boolean; command?: CommandEnd | undefined };
};

/** A turn's calls, each with its answer, which the following turn sent. */
export function callsOf({ answered }: TurnRecord, next: TurnRecord | undefined): Call[] {
  const answers = next?.asked.filter(isResult) ?? [];
  return answered.filter(isCall).map((call) => {
    const answer = answers.find(({ tool_use_id }) => tool_use_id === call.id);
    return {
      name: String(call.name),
      input: isRecord(call.input) ? call.input : { input: call.input },
      ...(answer && {
        result: {
          text: contentText(answer.content),
          isError: answer.is_error === true,
          command: next?.commands[String(call.id)],
        },
      }),
    };
  });
}

export const isCall = ({ type }: ContentBlock) => type === "tool_use" || type === "server_tool_use";
export const isResult = ({ type }: ContentBlock) => type === "tool_result";

/** What a block says in words; undefined for a call, a result, or a kind that says nothing to people. */
export function wordsOf(block: ContentBlock): { kind: "text" | "thinking"; text: string } | undefined {
  if (block.type === "text" && typeof block.text === "string") return { kind: "text", text: block.text };
  if (block.type === "thinking" && typeof block.thinking === "string" && block.thinking.trim() !== "")
    return { kind: "thinking", text: block.thinking };
  return undefined;
}

/** A tool result is a string or blocks; a block that is no text is named by its kind. */
function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((block: unknown) => (isRecord(block) && typeof block.text === "string" ? block.text : `[${kindOf(block)}]`))
    .join("\n");
}

const kindOf = (block: unknown) => (isRecord(block) && typeof block.type === "string" ? block.type : "content");

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
