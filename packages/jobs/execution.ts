import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { Reason } from "./reasons.ts";

/** Input of an execution: ids only (a state's payload is limited to 256 KB, container overrides to 8 KB). */
export const RoundRef = z.object({ jobId: JobId, round: z.number().int().positive() });
export type RoundRef = z.infer<typeof RoundRef>;

/** One item of the Map, and what Work and Publish get in their environment. */
export const RunRef = RoundRef.extend({ repository: RepositoryName });
export type RunRef = z.infer<typeof RunRef>;

export const Step = z.enum(["work", "publish", "end"]);
export type Step = z.infer<typeof Step>;
/** `image`: in which of the deployment's images Work runs; absent: in its default one. */
export const PlannedRun = RunRef.extend({ step: Step, image: z.string().optional() });
export type PlannedRun = z.infer<typeof PlannedRun>;

/** What a task is told when it asks for a GitHub token for its own repository. */
export const TokenAnswer = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    token: z.string().min(1),
    expiresAt: z.string(),
    /** The account that acts with this token: the author of its pull requests. Absent with a token for reading. */
    login: z.string().optional(),
  }),
  z.object({ ok: z.literal(false), reason: Reason }),
]);
export type TokenAnswer = z.infer<typeof TokenAnswer>;
