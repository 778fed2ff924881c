import { commandEndOf } from "./command-end.ts";
import type { CommandEnd, ContentBlock } from "./conversation.ts";
import type { Exchange } from "./exchanges.ts";

export type CallAnswer = { text: string; isError: boolean; command?: CommandEnd | undefined };

export type Call = {
  name: string;
  input: Record<string, unknown>;
  /** Absent: the round ended before it was answered. */
  result?: CallAnswer;
};

/** What a call was for. */
export type ActionKind = "looked" | "changed" | "ran" | "reported" | "other";

/** A call in a few words for people: "read pom.xml". */
export type Action = {
  kind: ActionKind;
  words: string;
  /** The one file it looked at or changed. */
  path?: string;
  failed: boolean;
};

/** The words stand on the agent's tools; what shows a conversation is given them like this. */
export type ActionOf = (call: Call) => Action;

type NextExchange = Pick<Exchange, "asked" | "commands">;

/** A turn's calls, each with its answer, which the following turn sent. */
export function callsWithAnswers({ answered }: Pick<Exchange, "answered">, next: NextExchange | undefined): Call[] {
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
          command: commandEndOf(next?.commands, call.id),
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
  if (block.type === "image")
    return { kind: "text", text: `(image: ${typeof block.name === "string" ? block.name : "without a name"})` };
  return undefined;
}

/** What is told to the model in words and pictures. */
export const isTold = ({ type }: ContentBlock) => type === "text" || type === "image";

export const blockText = (block: ContentBlock) => wordsOf(block)?.text ?? "";

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
