import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { Timestamp } from "./job.ts";

/** What a person decided, or was refused. Kept beside the job; rows of refusals without a job stand by workspace. */
export const AuditEntry = z.object({
  teamId: z.string().min(1),
  jobId: JobId.optional(),
  at: Timestamp,
  /** Slack user id. */
  by: z.string(),
  action: z.enum([
    "use",
    "submit",
    "approve",
    "reject",
    "retry",
    "refine",
    "raise-cap",
    "cancel",
    "close",
    "save-prompt",
    "delete-prompt",
  ]),
  result: z.enum(["done", "refused"]),
  repositories: z.array(RepositoryName).optional(),
  round: z.number().int().positive().optional(),
  /** The sentence with which it was refused; of a saved prompt that was deleted, its name. */
  sentence: z.string().max(1_000).optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
export type AuditAction = AuditEntry["action"];
