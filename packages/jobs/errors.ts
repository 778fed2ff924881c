import type { Reason } from "./reasons.ts";

/** A sentence for the person who asked: what is wrong and what to do. Shown in Slack, never retried. */
export class UserError extends Error {
  override name = "UserError";
  /** The same in a message, where Slack turns `<@U1>` and `<#C1>` into names. */
  readonly inMessage: string;
  constructor(message: string, { inMessage = message, cause }: { inMessage?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.inMessage = inMessage;
  }
}

/** GitHub, or git with it, did not do what was asked. With a reason it ends the run; without one it may pass. */
export class RemoteTrouble extends Error {
  override name = "RemoteTrouble";
  readonly reason: Reason | undefined;
  /** The last of what the other side said. */
  readonly words: string;
  constructor(message: string, facts: { reason?: Reason | undefined; words: string; cause: unknown }) {
    super(message, { cause: facts.cause });
    this.reason = facts.reason;
    this.words = facts.words;
  }
}
