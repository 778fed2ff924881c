import { z } from "zod";
import { JobId, RepositoryName } from "./ids.ts";
import { MAX_REPOSITORIES, Timestamp } from "./job.ts";
import { Reason } from "./reasons.ts";

/** What a person can ask for pull requests of a job, each where Publish's rights are needed. */
const SetAskKind = z.enum(["merge", "close", "revert"]);

/** How far it has come: it waits, GitHub has taken it over, or it has ended. */
const SetAskState = z.enum(["waiting", "auto-merge", "queued", "done", "lapsed"]);

/**
 * Row `JOB#id / ASK#merge#owner/name`: that a person asked to merge, close or revert one pull request. Slack's side
 * writes it, and a function of Publish's zone does it. A look at GitHub says what was done, so every step may be
 * repeated.
 */
export const SetAsk = z.object({
  jobId: JobId,
  repository: RepositoryName,
  kind: SetAskKind,
  number: z.number().int().positive(),
  nodeId: z.string(),
  url: z.url(),
  branch: z.string(),
  /** Its newest commit when it was asked for: no other one is merged. */
  head: z.string().max(64),
  by: z.string(),
  /** The person's login on GitHub, where the deployment knows it: their rights are looked at once more before the act. */
  login: z.string().max(100).optional(),
  at: Timestamp,
  /** Repositories of the job whose pull requests must be merged first. */
  after: z.array(RepositoryName).max(MAX_REPOSITORIES).default([]),
  state: SetAskState,
  /** Who has taken it back: what GitHub has taken over is undone before it ends. */
  stop: z.object({ by: z.string(), at: Timestamp }).optional(),
  /** Why it lapsed. */
  reason: Reason.optional(),
  /** What GitHub said when it was tried last. */
  said: z.string().max(300).optional(),
  /** When GitHub was asked last, and how the pull request stood by our rows then. */
  tried: z.object({ at: Timestamp, standing: z.string().max(1_000) }).optional(),
  endedAt: Timestamp.optional(),
  /** The pull request that reverts it. */
  revert: z.object({ number: z.number().int().positive(), url: z.url(), conflicts: z.boolean() }).optional(),
});
export type SetAsk = z.infer<typeof SetAsk>;

export const hasAskEnded = ({ state }: Pick<SetAsk, "state">) => state === "done" || state === "lapsed";

/** `acme/orders#12`, as people on GitHub write it. */
export const nameOfAsk = ({ repository, number }: Pick<SetAsk, "repository" | "number">) => `${repository}#${number}`;
