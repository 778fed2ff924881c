import { UserError } from "../packages/jobs/errors.ts";
import type { Job } from "../packages/jobs/job.ts";
import type { JobRecord } from "../packages/jobs/job-record.ts";
import type { JobReaders } from "../packages/jobs/readers.ts";
import { listed } from "../packages/text/lists.ts";
import { parseTarget, type Target } from "../packages/views/actions.ts";
import type { Settings, SlackDeps, Who } from "./deps.ts";

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

/** "<@U1>, <@U2> or <@U3>": people who can help, the first few of them. */
const MAX_HELPERS = 3;
const mentions = (userIds: readonly string[]) =>
  listed(
    [...new Set(userIds)].slice(0, MAX_HELPERS).map((id) => `<@${id}>`),
    "or",
  );

/** A sentence, and the same with the people who can help where Slack shows who they are: in messages. */
function refusal(sentence: string, helpers: readonly string[]): UserError {
  const whole = helpers.length === 0 ? sentence : `${sentence.replace(/\.$/, "")}: ask ${mentions(helpers)}.`;
  return new UserError(sentence, { inMessage: whole });
}

const NOT_FOR_YOU: Record<Exclude<JobReaders, "everybody">, string> = {
  channel: "This job may be read by members of its channel, by the person who started it and by admins of Cody.",
  requester: "This job may be read by the person who started it and by admins of Cody.",
};

type ReadingDeps = Pick<SlackDeps, "store" | "readRights" | "settings">;

/** A job of this workspace that the person may read; another workspace's does not exist for it. @throws UserError */
export async function readOwnJob(deps: ReadingDeps, jobId: string, who: Who): Promise<JobRecord> {
  const record = await deps.store.readJob(jobId);
  if (record?.job.teamId !== who.teamId) throw new NoSuchJob("There is no such job in this workspace.");
  const { readRights, settings } = deps;
  if (readRights.readers !== "everybody" && !(await maySee(deps, record.job, who)))
    throw refusal(NOT_FOR_YOU[readRights.readers], [record.job.userId, ...settings.admins]);
  return record;
}

async function maySee({ readRights }: ReadingDeps, job: Job, who: Who): Promise<boolean> {
  try {
    return await readRights.mayRead(job, who);
  } catch (cause) {
    throw new UserError("Slack did not say in time whether you may read this job; try again in a minute.", { cause });
  }
}

export const mayDecide = (job: Pick<Job, "userId">, who: Who, { admins }: { admins: readonly string[] }) =>
  job.userId === who.userId || admins.includes(who.userId);

/** Cancel, approve, reject, retry, raise the cost limit: for the job's requester and admins. */
export function mustBeAllowedToDecide(job: Job, who: Who, settings: { admins: readonly string[] }): void {
  if (mayDecide(job, who, settings)) return;
  const sentence = "Only the person who asked for this job, or an admin of Cody, may do that.";
  throw refusal(sentence, [job.userId, ...settings.admins]);
}

/**
 * Merging, closing and reverting: for those who may decide about the job, and for people whom GitHub lets write in every
 * repository concerned. Where a person's login is known GitHub is asked, about admins too. @throws UserError
 */
export async function mustBeAllowedToMerge(
  deps: Pick<SlackDeps, "settings" | "repositories">,
  who: Who,
  { job, repositories }: { job: Job; repositories: readonly string[] },
): Promise<void> {
  const isKnown = deps.repositories.loginOf(who) !== undefined;
  if (!isKnown) {
    mustBeAllowedToDecide(job, who, deps.settings);
    if (!deps.settings.admins.includes(who.userId)) mustBeNamed(who, deps);
    return;
  }
  const lacking = await Promise.all(repositories.map((name) => deps.repositories.lacksRights(name, who)));
  const [first] = lacking.filter((sentence) => sentence !== undefined);
  if (first !== undefined) throw new UserError(first);
}

type StartRules = {
  settings: Pick<Settings, "strict" | "admins" | "channels">;
  repositories: Pick<SlackDeps["repositories"], "loginOf">;
};

/** In a strict deployment jobs are started, and worked on further, by the people whom it names alone. @throws UserError */
export function mustBeNamed(who: Who, { settings, repositories }: StartRules): void {
  if (!settings.strict || repositories.loginOf(who) !== undefined) return;
  throw refusal(
    "Here only people whom the admins of Cody have named start jobs, and you are not yet.",
    settings.admins,
  );
}

/** Who may start a job, and where. @throws UserError */
export function mustBeAllowedToStart(deps: StartRules, who: Who, channelId: string) {
  mustBeNamed(who, deps);
  mustBeAllowedHere(channelId, deps.settings);
}

/** Configuration may keep jobs in some channels; a direct message is each person's own. @throws UserError */
function mustBeAllowedHere(channelId: string, { channels = [] }: Pick<Settings, "channels">): void {
  if (channels.length === 0 || channels.includes(channelId) || !/^[CG]/.test(channelId)) return;
  throw new UserError(`Jobs are started in ${channels.map((id) => `<#${id}>`).join(", ")} only.`);
}
