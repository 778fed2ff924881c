import type { Prefix, Turn } from "../conversation/conversation.ts";
import type { Effort } from "../jobs/job.ts";
import type { Totals } from "../jobs/usage.ts";
import type { Images } from "./attached.ts";
import type { Limits } from "./limits.ts";
import type { Task } from "./prompt.ts";

export type AgentInput = Task & {
  jobId: string;
  round: number;
  attempt: number;
  model: string;
  /** Absent: what suits the model. */
  effort?: Effort;
  limits: Limits;
  /** Every stored turn of this repo run, earlier rounds first. The tree must be as it was when the last one arrived. */
  earlierTurns: readonly Turn[];
  /** What `conversation.json` says that an earlier round began with, for turns that do not say it themselves. */
  keptPrefix?: Prefix;
  /** The tree is an older one than the last turns say: it could not be kept. */
  treeLags?: boolean;
  /** The change that this round began with, as text; absent without one. */
  reviewed?: string;
  /** Bytes of the images of this conversation. */
  images?: Images;
  /** What the requester says in a later round; absent there, the task is simply gone on with. */
  followUp?: string;
  /** The comments of a review to which the report replies. */
  threads?: readonly string[];
  /** The totals when this round began. */
  before: Totals;
  /** What was lost up to now, in all rounds and by attempts that died. */
  lost?: Totals["lost"];
  /** Abort with Cancelled for a cancel, with anything else to stop at once and leave the rest to the next attempt. */
  signal?: AbortSignal;
};
