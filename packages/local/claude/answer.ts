import { createHash } from "node:crypto";
import { type Reply, SCRIPTED } from "./brain.ts";
import type { Fault } from "./faults.ts";
import { type checkSignatures, tokensOf } from "./prefix.ts";
import type { ApiRequest, Block } from "./wire.ts";

export type Answer = {
  content: Block[];
  stopReason: string;
  stopDetails: { type: "refusal"; category: string | null; explanation: string | null } | null;
  outputTokens: number;
  /** The last tool input is streamed only in part. */
  truncated: boolean;
};

/** A reply in the API's form, bent by a fault if one is due. Ids come from the request, so a repeat gives the same. */
export function answerOf(
  request: ApiRequest,
  reply: Reply,
  chain: ReturnType<typeof checkSignatures>,
  fault?: Fault,
): Answer {
  const seed = createHash("sha256")
    .update(chain.sign(""))
    .digest("base64url")
    .replace(/[^A-Za-z0-9]/g, "");
  const thinks = request.thinking?.type === "adaptive" && reply.thinking !== undefined;
  const calls = fault?.kind === "stop" || fault?.kind === "refusal" ? [] : (reply.calls ?? []);
  const words = reply.text ?? (calls.length === 0 ? "I have nothing to say." : undefined);
  const content: Block[] = [
    ...(thinks ? [{ type: "thinking", thinking: reply.thinking, signature: chain.sign(reply.thinking!) }] : []),
    ...(thinks && reply.redacted !== undefined ? [{ type: "redacted_thinking", data: reply.redacted }] : []),
    ...(words && fault?.kind !== "refusal" ? [{ type: "text", text: `${SCRIPTED} ${words}` }] : []),
    ...calls.map((call, i) => ({ type: "tool_use", id: `toolu_${seed.slice(0, 20)}${i}`, ...call })),
  ];
  const outputTokens = tokensOf(content);
  const truncated = fault?.kind === "broken-json" || fault?.kind === "max-tokens" || outputTokens > request.max_tokens;
  return {
    content,
    stopReason: stopReason(fault, calls.length > 0, outputTokens > request.max_tokens),
    stopDetails:
      fault?.kind === "refusal"
        ? { type: "refusal", category: fault.category, explanation: fault.explanation ?? null }
        : null,
    outputTokens: Math.min(outputTokens, request.max_tokens),
    truncated,
  };
}

function stopReason(fault: Fault | undefined, hasCalls: boolean, tooLong: boolean): string {
  if (fault?.kind === "stop") return fault.reason;
  if (fault?.kind === "refusal") return "refusal";
  if (fault?.kind === "max-tokens" || tooLong) return "max_tokens";
  return hasCalls ? "tool_use" : "end_turn";
}
