import { createHash } from "node:crypto";
import { z } from "zod";

/** `j` and 64 bits in hex: short enough for a branch, an execution name and a thumb. */
export const JobId = z.string().regex(/^j[0-9a-f]{16}$/, "A job id looks like j0123456789abcdef.");
export type JobId = z.infer<typeof JobId>;

/**
 * GitHub `owner/name`. Owner: letters, digits and single inner hyphens, 39 at most. Name: 100 at most,
 * never `.` or `..`, never starting with a hyphen (it would read as an option on a command line).
 */
export const RepositoryName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}\/(?!\.{1,2}$)(?!-)[A-Za-z0-9._-]{1,100}$/,
    "Write a repository as owner/name, for example acme/orders.",
  )
  .refine((name) => !name.toLowerCase().endsWith(".git"), "Leave out the .git at the end of a repository's name.");
export type RepositoryName = z.infer<typeof RepositoryName>;

/** One submit has one Slack `view.id`, so a repeated delivery of it gives the same job. */
export function jobIdOf(submit: { teamId: string; viewId: string }): JobId {
  return `j${digestOf(submit.teamId, submit.viewId)}`;
}

/** `s` and 64 bits in hex. */
export const ScheduleId = z.string().regex(/^s[0-9a-f]{16}$/);
export type ScheduleId = z.infer<typeof ScheduleId>;

const digestOf = (...words: string[]) => createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 16);

/** One schedule of a saved job a person: to schedule it again changes when it runs. */
export const scheduleIdOf = ({ teamId, userId, name }: { teamId: string; userId: string; name: string }): ScheduleId =>
  `s${digestOf("schedule", teamId, userId, name.toLowerCase())}`;

/** One planned time gives one job, however often it is delivered. */
export const jobIdOfTime = ({ scheduleId, plannedAt }: { scheduleId: ScheduleId; plannedAt: string }): JobId =>
  `j${digestOf(scheduleId, plannedAt)}`;

/** `c` and 64 bits in hex. */
export const CampaignId = z.string().regex(/^c[0-9a-f]{16}$/);
export type CampaignId = z.infer<typeof CampaignId>;

export const campaignIdOf = ({ teamId, viewId }: { teamId: string; viewId: string }): CampaignId =>
  `c${digestOf("campaign", teamId, viewId)}`;

/** One wave of a campaign is one job, however often it is started. */
export const jobIdOfWave = ({ campaignId, wave }: { campaignId: CampaignId; wave: number }): JobId =>
  `j${digestOf(campaignId, String(wave))}`;

/** Step Functions allows 80 characters and refuses a name for 90 days: that is what makes a second start harmless. */
export const executionName = (jobId: JobId, round: number) => `${jobId}-r${round}`;

/**
 * The branch of a job in a repository: made from what never changes, so that later rounds add commits to it. `nth`:
 * one more than there were pull requests that were merged or closed before a later round.
 */
export function branchName(jobId: JobId, prompt: string, nth = 1): string {
  const slug = prompt
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return `cody/${jobId}${nth === 1 ? "" : `-${nth}`}${slug && `-${slug}`}`;
}

/** Its name where a branch `cody` exists: git keeps no branch below another one. */
export const besideBranch = (branch: string) => branch.replace("/", "-");

/** Repository names compare without case on GitHub. */
export const sameRepository = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
