import type { AgentDeps } from "../../packages/agent/run-agent.ts";
import type { Schedule } from "./explorer-schedule.ts";

type Sent = { role: string; content: { type: string; text?: string }[] };

export const FOLLOW_UP = "And one more, please.";
export const TAKE_BACK = "Take it all back, please.";
export const IMPOSSIBLE = "And what cannot be done, please.";

/** What is called, one call an answer; the last one is said again when it is sent back. */
type Call = readonly [name: string, input: object];

/** Two files, then a verdict; one more after a follow-up; none when it is to be taken back; half of what is impossible. */
function callsFor(request: string | undefined, content: string): Call[] {
  if (request === TAKE_BACK) return [["delete_file", { paths: ["file-0", "file-1"] }], NOT_NEEDED];
  if (request === IMPOSSIBLE) return [["write_file", { path: "file-half", content }], BLOCKED];
  if (request === FOLLOW_UP) return [["write_file", { path: "file-more", content }], WRITTEN];
  return [["write_file", { path: "file-0", content }], ["write_file", { path: "file-1", content }], WRITTEN];
}

/**
 * No two answers are the same, so that whose answer counted can be told from the tree. The end of a stream may be lost,
 * and it is paid for all the same.
 */
export function memoryClaude(schedule: Schedule) {
  let asked = 0;

  function answerTo(messages: readonly Sent[]) {
    asked += 1;
    const id = `call-${asked}`;
    const wishIn = ({ content }: Sent) =>
      [FOLLOW_UP, TAKE_BACK, IMPOSSIBLE].find((request) => JSON.stringify(content).includes(request));
    const begin = messages.findLastIndex((one) => wishIn(one) !== undefined);
    const calls = callsFor(begin === -1 ? undefined : wishIn(messages[begin]!), `answer ${asked}`);
    const said = messages.slice(Math.max(begin, 0)).filter(({ role }) => role === "assistant").length;
    const [name, input] = calls[said] ?? calls.at(-1)!;
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

const VERDICT = { summary: "Done.", missing: "", pullRequestTitle: "Write it", pullRequestBody: "As asked." };
const WRITTEN: Call = ["report_verdict", { ...VERDICT, outcome: "changed", evidence: [] }];
const NOT_NEEDED: Call = [
  "report_verdict",
  { ...VERDICT, outcome: "not-needed", evidence: [{ path: "file-0", note: "It is gone." }] },
];
const BLOCKED: Call = ["report_verdict", { ...VERDICT, outcome: "blocked", missing: "A network.", evidence: [] }];
