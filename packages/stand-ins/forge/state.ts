import { z } from "zod";
import { ForgeApp, Token } from "./credentials.ts";

const ForgeMergeMethod = z.enum(["merge", "squash", "rebase"]);
export type ForgeMergeMethod = z.infer<typeof ForgeMergeMethod>;

export const ForgeRepository = z.object({
  id: z.number().int(),
  /** `owner/name`, spelled as its owner spelled it. */
  name: z.string(),
  formerNames: z.array(z.string()).default([]),
  description: z.string().default(""),
  topics: z.array(z.string()).default([]),
  language: z.string().nullable().default(null),
  defaultBranch: z.string(),
  archived: z.boolean().default(false),
  /** Everyone can see it. */
  isPublic: z.boolean().default(false),
  disabled: z.boolean().default(false),
  /** Names that branches had before they were renamed: GitHub redirects who asks for one. */
  formerBranches: z.record(z.string(), z.string()).default({}),
  /** What persons may do, by login; the others may do what `role` says. */
  people: z.record(z.string(), z.enum(["admin", "write", "read", "none"])).default({}),
  /** What our tokens' people may do here; `none` looks like a repository that does not exist. */
  role: z.enum(["none", "read", "write"]).default("write"),
  /** Overrides the measured size, so that a test has a repository of many gigabytes. */
  sizeKb: z.number().int().optional(),
  /** `false`: a plan without draft pull requests. */
  drafts: z.boolean().default(true),
  /** What its default branch asks for before a merge: approving reviews, and a base that is the newest. */
  rules: z.object({ reviews: z.number().int(), upToDate: z.boolean() }).default({ reviews: 0, upToDate: false }),
  /** Checks that must have passed before a merge, by name. */
  requiredChecks: z.array(z.string()).default([]),
  /** How its settings allow to merge; the first is what its button offers. */
  mergeMethods: z.array(ForgeMergeMethod).default(["merge", "squash", "rebase"]),
  /** Its settings allow that a pull request merges by itself. */
  autoMerge: z.boolean().default(false),
  /** Its default branch is merged into by a queue alone. */
  mergeQueue: z.boolean().default(false),
  createdAt: z.string(),
});
export type ForgeRepository = z.infer<typeof ForgeRepository>;

export const ForgePullRequest = z.object({
  repositoryId: z.number().int(),
  number: z.number().int(),
  title: z.string(),
  body: z.string().nullable(),
  author: z.string(),
  headBranch: z.string(),
  headSha: z.string(),
  baseBranch: z.string(),
  baseSha: z.string(),
  draft: z.boolean(),
  state: z.enum(["open", "closed"]),
  mergedAt: z.string().nullable().default(null),
  mergedBy: z.string().nullable().default(null),
  closedBy: z.string().nullable().default(null),
  /** Since when it merges by itself as soon as it may. */
  autoMergeAt: z.string().nullable().default(null),
  autoMergeBy: z.string().nullable().default(null),
  autoMergeMethod: ForgeMergeMethod.nullable().default(null),
  /** It waits in the merge queue. */
  isQueued: z.boolean().default(false),
  /** The commit on the base that it became. */
  mergeCommit: z.string().nullable().default(null),
  labels: z.array(z.string()).default([]),
  /** Logins who are asked for a review. */
  reviewers: z.array(z.string()).default([]),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type ForgePullRequest = z.infer<typeof ForgePullRequest>;

export const ForgeComment = z.object({
  id: z.number().int(),
  repositoryId: z.number().int(),
  /** The pull request's number. */
  issue: z.number().int(),
  author: z.string(),
  body: z.string(),
  createdAt: z.string(),
});
export type ForgeComment = z.infer<typeof ForgeComment>;

/** A commit's check: the run of a GitHub App, or a status that a service has set. `outcome` null: it goes on. */
export const ForgeCheck = z.object({
  repositoryId: z.number().int(),
  sha: z.string(),
  name: z.string(),
  kind: z.enum(["run", "status"]),
  outcome: z.enum(["success", "failure", "cancelled", "skipped"]).nullable(),
  id: z.number().int().default(0),
  /** What it says of its result; of a status the description alone. */
  title: z.string().nullable().default(null),
  summary: z.string().nullable().default(null),
  text: z.string().nullable().default(null),
  annotations: z.array(z.object({ path: z.string(), line: z.number().int(), message: z.string() })).default([]),
  /** What its job printed: then it is a job of GitHub Actions. */
  log: z.string().nullable().default(null),
});
export type ForgeCheck = z.infer<typeof ForgeCheck>;

export const ForgeReview = z.object({
  id: z.number().int().default(0),
  repositoryId: z.number().int(),
  /** The pull request's number. */
  number: z.number().int(),
  author: z.string(),
  state: z.enum(["APPROVED", "CHANGES_REQUESTED", "COMMENTED"]),
  body: z.string(),
  sha: z.string(),
  submittedAt: z.string(),
});
export type ForgeReview = z.infer<typeof ForgeReview>;

/** A discussion at a line of the change. */
export const ForgeThread = z.object({
  id: z.number().int(),
  repositoryId: z.number().int(),
  /** The pull request's number. */
  number: z.number().int(),
  path: z.string(),
  line: z.number().int(),
  /** A newer commit has changed its line. */
  isOutdated: z.boolean().optional(),
  isResolved: z.boolean(),
  /** The first of several lines. */
  startLine: z.number().int().optional(),
  /** Its lines are of the base. */
  isOfBase: z.boolean().optional(),
  comments: z.array(
    z.object({
      id: z.number().int(),
      author: z.string(),
      body: z.string(),
      isMinimized: z.boolean().optional(),
      /** Its author has not submitted it. */
      isPending: z.boolean().optional(),
    }),
  ),
});
export type ForgeThread = z.infer<typeof ForgeThread>;

export const ForgeData = z.object({
  nextId: z.number().int(),
  tokens: z.array(Token),
  /** There is one app at most. */
  app: ForgeApp.optional(),
  repositories: z.array(ForgeRepository),
  pullRequests: z.array(ForgePullRequest),
  comments: z.array(ForgeComment).default([]),
  checks: z.array(ForgeCheck).default([]),
  reviews: z.array(ForgeReview).default([]),
  threads: z.array(ForgeThread).default([]),
});
export type ForgeData = z.infer<typeof ForgeData>;

export type ForgeState = { data: ForgeData; save(): void };

/** By its number, also as an address has it. */
export const pullRequestOf = ({ data }: ForgeState, { id }: ForgeRepository, number: number | string | undefined) =>
  data.pullRequests.find((one) => one.repositoryId === id && `${one.number}` === `${number}`);
