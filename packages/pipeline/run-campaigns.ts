import { type Campaign, type CampaignChange, jobOfWave, waveFrom } from "../jobs/campaign.ts";
import {
  CAMPAIGN_STANDINGS,
  type CampaignRecord,
  countsIn,
  digestIn,
  failuresIn,
  hasFailedTooOften,
  nextStep,
  standingIn,
} from "../jobs/campaign-step.ts";
import type { Job } from "../jobs/job.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { type LookedOver, type LookOver, lookOver } from "./look-over.ts";

/** As it was read: a write that finds another version writes nothing. */
type Read = Campaign & { version: string };

export type CampaignDeps = {
  /** In pages, the most overdue first. */
  dueCampaigns(): AsyncIterable<Read[]>;
  changeCampaign(read: Read, change: CampaignChange): Promise<Read | undefined>;
  jobsById(jobIds: readonly string[]): Promise<Job[]>;
  runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
  insertJob(job: Job): Promise<"created" | "exists">;
  /** By the rules of a submit, for its owner; throws where a service does not say in time. */
  mayStart(
    wave: Pick<Job, "teamId" | "userId" | "channelId" | "options">,
  ): Promise<Pick<Job, "requester" | "channelId"> | { reason: Reason }>;
  /** The same for one repository: why it gets no job. */
  refusal(owner: Pick<Job, "userId">, repository: string): Promise<Reason | undefined>;
  /** Whether fewer pull requests are open there than may be. */
  hasRoom(of: { teamId: string; repository: string }): Promise<boolean>;
  /** Whether one more pull request may be opened there now; a yes is counted. */
  mayOpen(of: { teamId: string; repository: string }): Promise<boolean>;
  now(): Date;
  report(campaign: Campaign, error: unknown): void;
} & Pick<LookOver, "deadline" | "isOver">;

/**
 * Every few minutes: starts the waves whose turn has come, each once, and notes how the repositories of all campaigns
 * stand. What fails here stays due; it keeps no other campaign waiting.
 */
export const runCampaigns = (deps: CampaignDeps): Promise<LookedOver> =>
  lookOver<Read>({ ...deps, pages: deps.dueCampaigns(), look: (one, signal) => look(deps, one, signal) });

type Came = "started" | "nothing";

async function look(deps: CampaignDeps, campaign: Read, signal: AbortSignal): Promise<Came> {
  const record = await withMissingJobs(deps, campaign);
  const at = deps.now().toISOString();
  const step = nextStep(record);
  switch (step.kind) {
    case "start":
      return startWave(deps, record, campaign, { ...step, signal });
    case "stop":
      await deps.changeCampaign(campaign, { ...noted(record, at), stopped: { at, reason: step.reason } });
      return "nothing";
    case "done":
      await deps.changeCampaign(campaign, { ...noted(record, at), endedAt: at });
      return "nothing";
    case "stopped":
    case "wait":
      await note(deps, record, campaign);
      return "nothing";
  }
}

/** A process that died between a wave's two rows has left out the job's: it is the same one whenever it is written. */
async function withMissingJobs(deps: CampaignDeps, campaign: Campaign): Promise<CampaignRecord> {
  const found = await deps.jobsById(campaign.waves.map(({ jobId }) => jobId));
  const missing = campaign.waves
    .filter(({ jobId }) => !found.some((job) => job.jobId === jobId))
    .map((wave) => jobOfWave(campaign, wave));
  for (const job of missing) await deps.insertJob(job);
  const jobs = [...found, ...missing];
  return { campaign, jobs, runs: await deps.runsOfJobs(jobs) };
}

/** `size`: of these repositories so many, in their order. */
type Next = { repositories: readonly string[]; size: number; signal: AbortSignal };

/**
 * The campaign's row names the wave first: of two that look at once one has it. A repository that is refused ends with
 * the reason, and one that may open nothing now has its turn later: the next ones come in their places.
 */
