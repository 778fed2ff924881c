import type { CampaignChange, CampaignDraft } from "../packages/jobs/campaign.ts";
import type { Delivery, Job } from "../packages/jobs/job.ts";
import type { JobRecord } from "../packages/jobs/job-record.ts";
import type { Reason } from "../packages/jobs/reasons.ts";
import type { RepoRun } from "../packages/jobs/repo-run.ts";
import type { Round } from "../packages/jobs/round.ts";
import type { Schedule, ScheduleChange } from "../packages/jobs/schedule.ts";
import type { SetAsk } from "../packages/jobs/set-ask.ts";
import type { RepoRunState } from "../packages/jobs/states.ts";
import type { AuditEntry, PersonDefaults, SavedSettings, Template } from "../packages/jobs/team.ts";
import type { ReadRights } from "../packages/notify/job-readers.ts";
import type { Pressed } from "../packages/pipeline/wake.ts";
import type { StoredCampaign } from "../packages/store/campaigns.ts";
import type { StoredSchedule } from "../packages/store/schedules.ts";
import type { NumbersReading } from "../packages/views/history/read-numbers.ts";
import type { OfferedModel } from "../packages/views/model-menu.ts";
import type { HistoryArtifacts, HistoryStore } from "./history-deps.ts";
import type { FileSource } from "./read-file.ts";
import type { Asked, LookedAt } from "./repository-look.ts";

/**
 * Who did something in Slack: ids as Slack gives them, and the name where it has been asked for. `afterAck`: takes writes for which the person need not wait; they
 * are done before the listener ends.
 */
export type Who = { teamId: string; userId: string; name?: string; afterAck?: (write: () => Promise<void>) => void };

export type FoundRepository = { name: string; description?: string | undefined };

export type Settings = {
  /** Offered in the modal; the first fits when `defaultModel` is none of them. */
  models: OfferedModel[];
  defaultModel: string;
  defaultDelivery?: Delivery;
  /** Names of the images that settings of a repository may choose. */
  images?: readonly string[];
  /** People who may decide about jobs of others, and read them. */
  admins: readonly string[];
  /** Only people whose login is known start jobs, each where GitHub lets them write. */
  strict?: boolean;
  /** Where jobs may be started besides direct messages; empty: everywhere. */
  channels?: readonly string[];
};

/** What the listeners need. Everything is bound to one workspace; calls that read or write say so by their names. */
export type SlackDeps = {
  store: {
    insertJob(job: Job): Promise<"created" | "exists">;
    readJob(jobId: string): Promise<JobRecord | undefined>;
    insertRound(round: Round): Promise<"created" | "exists">;
    requestCancel(jobId: string, target: string, request: { by: string; round: number }): Promise<void>;
    moveRun(
      ref: { jobId: string; round: number; repository: string },
      from: readonly RepoRunState[],
      changes: Pick<RepoRun, "state" | "reason" | "rejection">,
    ): Promise<RepoRun | undefined>;
    insertAsk(ask: SetAsk): Promise<"created" | SetAsk>;
    lookSoon(of: { jobId: string; repository: string }): Promise<void>;
    stopAsk(ask: SetAsk, stop: { by: string }): Promise<"stopped" | "ended">;
    recordAudit(entry: AuditEntry): Promise<void>;
    saveTemplate(template: Template, may: { anybodys: boolean }): Promise<"saved" | Template>;
    readTemplate(of: { teamId: string; name: string }): Promise<Template | undefined>;
    templatesOfTeam(teamId: string): Promise<Template[]>;
    deleteTemplate(
      of: { teamId: string; name: string },
      may: { by: string; anybodys: boolean },
    ): Promise<Template | undefined>;
    noteFormClick(of: { viewId: string; edition: number }, at: string): Promise<void>;
    noteFormReplaced(of: { viewId: string; edition: number }): Promise<void>;
    isNewestFormClick(of: { viewId: string; edition: number }, at: string): Promise<boolean>;
    readSchedule(of: Pick<Schedule, "teamId" | "scheduleId">): Promise<StoredSchedule | undefined>;
    saveSchedule(schedule: Schedule): Promise<void>;
    /** undefined: it was changed since it was read, and nothing was written. */
    changeSchedule(read: StoredSchedule, change: ScheduleChange): Promise<StoredSchedule | undefined>;
    deleteSchedule(of: Pick<Schedule, "teamId" | "scheduleId">): Promise<void>;
    saveCampaignDraft(draft: CampaignDraft): Promise<void>;
    readCampaignDraft(campaignId: string): Promise<CampaignDraft | undefined>;
    insertCampaign(draft: CampaignDraft): Promise<"created" | "exists">;
    readCampaign(campaignId: string): Promise<StoredCampaign | undefined>;
    /** undefined: it was changed since it was read, and nothing was written. */
    changeCampaign(read: StoredCampaign, change: CampaignChange): Promise<StoredCampaign | undefined>;
    claimWelcome(of: { teamId: string; userId: string }): Promise<"claimed" | "exists">;
    saveDefaults(defaults: PersonDefaults): Promise<void>;
    readSettings(of: { teamId: string; repository: string }): Promise<SavedSettings | undefined>;
    saveSettings(saved: SavedSettings, before: string | undefined): Promise<"saved" | SavedSettings>;
  } & HistoryStore &
    NumbersReading["store"];
  artifacts: HistoryArtifacts;
  /** Files that people attach. */
  files: FileSource;
  repositories: {
    /** From a cache: at most `limit`, best first; every word of the query in name, owner, topic or language. */
    search(query: string, who: Who, limit: number): Promise<FoundRepository[]>;
    /** When nothing is being fetched behind the scenes any more. */
    settled?(): Promise<void>;
    /** Why this repository may not be used, one sentence; from the patterns and the cached list, without I/O. */
    refusal(name: string, who: Who): string | undefined;
    /** Why a person whose login is known may not write there, from GitHub; answered within the time of a submit. */
    lacksRights(name: string, who: Who): Promise<string | undefined>;
    /** Those of the cached list that patterns and words name together, or a sentence about them. */
    select(
      text: string,
      who: Who,
    ): Promise<{ names: string[]; problem?: undefined } | { names?: undefined; problem: string }>;
    /** Repositories of the cached list that a text names in full, or by their address. It waits for the first list a while. */
    named(text: string, who: Who): Promise<string[]>;
    /** What its default branch says; undefined: not known within the time that a person waits. */
    look(name: string, pullRequests: readonly number[]): Promise<LookedAt | undefined>;
    /** Why a job cannot begin there, from GitHub; undefined: nothing is known against it within the time of a submit. */
    problem(name: string, asked: Asked): Promise<Reason | undefined>;
    /** The person's login on GitHub, where the deployment knows it. */
    loginOf(who: Who): string | undefined;
  };
  settings: Settings;
  readRights: ReadRights;
  /** Has what a schedule or a campaign has due started now; where it does not succeed, the next look does it. It never fails. */
  startSoon(pressed: Pressed): Promise<void>;
  log: (line: string) => void;
  now: () => Date;
};
