import { z } from "zod";
import { JobId, RepositoryName } from "../jobs/ids.ts";
import { Timestamp } from "../jobs/job.ts";
import { CommandResult } from "../jobs/outcome.ts";
import { Usage } from "../jobs/usage.ts";

/** A content block exactly as the Messages API gave or takes it. Kept open: unknown kinds must survive a round trip. */
export const ContentBlock = z.looseObject({ type: z.string() });
export type ContentBlock = z.infer<typeof ContentBlock>;

/** How a command ended that a tool call asked for. */
export const CommandEnd = z.object({
  /** null: the time-out or a signal ended it, or it never began. */
  exitCode: z.number().int().nullable(),
  timedOut: z.boolean(),
  durationMs: z.number().nonnegative(),
  /** The machine could not run it. */
  notRun: z.literal(true).optional(),
});
export type CommandEnd = z.infer<typeof CommandEnd>;

/** `system` in mid-conversation: a note of the harness, which nothing in a repository can write. */
export const Message = z.object({ role: z.enum(["user", "assistant", "system"]), content: z.array(ContentBlock) });
export type Message = z.infer<typeof Message>;

/** What every request of a conversation begins with. The API binds thinking to it, so it never changes in one. */
export const Prefix = z.object({ system: z.string(), tools: z.array(z.looseObject({ name: z.string() })) });
export type Prefix = z.infer<typeof Prefix>;

/** What the harness said of its own accord, as a value: no decision reads the words, which a file could hold too. */
const NoteKind = z.enum([
  "budget",
  "last-turn",
  "no-verdict",
  "cut-off",
  "repeated",
  "errors",
  "template",
  "review",
  "verification-failed",
  "tree-lags",
]);
export const Note = z.object({
  kind: NoteKind,
  /** The limit that `last-turn` is about. */
  which: z.enum(["turns", "dollars", "seconds", "context"]).optional(),
});
export type Note = z.infer<typeof Note>;

/**
 * `drop-thinking`: the API drops thinking that no longer fits what stands before it, instead of refusing the request.
 * `frame-notes`: it takes no system messages here, whatever the model's table says.
 * `drop-images`: it cannot read one of them, and does not say which: words stand in the place of each.
 */
export const Concession = z.enum(["drop-thinking", "frame-notes", "drop-images"]);
export type Concession = z.infer<typeof Concession>;

/**
 * `turns/000001.json`: one request and its answer, as they came. `sent` is what was appended since the last turn (for
 * turn 1 the whole first message); sent and received over all turns are the conversation, of which `toApi` makes the
 * messages of the next request.
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
  /** On the first turn of a conversation; absent on those that began before it was stored. */
  prefix: Prefix.optional(),
  /** The notes in `sent`. */
  notes: z.array(Note).optional(),
  /** How the commands ended whose answers `sent` holds, by the id of their call. Absent on turns of earlier releases. */
  commands: z.record(z.string(), CommandEnd).optional(),
  /** The check whose result `sent` holds, and the git tree that it judged: it need not run again on the same one. */
  check: z.object({ treeId: z.string(), result: CommandResult }).optional(),
  /** Files of guidance, of folders below the root, that `sent` shows or that were read by its calls: once is enough. */
  guidance: z.array(z.string()).optional(),
  /** What the API has asked for by refusing a request; it holds for the rest of the conversation. */
  concessions: z.array(Concession).optional(),
  /** Folders in which a command had made a git repository by then: their `.git` is gone, and the change is refused. */
  nestedRepositories: z.array(z.string()).optional(),
  /** A secret was taken out of `sent` or `received`: both as they were, closed so that Work alone can open them. */
  sealed: z.string().optional(),
  /** Key of the list of what setup made: no change. */
  environment: z.string().optional(),
  /** Paths that a tool wrote and the snapshot does not hold; one character for each byte. */
  written: z.array(z.string()).optional(),
  /** The tree had changed, and no snapshot can hold it: more than a patch may have, or a path that git does not take. */
  treeNotKept: z.boolean().optional(),
  /** Files that were executable when a tool took them away, and that the base does not have so. */
  removedPrograms: z.array(z.string()).optional(),
});
export type Turn = z.infer<typeof Turn>;

/** One line of a conversation as people and exports see it. */
export const ConversationEntry = z.object({
  timestamp: Timestamp,
  /** `system`: a note of the harness. */
  role: z.enum(["human", "assistant", "system"]),
  type: z.enum(["message", "tool_call", "tool_result"]),
  turn: z.number().int().positive(),
  content: ContentBlock,
  usage: Usage.optional(),
  /** On the answer to a call that ran a command. */
  command: CommandEnd.optional(),
});
export type ConversationEntry = z.infer<typeof ConversationEntry>;

/** `conversation.json`, with the prefix that its requests began with. */
export const Conversation = z.object({
  jobId: JobId,
  repository: RepositoryName,
  round: z.number().int().positive(),
  model: z.string(),
  scripted: z.boolean(),
  ...Prefix.shape,
  entries: z.array(ConversationEntry),
  /** The first turn out of which a secret was taken: from there on it is not what Claude said and heard to the byte. */
  redactedFrom: z.number().int().positive().optional(),
});
export type Conversation = z.infer<typeof Conversation>;
