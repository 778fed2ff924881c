import { createHash } from "node:crypto";
import { type Reply, SCRIPTED } from "./brain.ts";
import type { ClaudeFault } from "./faults.ts";
import { type Chain, tokensOf } from "./prefix.ts";
import type { ApiBlock, MessagesRequest } from "./wire.ts";

export type ApiAnswer = {
  content: ApiBlock[];
  stopReason: string;
  stopDetails: { type: "refusal"; category: string | null; explanation: string | null } | null;
  outputTokens: number;
  /** The last tool input is streamed only in part. */
  truncated: boolean;
};

/** A reply in the API's form, bent by a fault if one is due. Ids come from the request, so a repeat gives the same. */
export function apiAnswerOf(request: MessagesRequest, reply: Reply, chain: Chain, fault?: ClaudeFault): ApiAnswer {
  const content = signed(reply.content ?? blocksOf(request, reply, chain, fault), chain);
  const outputTokens = tokensOf(content);
  const truncated = fault?.kind === "broken-json" || fault?.kind === "max-tokens" || outputTokens > request.max_tokens;
  const hasCalls = content.some(({ type }) => type === "tool_use");
  return {
    content,
    stopReason: reply.stopReason ?? stopReason(fault, hasCalls, outputTokens > request.max_tokens),
    stopDetails:
      fault?.kind === "refusal"
        ? { type: "refusal", category: fault.category, explanation: fault.explanation ?? null }
        : null,
    outputTokens: Math.min(outputTokens, request.max_tokens),
    truncated,
  };
}

function blocksOf(request: MessagesRequest, reply: Reply, chain: Chain, fault: ClaudeFault | undefined): ApiBlock[] {
  const seed = createHash("sha256")
    .update(chain.digest())
    .digest("base64url")
    .replace(/[^A-Za-z0-9]/g, "");
  const thinks = request.thinking?.type === "adaptive" && reply.thinking !== undefined;
  const calls = fault?.kind === "stop" || fault?.kind === "refusal" ? [] : (reply.calls ?? []);
  const words = reply.text ?? (calls.length === 0 ? "I have nothing to say." : undefined);
  return [
    ...(thinks ? [{ type: "thinking", thinking: reply.thinking }] : []),
    ...(thinks && reply.redacted !== undefined ? [{ type: "redacted_thinking", data: reply.redacted }] : []),
    ...(words && fault?.kind !== "refusal" ? [{ type: "text", text: `${SCRIPTED} ${words}` }] : []),
    ...calls.map((call, i) => ({ type: "tool_use", id: `toolu_${seed.slice(0, 20)}${i}`, ...call })),
  ];
}

/** Each thought is signed over the request and over what the answer said before it. */
function signed(content: readonly ApiBlock[], before: Chain): ApiBlock[] {
  const chain = before.copy();
  return content.map((block) => {
    const isUnsigned = block.type === "thinking" && block.signature === undefined;
    const whole = isUnsigned ? { ...block, signature: chain.sign(String(block.thinking)) } : block;
    chain.pass("assistant", whole);
    return whole;
  });
}

function stopReason(fault: ClaudeFault | undefined, hasCalls: boolean, tooLong: boolean): string {
  if (fault?.kind === "stop") return fault.reason;
  if (fault?.kind === "refusal") return "refusal";
  if (fault?.kind === "max-tokens" || tooLong) return "max_tokens";
  return hasCalls ? "tool_use" : "end_turn";
}
