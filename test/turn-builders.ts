import type { ContentBlock, Message, Turn } from "../packages/conversation/conversation.ts";
import { NO_USAGE } from "../packages/jobs/usage.ts";
import { AT, JOB_ID, later } from "./builders.ts";

/** What a conversation with the model is made of, as it is stored. */
export const aText = (words: string): ContentBlock => ({ type: "text", text: words });

export const aCall = (id: string, name = "read_file", input: unknown = { path: "README.md" }): ContentBlock => ({
  type: "tool_use",
  id,
  name,
  input,
});

export const aResult = (id: string, content: unknown = "# Sample", isError = false): ContentBlock => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...(isError && { is_error: true }),
});

export const fromUser = (...content: ContentBlock[]): Message => ({ role: "user", content });
export const fromModel = (...content: ContentBlock[]): Message => ({ role: "assistant", content });

/** A turn of one second in which nothing was asked and nothing said, unless `changes` say more. */
export const aTurn = (changes: Partial<Turn> = {}): Turn => ({
  jobId: JOB_ID,
  repository: "acme/orders",
  round: 1,
  attempt: 1,
  turn: 1,
  sent: [],
  received: fromModel(),
  stopReason: "tool_use",
  model: "claude-sonnet-5-5",
  messageId: "msg_1",
  usage: NO_USAGE,
  costUsd: 0,
  requestedAt: AT,
  answeredAt: later(1),
  ...changes,
});
