import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";

/** Input of an execution: ids only (a state's payload is limited to 256 KB, container overrides to 8 KB). */
export const RoundRef = z.object({ jobId: JobId, round: z.number().int().positive() });
export type RoundRef = z.infer<typeof RoundRef>;

/** One item of the Map, and what Work and Publish get in their environment. */
export const RunRef = RoundRef.extend({ repository: RepositoryName });
export type RunRef = z.infer<typeof RunRef>;

export const Step = z.enum(["work", "publish", "end"]);
export type Step = z.infer<typeof Step>;
export const PlannedRun = RunRef.extend({ step: Step });
export type PlannedRun = z.infer<typeof PlannedRun>;
