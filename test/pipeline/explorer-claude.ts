import type { AgentDeps } from "../../packages/agent/run-agent.ts";
import type { Schedule } from "./explorer-schedule.ts";

type Sent = { role: string; content: { type: string; text?: string }[] };

export const FOLLOW_UP = "And one more, please.";
const FIRST_FILES = 2;

/**
 * Two files, then a verdict; one more after a follow-up. No two answers are the same, so that whose answer counted can
 * be told from the tree. The end of a stream may be lost, and it is paid for all the same.
 */
export function memoryClaude(schedule: Schedule) {
  let asked = 0;

  function answerTo(messages: readonly Sent[]) {
    asked += 1;
    const id = `call-${asked}`;
    const begin = messages.findLastIndex((one) => JSON.stringify(one.content).includes(FOLLOW_UP));
    const said = messages.slice(Math.max(begin, 0)).filter(({ role }) => role === "assistant").length;
    const files = begin === -1 ? FIRST_FILES : 1;
    const write = { path: `file-${begin === -1 ? said : "more"}`, content: `answer ${asked}` };
    const [name, input] = said < files ? ["write_file", write] : ["report_verdict", VERDICT];
    return {
      id: `msg-${asked}`,
      model: "claude-sonnet-5-5",
      stop_reason: "tool_use",
      content: [{ type: "tool_use", id, name, input }],
      usage: { input_tokens: 1_000, output_tokens: 100, cache_read_input_tokens: 0 },
    };
  }

  const stream = ({ messages }: { messages: Sent[] }, { signal }: { signal?: AbortSignal } = {}) => {
    const begun: ((event: { type: string }) => void)[] = [];
    return {
      on: (_: string, heard: (event: { type: string }) => void) => void begun.push(heard),
      abort() {},
      finalMessage: () =>
        new Promise((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          const answer = () => {
            const message = answerTo(messages);
            for (const heard of begun) heard({ type: "message_start" });
            if (schedule.answerLost("ask Claude")) throw new Error("The stream was cut.");
            return message;
          };
          schedule.effect("ask Claude", answer).then(resolve, reject);
        }),
    };
  };

  return { messages: { stream } as unknown as AgentDeps["messages"], asked: () => asked };
}

const VERDICT = {
  wereChangesNecessary: true,
  summary: "Written.",
  evidence: [],
  pullRequestTitle: "Write it",
  pullRequestBody: "As asked.",
};
