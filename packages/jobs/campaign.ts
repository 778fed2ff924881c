import { z } from "zod";
import { CampaignId, JobId, jobIdOfWave, RepositoryName, sameRepository } from "./ids.ts";
import { Job, JobOptions, MAX_REPOSITORIES, Prompt, Repositories, Timestamp } from "./job.ts";
import { Reason } from "./reasons.ts";

/** A table of Slack's holds a hundred rows, its head among them. */
export const MAX_CAMPAIGN_REPOSITORIES = 99;
const MAX_CAMPAIGN_USD = 5_000;
/** On how many repositories a first wave tries what the rest will get. */
export const MAX_FIRST_WAVE = 2;
const MAX_NAME = 80;

export const CampaignLimitUsd = z
  .number({ error: "The campaign's cost limit is a number of dollars, for example 50." })
  .positive("The campaign's cost limit must be above $0.")
  .max(MAX_CAMPAIGN_USD, `The campaign's cost limit can be at most $${MAX_CAMPAIGN_USD.toLocaleString("en")}.`);

export const StopAfter = z
  .number({ error: "Say after how many failures it stops, for example 2." })
  .int("Say a whole number of failures.")
  .min(1, "It stops after one failure at the earliest.")
  .max(MAX_CAMPAIGN_REPOSITORIES, `Say ${MAX_CAMPAIGN_REPOSITORIES} failures at most.`);

/** How many merges of a wave begin the next one. */
export const MergesForNext = z
  .number({ error: "Say how many merges of a wave begin the next one, for example 2." })
  .int("Say a whole number of merges.")
  .min(1, "One merge is the least that can begin the next wave.")
  .max(MAX_REPOSITORIES, `A wave has ${MAX_REPOSITORIES} repositories at most: say no more merges than that.`);

const CampaignRepositories = z
  .array(RepositoryName)
  .min(1, "No repository of Cody's list fits: try another pattern or other words.")
  .max(
    MAX_CAMPAIGN_REPOSITORIES,
    `A campaign takes ${MAX_CAMPAIGN_REPOSITORIES} repositories at most: narrow the pattern, and start a second one for the rest.`,
  );

/** Row `CAMPAIGN#id / DRAFT`: what a person has asked for and not yet started, with the repositories that were found. */
export const CampaignDraft = z.object({
  campaignId: CampaignId,
  teamId: z.string().min(1),
  /** Its owner: for whom its jobs run. */
  userId: z.string().min(1),
  channelId: z.string().min(1),
  name: z.string().min(1).max(MAX_NAME),
  prompt: Prompt,
  /** What each wave's job is started with, its cost limit among them. */
  options: JobOptions,
  /** In the order in which they have their turn. */
  repositories: CampaignRepositories,
  firstWave: z.number().int().min(1).max(MAX_FIRST_WAVE),
  waveSize: z.number().int().min(1).max(MAX_REPOSITORIES),
  /** So many merges of the last wave begin the next one; absent: a person does. */
  merges: MergesForNext.optional(),
  stopAfter: StopAfter,
  /** US dollars over all of its jobs. */
  costLimitUsd: CampaignLimitUsd,
  createdAt: Timestamp,
});
export type CampaignDraft = z.infer<typeof CampaignDraft>;

/** A wave is one job; this row names it before the job's own row stands. */
const Wave = Job.pick({ channelId: true, requester: true }).extend({
  jobId: JobId,
  repositories: Repositories,
  at: Timestamp,
});
export type Wave = z.infer<typeof Wave>;

/** Row `CAMPAIGN#id / CAMPAIGN`. */
export const Campaign = CampaignDraft.extend({
  waves: z.array(Wave).max(MAX_CAMPAIGN_REPOSITORIES).default([]),
  /** A person wants this wave to begin. */
  asked: z.object({ wave: z.number().int().positive(), by: z.string(), at: Timestamp }).optional(),
  /** `by` a person, or for a reason. What runs goes on. */
  stopped: z.object({ at: Timestamp, by: z.string().optional(), reason: Reason.optional() }).optional(),
  /** How many failures there were when a person let it go on. */
  forgiven: z.number().int().nonnegative().default(0),
  /** Repositories that have had their turn and no job: each with why. */
  refused: z
    .array(z.object({ repository: RepositoryName, reason: Reason, at: Timestamp }))
    .max(MAX_CAMPAIGN_REPOSITORIES)
    .default([]),
  /** The next wave would begin, but its repositories have had as many pull requests opened as they may. */
  waitsForPace: z.literal(true).optional(),
  /** How its repositories stand, and what told so: as they were looked at last. */
  counts: z.record(z.string(), z.number().int()).default({}),
  digest: z.string().optional(),
  /** When that changed last, and when it is looked at next. */
  movedAt: Timestamp.optional(),
  lookAt: Timestamp.optional(),
  /** Nothing of it can change any more. */
  endedAt: Timestamp.optional(),
});
export type Campaign = z.infer<typeof Campaign>;

/** What a write changes; undefined takes an attribute away. */
export type CampaignChange = { [Name in keyof Campaign]?: Campaign[Name] | undefined };

export const waveOf = ({ waves }: Pick<Campaign, "waves">, repository: string): Wave | undefined =>
  waves.find(({ repositories }) => repositories.some((one) => sameRepository(one, repository)));

export const refusalIn = ({ refused }: Pick<Campaign, "refused">, repository: string): Reason | undefined =>
  refused.find((one) => sameRepository(one.repository, repository))?.reason;

export const notStarted = (campaign: Pick<Campaign, "waves" | "repositories" | "refused">): string[] =>
  campaign.repositories.filter(
    (repository) => waveOf(campaign, repository) === undefined && refusalIn(campaign, repository) === undefined,
  );

/** How many repositories the next wave takes, where there are so many. */
export const nextSize = ({ waves, firstWave, waveSize }: Pick<Campaign, "waves" | "firstWave" | "waveSize">) =>
  waves.length === 0 ? firstWave : waveSize;

/** How many waves there are, if each is as large as it may be. */
export const wavesIn = ({
  repositories,
  firstWave,
  waveSize,
}: Pick<CampaignDraft, "repositories" | "firstWave" | "waveSize">) =>
  1 + Math.ceil(Math.max(0, repositories.length - firstWave) / waveSize);

/** To what its cost limit is raised by a press. */
export const raisedLimit = ({ costLimitUsd }: Pick<Campaign, "costLimitUsd">) =>
  Math.min(MAX_CAMPAIGN_USD, 2 * costLimitUsd);

/** The next wave as its row names it. */
export const waveFrom = (
  { campaignId, waves }: Pick<Campaign, "campaignId" | "waves">,
  wave: Omit<Wave, "jobId">,
): Wave => ({ ...wave, jobId: jobIdOfWave({ campaignId, wave: waves.length + 1 }) });

/** The job that a wave is: always the same one. */
export function jobOfWave(campaign: Campaign, wave: Wave): Job {
  const { campaignId, name, teamId, userId, prompt, options, waves } = campaign;
  const { at, ...own } = wave;
  return {
    ...own,
    teamId,
    userId,
    prompt,
    options,
    campaign: { campaignId, name, wave: waves.indexOf(wave) + 1 },
    createdAt: at,
    cancel: {},
  };
}
