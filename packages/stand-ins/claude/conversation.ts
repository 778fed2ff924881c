import { type ApiBlock, type MessagesRequest, merged } from "./wire.ts";

export type Done = { name: string; input: Record<string, unknown>; result: string; isError: boolean };

/** What the scripted model knows: the newest task, and every call made for it with its answer. */
export type KnownConversation = {
  task: string;
  /** What came with it, in the same text. */
  material: string;
  steps: Done[];
  /** Answers given since the task. */
  turns: number;
  isLastTurn: boolean;
};

export function knownConversationOf(request: MessagesRequest): KnownConversation {
  const messages = merged(request.messages);
  const start = Math.max(
    0,
    messages.findLastIndex(({ role, content }) => role === "user" && content.some(isTask)),
  );
  const taskBlock =
    messages[start]!.content.findLast(isTask) ?? messages[start]!.content.find(({ type }) => type === "text");
  const since = messages.slice(start + 1);
  const calls = since.flatMap(({ content }) => content.filter(({ type }) => type === "tool_use"));
  const results = new Map(
    since.flatMap(({ content }) =>
      content.filter(({ type }) => type === "tool_result").map((block) => [block.tool_use_id, block]),
    ),
  );
  return {
    ...partsOf(String(taskBlock?.text ?? "")),
    steps: calls.flatMap((call) => {
      const result = results.get(call.id);
      return result ? [done(call, result)] : [];
    }),
    turns: since.filter(({ role }) => role === "assistant").length,
    isLastTurn: JSON.stringify(messages.at(-1)).includes("This is your last turn"),
  };
}

const isTask = ({ type, text }: ApiBlock) => type === "text" && typeof text === "string" && text.includes("<task>");

function partsOf(text: string): Pick<KnownConversation, "task" | "material"> {
  const [whole = "", task] = /<task>\n?([\s\S]*?)\n?<\/task>/.exec(text) ?? [];
  return task === undefined
    ? { task: text, material: "" }
    : { task, material: text.slice(text.indexOf(whole) + whole.length) };
}

function done(call: ApiBlock, result: ApiBlock): Done {
  const { content } = result;
  const text =
    typeof content === "string" ? content : ((content ?? []) as ApiBlock[]).map((block) => block.text).join("\n");
  return {
    name: String(call.name),
    input: call.input as Record<string, unknown>,
    result: text,
    isError: result.is_error === true,
  };
}

/** Paths that list_files gave, in its order. */
export const pathsFromListFiles = (steps: Done[]): string[] =>
  steps
    .filter(({ name, isError }) => name === "list_files" && !isError)
    .flatMap(({ result }) => result.split("\n"))
    .flatMap((line) => /^([^[].*) \d+$/.exec(line)?.[1] ?? []);

export type Hit = { path: string; line: number; text: string };

export const hitsOf = (step: Done): Hit[] =>
  step.result.split("\n").flatMap((line) => {
    const [, path, at, text] = /^(.+?):(\d+): (.*)$/.exec(line) ?? [];
    return path ? [{ path, line: Number(at), text: text! }] : [];
  });

/** A file as far as it was read: line numbers to lines. */
export type KnownFile = { lines: Map<number, string>; moreFrom?: number };

export function filesRead(steps: Done[]): Map<string, KnownFile> {
  const files = new Map<string, KnownFile>();
  for (const { name, input, result, isError } of steps) {
    if (name !== "read_file" || isError) continue;
    const path = String(input.path);
    const file: KnownFile = { lines: files.get(path)?.lines ?? new Map() };
    for (const line of result.split("\n")) {
      const [, number, text] = /^ *(\d+)\t(.*)$/.exec(line) ?? [];
      if (number) file.lines.set(Number(number), text!);
    }
    const more = /\[Lines (\d+) to \d+ are not shown/.exec(result)?.[1];
    if (more) file.moreFrom = Number(more);
    files.set(path, file);
  }
  return files;
}
