import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { CostLimitUsd, Delivery, Effort, JobOptions, Prompt, Repositories, Timestamp } from "./job.ts";
import { RepositorySettings } from "./repository-settings.ts";

/**
 * Row `TEAM#id / HOME#user`: the dashboard that a person has looked at, so that it can be kept true while they look.
 */
export const Home = z.object({
  teamId: z.string(),
  userId: z.string(),
  /** The filter and page that it shows, as Slack keeps it beside the view. */
  state: z.string(),
  /** Slack's mark of the view that we published last: another one there means that the person has moved on. */
  hash: z.string(),
  /** The digest of what is shown; the same digest needs no call. */
  digest: z.string(),
  lookedAt: Timestamp,
  shownAt: Timestamp,
});
export type Home = z.infer<typeof Home>;

export const MAX_TEMPLATE_NAME = 60;

export const TemplateName = z
  .string()
  .trim()
  .min(1)
  .max(MAX_TEMPLATE_NAME, `Keep the name under ${MAX_TEMPLATE_NAME} characters.`)
  .regex(/^[^\p{Cc}]*$/u, "A name is one line.");

/** Row `TEAM#id / TEMPLATE#name`: a job that a workspace uses again. Names differ in more than case. */
export const Template = z.object({
  teamId: z.string().min(1),
  name: TemplateName,
  prompt: Prompt,
  /** Absent, like the options: an earlier release saved the prompt alone. */
  repositories: Repositories.optional(),
  options: JobOptions.optional(),
  savedBy: z.string(),
  savedAt: Timestamp,
});
export type Template = z.infer<typeof Template>;

/** Row `TEAM#id / DEFAULTS#user`: with what a person's own form opens. What is absent is the deployment's. */
export const PersonDefaults = z.object({
  teamId: z.string().min(1),
  userId: z.string().min(1),
  /** It may have gone from the list of models since. */
  model: JobOptions.shape.model.optional(),
  effort: Effort.optional(),
  delivery: Delivery.optional(),
  capUsd: CostLimitUsd.optional(),
  tellDirectly: z.boolean().optional(),
  savedAt: Timestamp,
});
export type PersonDefaults = z.infer<typeof PersonDefaults>;
/** As they are found: a row of a later release, or one written by hand, counts as none, and its person is told. */
export type FoundDefaults = PersonDefaults | "unreadable" | undefined;

/** Row `TEAM#id / SETTINGS#owner/name`: what people who may write to a repository saved for every job of theirs in it. */
export const SavedSettings = z.object({
  teamId: z.string().min(1),
  repository: RepositoryName,
  settings: RepositorySettings,
  savedBy: z.string(),
  savedAt: Timestamp,
});
export type SavedSettings = z.infer<typeof SavedSettings>;

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
    "despite-setup",
    "refine",
    "fix-checks",
    "answer-review",
    "raise-cap",
    "cancel",
    "close",
    "merge",
    "stop-merge",
    "close-set",
    "revert-set",
    "save-prompt",
    "delete-prompt",
    "save-settings",
    "schedule",
    "run-now",
    "pause",
    "resume",
    "delete-schedule",
    "campaign",
    "next-wave",
    "stop-campaign",
    "go-on",
  ]),
  result: z.enum(["done", "refused"]),
  repositories: z.array(RepositoryName).optional(),
  round: z.number().int().positive().optional(),
  /** The sentence with which it was refused; of a saved job that was deleted, its name. */
  sentence: z.string().max(1_000).optional(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
export type AuditAction = AuditEntry["action"];
