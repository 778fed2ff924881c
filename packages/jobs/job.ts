import { z } from "zod";
import { Attachment, MAX_ATTACHMENTS } from "./attachment.ts";
import { BranchName, Command, GivenText } from "./given-text.ts";
import { CampaignId, JobId, RepositoryName, ScheduleId, sameRepository } from "./ids.ts";
import { RepositorySettings } from "./repository-settings.ts";

/** Limits of the domain types; a package's own limits stand in that package. */
export const MAX_REPOSITORIES = 5;
export const MAX_PROMPT_CHARS = 9_000;
export const DEFAULT_COST_LIMIT_USD = 5;
export const MAX_COST_LIMIT_USD = 500;
export const APPROVAL_DAYS = 7;
/** Presigned links live at most this long; they die earlier with the signer's credentials. */
export const LINK_SECONDS = 15 * 60;

export const Timestamp = z.iso.datetime();

/** How hard the model thinks: https://platform.claude.com/docs/en/build-with-claude/effort */
export const Effort = z.enum(["low", "medium", "high", "xhigh", "max"]);
export type Effort = z.infer<typeof Effort>;

export const Delivery = z.enum(["open-pr", "draft-pr", "review-first", "patch-only"]);
export type Delivery = z.infer<typeof Delivery>;

export const Prompt = GivenText.trim()
  .min(1, "Say what Cody should do: the prompt is empty.")
  .max(
    MAX_PROMPT_CHARS,
    `Shorten the prompt to ${MAX_PROMPT_CHARS.toLocaleString("en")} characters or put the long part in the repository.`,
  );

export const CostLimitUsd = z
  .number({ error: "The cost limit is a number of dollars, for example 5." })
  .positive("The cost limit must be above $0.")
  .max(MAX_COST_LIMIT_USD, `The cost limit can be at most $${MAX_COST_LIMIT_USD}.`);

export const Repositories = z
  .array(RepositoryName)
  .min(1, "Choose at least one repository.")
  .max(MAX_REPOSITORIES, `Choose at most ${MAX_REPOSITORIES} repositories; start a second job for the rest.`)
  .refine(
    (names) => names.every((name, i) => names.findIndex((other) => sameRepository(other, name)) === i),
    "The same repository is named twice; name each one once.",
  );

/** How a pull request names who asked: the login on GitHub where the deployment knows it, and the name in Slack. */
const Requester = z.object({ name: z.string().max(200).optional(), login: z.string().max(100).optional() });

export const JobOptions = z.object({
  /** Absent: each repository's default branch. */
  baseBranch: BranchName.optional(),
  delivery: Delivery.default("open-pr"),
  setupCommand: Command.optional(),
  verifyCommand: Command.optional(),
  model: z.string().min(1).max(100),
  /** Absent: the deployment's, else what suits the model. */
  effort: Effort.optional(),
  /** US dollars for the whole job, all repositories and rounds together. */
  capUsd: CostLimitUsd.default(DEFAULT_COST_LIMIT_USD),
  /** May change CI and whatever else runs by itself, such as hooks of editors and agents; such a change is a draft. */
  mayChangeCi: z.boolean().optional(),
  /** Failing checks of its pull requests are taken up without a word, at most `MAX_FIX_ROUNDS` times each. */
  fixChecks: z.boolean().optional(),
  /** The requester is told in a direct message too when a round has ended or waits. */
  tellDirectly: z.boolean().optional(),
  /** What the form says for one repository alone; it goes before what it says for all. */
  byRepository: z.record(RepositoryName, RepositorySettings).optional(),
});
export type JobOptions = z.infer<typeof JobOptions>;

/** What a schedule started, and what it left out this time: a sentence each, in its own words. */
const Scheduled = z.object({
  scheduleId: ScheduleId,
  name: z.string(),
  plannedAt: Timestamp,
  leftOut: z.array(z.string()).default([]),
});

/** The wave of a campaign that a job is. */
const OfCampaign = z.object({ campaignId: CampaignId, name: z.string(), wave: z.number().int().positive() });

/** A request to stop; it covers rounds up to and including `round`. */
export const CancelRequest = z.object({ by: z.string(), at: Timestamp, round: z.number().int().positive() });

/** Row `JOB#id / JOB`. Inserting it is the request for round 1. */
export const Job = z.object({
  jobId: JobId,
  teamId: z.string().min(1),
  channelId: z.string().min(1),
  userId: z.string().min(1),
  /** Absent on rows of earlier releases. */
  requester: Requester.optional(),
  prompt: Prompt,
  repositories: Repositories,
  options: JobOptions,
  /** Files that came with the request; they belong to the first message of each conversation. */
  attachments: z.array(Attachment).max(MAX_ATTACHMENTS).optional(),
  /** Why files of the message that became the prompt are none of them: a sentence each. */
  leftOut: z.array(z.string()).optional(),
  /** Absent: a person started it. */
  scheduled: Scheduled.optional(),
  campaign: OfCampaign.optional(),
  createdAt: Timestamp,
  /** Key: a repository's name, or `*` for the whole job. */
  cancel: z.record(z.string(), CancelRequest).default({}),
});
export type Job = z.infer<typeof Job>;

export function cancelOf(job: Pick<Job, "cancel">, repository: string, round: number) {
  return [job.cancel["*"], job.cancel[repository]].find((cancel) => cancel !== undefined && cancel.round >= round);
}
