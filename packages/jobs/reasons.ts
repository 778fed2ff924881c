import { z } from "zod";

/** One line and a next step, for people. `code` is stable and for tests, filters and alarms. */
export const Reason = z.object({ code: z.string(), message: z.string().max(500), nextStep: z.string().max(500) });
export type Reason = z.infer<typeof Reason>;
