import { z } from "zod";

/** One line and a next step, for people. `code` is stable and for tests, filters and alarms. */
export const Reason = z.object({ code: z.string(), message: z.string().max(500), nextStep: z.string().max(500) });
export type Reason = z.infer<typeof Reason>;

/** What a button does about a reason: Work or Publish runs again, the cap is raised, or nothing. */
export type Remedy = "retry" | "raise-cap" | "nothing";

/** A reason of an earlier or a later release, or none: the state alone decides, and what has failed can be retried. */
export const remedyOf = (reason: Reason | undefined): Remedy =>
  reason?.code === "budget" ? "raise-cap" : reason?.code === "rejected" ? "nothing" : "retry";
