import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { Timestamp } from "./job.ts";
import { Usage } from "./usage.ts";

/** A content block exactly as the Messages API gave or takes it. Kept open: unknown kinds must survive a round trip. */
export const ContentBlock = z.looseObject({ type: z.string() });
export type ContentBlock = z.infer<typeof ContentBlock>;

export const Message = z.object({ role: z.enum(["user", "assistant"]), content: z.array(ContentBlock) });
export type Message = z.infer<typeof Message>;

/**
 * `turns/000001.json`: one request and its answer. `sent` is what was appended since the last turn (for turn 1 the
 * whole first message); concatenating sent and received over all turns gives the messages of the next request, to the byte.
 */
export const Turn = z.object({
  jobId: JobId,
  repository: RepositoryName,
  round: z.number().int().positive(),
  attempt: z.number().int().positive(),
  turn: z.number().int().positive(),
  sent: z.array(Message),
  received: Message,
  stopReason: z.string(),
  model: z.string(),
  messageId: z.string(),
  usage: Usage,
  costUsd: z.number().nonnegative().nullable(),
  requestedAt: Timestamp,
  answeredAt: Timestamp,
  /** Key of the working tree's patch when this turn's answer arrived, if the tree had changed since the last one. */
  snapshot: z.string().optional(),
  /** Folders in which a command had made a git repository by then: their `.git` is gone, and the change is refused. */
  nestedRepositories: z.array(z.string()).optional(),
  /** A secret was taken out of `sent` or `received`: both as they were, closed so that Work alone can open them. */
  sealed: z.string().optional(),
  /** Key of the list of what setup made: no change. */
  environment: z.string().optional(),
  /** Paths that a tool wrote and the snapshot does not hold; one character for each byte. */
  written: z.array(z.string()).optional(),
});
export type Turn = z.infer<typeof Turn>;

/** One line of a conversation as people and exports see it. */
export const ConversationEntry = z.object({
  timestamp: Timestamp,
  role: z.enum(["human", "assistant"]),
  type: z.enum(["message", "tool_call", "tool_result"]),
  turn: z.number().int().positive(),
  content: ContentBlock,
  usage: Usage.optional(),
});
export type ConversationEntry = z.infer<typeof ConversationEntry>;

/** `conversation.json`. `system` and `tools` are stored once: they never change within a repo run. */
export const Conversation = z.object({
  jobId: JobId,
  repository: RepositoryName,
  round: z.number().int().positive(),
  model: z.string(),
  scripted: z.boolean(),
  system: z.string(),
  tools: z.array(z.looseObject({ name: z.string() })),
  entries: z.array(ConversationEntry),
  /** The first turn out of which a secret was taken: from there on it is not what Claude said and heard to the byte. */
  redactedFrom: z.number().int().positive().optional(),
});
export type Conversation = z.infer<typeof Conversation>;
