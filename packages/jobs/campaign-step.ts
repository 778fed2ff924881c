import { createHash } from "node:crypto";
import { type Campaign, nextSize, notStarted, refusalIn, waveOf } from "./campaign.ts";
import { sameRepository } from "./ids.ts";
import type { Job } from "./job.ts";
import { because, hasCode, type Reason } from "./reasons.ts";
import type { RepoRun } from "./repo-run.ts";
import { followedStatusOf } from "./run-pull-request.ts";
import { countedUsd, hasRoom } from "./schedule.ts";
import { type RunStanding, runStanding, STANDINGS } from "./standings.ts";

/** A campaign with the rows of its jobs. */
export type CampaignRecord = { campaign: Campaign; jobs: readonly Job[]; runs: readonly RepoRun[] };

/** What people tell apart in a campaign: beside how a run rests, whether its pull request is merged or closed. */
export type CampaignStanding = RunStanding | "not-started" | "refused" | "running" | "merged" | "closed";

type CampaignFacts = {
  /** "3 merged". */
  counted: (count: number) => string;
  /** It counts as a failure: the change is no good as it is. */
  isFailure?: true;
  /** Nothing is expected of it any more. */
  isSettled?: true;
};

const SETTLED = { isSettled: true } as const;
const FAILURE = { isSettled: true, isFailure: true } as const;

/** In the order of a summary. */
export const CAMPAIGN_STANDINGS: Record<CampaignStanding, CampaignFacts> = {
  merged: { counted: (count) => `${count} merged`, ...SETTLED },
  waiting: { counted: STANDINGS.waiting.counted },
  published: { counted: (count) => `${count} open` },
  draft: { counted: (count) => `${count} open as a draft` },
  running: { counted: (count) => `${count} running` },
  "patch-ready": { counted: STANDINGS["patch-ready"].counted, ...SETTLED },
  unchanged: { counted: STANDINGS.unchanged.counted, ...SETTLED },
  failed: { counted: STANDINGS.failed.counted, ...FAILURE },
  blocked: { counted: STANDINGS.blocked.counted, ...FAILURE },
  closed: { counted: (count) => `${count} closed`, ...FAILURE },
  rejected: { counted: STANDINGS.rejected.counted, ...FAILURE },
  cancelled: { counted: STANDINGS.cancelled.counted, ...SETTLED },
  refused: { counted: (count) => `${count} refused`, ...FAILURE },
  "not-started": { counted: (count) => `${count} not started` },
};
const ALL = Object.keys(CAMPAIGN_STANDINGS) as CampaignStanding[];

export function runIn({ campaign, runs }: CampaignRecord, repository: string): RepoRun | undefined {
  const jobId = waveOf(campaign, repository)?.jobId;
  return runs.find((run) => run.jobId === jobId && sameRepository(run.repository, repository));
}

export function standingIn(record: CampaignRecord, repository: string): CampaignStanding {
  if (!waveOf(record.campaign, repository))
    return refusalIn(record.campaign, repository) === undefined ? "not-started" : "refused";
  const run = runIn(record, repository);
  const standing = run && runStanding(run);
  if (!run || standing === undefined) return "running";
  const state = standing === "published" || standing === "draft" ? followedStatusOf(run)?.state : "open";
  return state === "merged" || state === "closed" ? state : standing;
}

/** How many stand how; what there is none of is left out. */
export function countsIn(record: CampaignRecord): Record<string, number> {
  const standings = record.campaign.repositories.map((repository) => standingIn(record, repository));
  const counted = ALL.map((one) => [one, standings.filter((standing) => standing === one).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

/** "3 merged, 2 open, 1 failed". */
export const countWords = (counts: Readonly<Record<string, number>>): string =>
  ALL.flatMap((one) => (counts[one] ? CAMPAIGN_STANDINGS[one].counted(counts[one]) : [])).join(", ");

/** Changes with all that the campaign's message shows of its jobs. */
export const digestIn = ({ runs }: CampaignRecord): string =>
  createHash("sha256")
    .update(
      JSON.stringify(runs.map((run) => [run.repository, runStanding(run), run.pullRequest, followedStatusOf(run)])),
    )
    .digest("hex")
    .slice(0, 16);

/** US dollars that count against the campaign's limit: of a job that runs, all that it may cost. */
export const campaignUsd = ({ campaign, jobs, runs }: CampaignRecord): number =>
  campaign.waves.reduce((sum, { jobId }) => {
    const job = jobs.find((one) => one.jobId === jobId);
    const own = runs.filter((run) => run.jobId === jobId);
    return sum + (job ? countedUsd(job, own) : campaign.options.capUsd);
  }, 0);

export type CampaignStep =
  /** So many of these repositories, the first in their order that may open a pull request. */
  | { kind: "start"; repositories: string[]; size: number }
  | { kind: "stop"; reason: Reason }
  /** `merges`: so many are missing. `money`: a job that runs may leave some of what it could cost. */
  | { kind: "wait"; for: "person" | "running" | "money" }
  | { kind: "wait"; for: "merges"; missing: number }
  | { kind: "stopped" }
  | { kind: "done" };

/** Pure: what is to be done about a campaign now. */
export function nextStep(record: CampaignRecord): CampaignStep {
  const { campaign } = record;
  if (campaign.stopped) return { kind: "stopped" };
  const left = notStarted(campaign);
  const started = campaign.repositories
    .filter((repository) => !left.includes(repository))
    .map((repository) => standingIn(record, repository));
  if (left.length === 0)
    return started.every((standing) => CAMPAIGN_STANDINGS[standing].isSettled)
      ? { kind: "done" }
      : { kind: "wait", for: "running" };
  if (hasFailedTooOften(record)) return { kind: "stop", reason: because("campaign-failures", failuresIn(record)) };
  if (campaign.waves.length > 0 && campaign.asked?.wave !== campaign.waves.length + 1) {
    if (campaign.merges === undefined) return { kind: "wait", for: "person" };
    const missing = missingMerges(record, campaign.merges);
    if (missing > 0) return { kind: "wait", for: "merges", missing };
  }
  const counted = campaignUsd(record);
  const { capUsd } = campaign.options;
  if (!hasRoom(campaign.costLimitUsd, { counted, asks: capUsd }))
    return started.includes("running") || started.includes("waiting")
      ? { kind: "wait", for: "money" }
      : { kind: "stop", reason: because("campaign-cost-limit", counted, campaign.costLimitUsd, capUsd) };
  return { kind: "start", repositories: left, size: nextSize(campaign) };
}

export const hasFailedTooOften = (record: CampaignRecord): boolean =>
  failuresIn(record) - record.campaign.forgiven >= record.campaign.stopAfter;

export const failuresIn = (record: CampaignRecord): number =>
  record.campaign.repositories.filter((repository) => CAMPAIGN_STANDINGS[standingIn(record, repository)].isFailure)
    .length;

/** How many merges the last wave still lacks. A repository in which nothing was needed has nothing to merge. */
function missingMerges(record: CampaignRecord, wanted: number): number {
  const standings = record.campaign.waves.at(-1)!.repositories.map((repository) => standingIn(record, repository));
  const possible = standings.filter((standing) => standing !== "unchanged").length;
  return Math.min(wanted, possible) - standings.filter((standing) => standing === "merged").length;
}

/** It stopped at its limit: going on raises that. */
export const isAtLimit = ({ stopped }: Pick<Campaign, "stopped">) => hasCode(stopped?.reason, "campaign-cost-limit");