async function startWave(deps: CampaignDeps, record: CampaignRecord, read: Read, next: Next): Promise<Came> {
  const at = deps.now().toISOString();
  const may = await deps.mayStart(read);
  next.signal.throwIfAborted();
  if ("reason" in may) {
    await deps.changeCampaign(read, { ...noted(record, at), stopped: { at, reason: may.reason } });
    return "nothing";
  }
  // Openings are counted by one of those that look now: the other's would be wasted.
  const campaign = await deps.changeCampaign(read, {});
  if (!campaign) return "nothing";
  const { open, refused, held } = await turnsIn(deps, record, next);
  const waits = open.length === 0 && held ? { waitsForPace: true as const } : {};
  if (open.length === 0 && refused.length === 0) {
    if (campaign.waitsForPace) await note(deps, record, campaign);
    else await deps.changeCampaign(campaign, { ...noted(record, at), ...waits });
    return "nothing";
  }
  const known = withRefused(record, refused);
  next.signal.throwIfAborted();
  if (open.length === 0 || hasFailedTooOften(known)) {
    const { refused: all } = known.campaign;
    const written = await deps.changeCampaign(campaign, { ...noted(known, at), ...waits, refused: all });
    // There may be nothing left, or too many failures.
    return written ? look(deps, written, next.signal) : "nothing";
  }
  const wave = waveFrom(campaign, { repositories: open, at, ...may });
  const written = await deps.changeCampaign(campaign, {
    ...noted(known, at),
    refused: known.campaign.refused,
    waves: [...campaign.waves, wave],
    asked: undefined,
    waitsForPace: undefined,
  });
  if (!written) return "nothing";
  await deps.insertJob(jobOfWave(written, written.waves.at(-1)!));
  return "started";
}

type Refused = Campaign["refused"];

/** GitHub is asked about so many in one look: the others are looked at when these have had their turn. */
const MAX_ASKED = 20;

/** Rights are asked for before an opening is counted. It ends with the failure after which the campaign stops. */
async function turnsIn(
  deps: CampaignDeps,
  record: CampaignRecord,
  { repositories, size, signal }: Next,
): Promise<{ open: string[]; refused: Refused; held: boolean }> {
  const { teamId } = record.campaign;
  const open: string[] = [];
  const refused: Refused = [];
  let held = false;
  let asked = 0;
  for (const repository of repositories) {
    if (open.length === size || asked === MAX_ASKED || hasFailedTooOften(withRefused(record, refused))) break;
    if (!(await deps.hasRoom({ teamId, repository }))) {
      held = true;
      continue;
    }
    asked += 1;
    const reason = await deps.refusal(record.campaign, repository);
    signal.throwIfAborted();
    if (reason) refused.push({ repository, reason, at: deps.now().toISOString() });
    else if (await deps.mayOpen({ teamId, repository })) open.push(repository);
    else held = true;
  }
  return { open, refused, held };
}

const withRefused = (record: CampaignRecord, refused: Refused): CampaignRecord => ({
  ...record,
  campaign: { ...record.campaign, refused: [...record.campaign.refused, ...refused] },
});

const DAY_MS = 24 * 60 * 60_000;
/** Where nothing has moved for a day it is looked at each hour; after two weeks once a day. */
const QUIET = [
  { afterMs: 14 * DAY_MS, everyMs: DAY_MS },
  { afterMs: DAY_MS, everyMs: 60 * 60_000 },
];
/** A stopped campaign that has not moved for so long is left as it is. */
const LEFT_AFTER_MS = 30 * DAY_MS;

const noted = (record: CampaignRecord, at: string): CampaignChange => ({
  counts: countsIn(record),
  digest: digestIn(record),
  // What was forgiven and has come right since makes no room for another failure.
  forgiven: Math.min(record.campaign.forgiven, failuresIn(record)),
  movedAt: at,
  lookAt: undefined,
});

/** Its row changes with what its message shows: the readers of the table's stream show it then. */
async function note(deps: CampaignDeps, record: CampaignRecord, campaign: Read): Promise<void> {
  const now = deps.now();
  const at = now.toISOString();
  if (digestIn(record) !== campaign.digest) {
    await deps.changeCampaign(campaign, noted(record, at));
    return;
  }
  const quietMs = now.getTime() - Date.parse(campaign.movedAt ?? campaign.createdAt);
  if (campaign.stopped && (isSettled(record) || quietMs > LEFT_AFTER_MS)) {
    await deps.changeCampaign(campaign, { endedAt: at });
    return;
  }
  const rhythm = QUIET.find(({ afterMs }) => quietMs > afterMs);
  if (rhythm) await deps.changeCampaign(campaign, { lookAt: new Date(now.getTime() + rhythm.everyMs).toISOString() });
}

const isSettled = (record: CampaignRecord) =>
  record.campaign.waves.every(({ repositories }) =>
    repositories.every((repository) => CAMPAIGN_STANDINGS[standingIn(record, repository)].isSettled),
  );
