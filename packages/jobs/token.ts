import { z } from "zod";
import { Reason } from "./outcome.ts";

/** What a task is told when it asks for a GitHub token for its own repository. */
export const TokenAnswer = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    token: z.string().min(1),
    expiresAt: z.string(),
    /** Of whoever acts with this token: the author of its pull requests. With a token for reading it is not told. */
    login: z.string().optional(),
  }),
  z.object({ ok: z.literal(false), reason: Reason }),
]);
export type TokenAnswer = z.infer<typeof TokenAnswer>;
