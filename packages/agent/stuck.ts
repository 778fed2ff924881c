import type { ContentBlock, Message } from "../jobs/conversation.ts";
import { errorsNudge, repeatedNudge } from "./notes.ts";

const NUDGE_AT_REPEATS = 4;
const STOP_AT_REPEATS = 6;
const NUDGE_AT_ERRORS = 3;
const STOP_AT_ERRORS = 6;

export type Stuck = { kind: "no" } | { kind: "nudge"; text: string } | { kind: "stop" };

/** Looks at the newest calls of a round, of which the last answers are in `messages` already. Pure. */
export function stuckness(messages: readonly Message[]): Stuck {
  const calls = callsOf(messages);
  const repeats = lengthOfTail(calls, (call, last) => call.key === last.key);
  const errors = lengthOfTail(calls, (call) => call.isError);
  if (repeats >= STOP_AT_REPEATS || errors >= STOP_AT_ERRORS) return { kind: "stop" };
  if (repeats === NUDGE_AT_REPEATS) return { kind: "nudge", text: repeatedNudge(repeats) };
  if (errors === NUDGE_AT_ERRORS) return { kind: "nudge", text: errorsNudge(errors) };
  return { kind: "no" };
}

type Call = { key: string; isError: boolean };

function callsOf(messages: readonly Message[]): Call[] {
  const asked = new Map<unknown, ContentBlock>();
  const calls: Call[] = [];
  for (const block of messages.flatMap((message) => message.content)) {
    if (block.type === "tool_use") asked.set(block.id, block);
    if (block.type !== "tool_result") continue;
    const call = asked.get(block.tool_use_id);
    calls.push({
      // A nudge in the answer does not make it another answer.
      key: JSON.stringify([call?.name, call?.input, String(block.content).split("\n\n[Note: ")[0]]),
      isError: block.is_error === true,
    });
  }
  return calls;
}

function lengthOfTail(calls: Call[], belongs: (call: Call, last: Call) => boolean): number {
  const last = calls.at(-1);
  const from = last ? calls.findLastIndex((call) => !belongs(call, last)) : -1;
  return calls.length - 1 - from;
}
