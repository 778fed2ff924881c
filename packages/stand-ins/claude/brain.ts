import type { ApiBlock, MessagesRequest } from "./wire.ts";

export type PlannedCall = { name: string; input: Record<string, unknown> };

/** What the scripted model says in one turn. */
export type Reply = {
  /** Absent: no thinking block. Empty: an empty one, which clients must echo all the same. */
  thinking?: string;
  /** A thought that the API hides: clients cannot read it and must echo it. */
  redacted?: string;
  text?: string;
  calls?: PlannedCall[];
  /** In place of all that: blocks of any kind, sent as they are. Thinking without a signature is signed. */
  content?: ApiBlock[];
  stopReason?: string;
  /** Overrides the server's fixed delay. */
  delayMs?: number;
};

/** Looks at nothing but the conversation, so the same request always gets the same answer. */
export type Brain = (request: MessagesRequest) => Reply;

/** Every text begins with this, so that a script is not taken for a model. */
export const SCRIPTED = "[scripted model]";
