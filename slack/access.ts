import { UserError } from "../packages/jobs/errors.ts";
import type { Job } from "../packages/jobs/job.ts";
import type { JobRecord } from "../packages/jobs/job-record.ts";
import { parseTarget, type Target } from "../packages/views/actions.ts";
import type { SlackDeps, Who } from "./deps.ts";

export const STALE = "Cody does not know that button any more; use the job's card.";

export function targetOf(value: string | undefined): Target {
  const target = parseTarget(value);
  if (!target) throw new UserError(STALE);
  return target;
}

/** Nothing about it may be kept beside a job: it is none of this workspace's. */
class NoSuchJob extends UserError {
  override name = "NoSuchJob";
}

/** A job of this workspace; another workspace's does not exist for it. */
export async function readOwnJob(deps: Pick<SlackDeps, "store">, jobId: string, who: Who): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (record?.job.teamId !== who.teamId) throw new NoSuchJob(`There is no job ${jobId} in this workspace.`);
  return record;
}

export const mayDecide = (job: Job, who: Who, { admins }: { admins: readonly string[] }) =>
  job.userId === who.userId || admins.includes(who.userId);

/** Cancel, approve, reject, retry, raise the cost limit: for the job's requester and admins. */
export function mustBeAllowedToDecide(job: Job, who: Who, settings: { admins: readonly string[] }): void {
  if (mayDecide(job, who, settings)) return;
  throw new UserError("Only the person who asked for this job, or an admin, may do that.");
}

/** Configuration may keep jobs in some channels; a direct message is each person's own. @throws UserError */
export function mustBeAllowedHere(channelId: string, { channels = [] }: { channels?: readonly string[] }): void {
  if (channels.length === 0 || channels.includes(channelId) || !/^[CG]/.test(channelId)) return;
  throw new UserError(`Jobs are started in ${channels.map((id) => `<#${id}>`).join(", ")} only.`);
}
