import type { Prefix, Turn } from "../conversation/conversation.ts";
import type { CommandResult, Verdict } from "../jobs/outcome.ts";
import { because, type Reason, type ReasonCode } from "../jobs/reasons.ts";
import type { Totals } from "../jobs/usage.ts";
import type { LimitName } from "./limits.ts";

export type AgentEnding =
  /** `verification` is there when a check ran on a changed tree; it may have failed. */
  | { kind: "verdict"; verdict: Verdict; verification?: CommandResult }
  /** The tree holds what was done so far; the verdict is there when the last turn or an earlier one brought it. */
  | { kind: "limit"; which: LimitName; reason: Reason; verdict?: Verdict | undefined }
  | { kind: "refused"; category: string | null; reason: Reason }
  | { kind: "failed"; reason: Reason }
  | { kind: "cancelled" };

const LIMIT_REASON = {
  dollars: "budget",
  turns: "turns",
  seconds: "time",
  context: "context",
  stuck: "stuck",
} as const satisfies Record<LimitName, ReasonCode>;

export const stoppedBy = (which: LimitName, verdict?: Verdict): AgentEnding => ({
  kind: "limit",
  which,
  reason: because(LIMIT_REASON[which]),
  ...(verdict && { verdict }),
});

export type AgentRun = {
  ending: AgentEnding;
  /** Over all rounds and attempts of this repo run. */
  totals: Totals;
  prefix: Prefix;
  /** The model that answered last; before any answer, the one asked for. */
  model: string;
  scripted: boolean;
};

/** Throw it from `heartbeat`, or abort the signal with it, to end a run as cancelled. */
export class Cancelled extends Error {
  override name = "Cancelled";
}

/** Another attempt has stored this very turn, so it holds the lease and this one must stop without an outcome. */
export class TurnTaken extends Error {
  override name = "TurnTaken";
  constructor({ round, turn }: Turn) {
    super(`Turn ${turn} of round ${round} was stored by another attempt.`);
  }
}
