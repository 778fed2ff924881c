import { jobIdOfTime } from "../jobs/ids.ts";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { countedUsd, hasRoom, type Schedule, type ScheduleChange } from "../jobs/schedule.ts";
import { type LeftOutDeps, takenNow } from "./left-out.ts";
import { type LookedOver, type LookOver, lookOver } from "./look-over.ts";
import { nextAtOf, type Planned, plannedTime } from "./planned-time.ts";
import { SETTLE_MS, settled } from "./settle-schedule.ts";

/** As it was read: a write that finds another version writes nothing. */
type Read = Schedule & { version: string };

/** Who asks, and where the card belongs: decided anew at each run. */
type Start = Pick<Job, "requester" | "channelId">;

export type ScheduleDeps = LeftOutDeps & {
  /** In pages, the most overdue first. */
  dueSchedules(): AsyncIterable<Read[]>;
  readSchedule(of: Pick<Schedule, "teamId" | "scheduleId">): Promise<Read | undefined>;
  changeSchedule(read: Read, change: ScheduleChange): Promise<Read | undefined>;
  readJob(jobId: string): Promise<JobRecord | undefined>;
  insertJob(job: Job): Promise<"created" | "exists">;
  noteScheduledJob(one: { scheduleId: string; plannedAt: string; jobId: string }): Promise<void>;
  scheduledJobIds(scheduleId: string, month: string): Promise<string[]>;
  /** By the rules of a submit; throws where a service does not say in time. */
  mayStart(schedule: Schedule): Promise<Start | { reason: Reason }>;
  /** Its owner, or the channel where that person is gone. It never fails. */
  tell(schedule: Schedule, reason: Reason): Promise<void>;
  now(): Date;
  report(schedule: Schedule, error: unknown): void;
} & Pick<LookOver, "deadline" | "isOver">;

/**
 * Every few minutes: starts what is due, once for each planned time, and counts how it ended. What fails here stays due; it
 * keeps no other schedule waiting.
 */
export const runSchedules = (deps: ScheduleDeps): Promise<LookedOver> =>
  lookOver<Read>({ ...deps, pages: deps.dueSchedules(), look: (one, signal) => runDue(deps, one, signal) });

type Came = "started" | "nothing";

async function runDue(deps: ScheduleDeps, read: Read, signal: AbortSignal): Promise<Came> {
  const schedule = await settle(deps, read);
  const planned = schedule && plannedTime(schedule, deps.now());
  if (!schedule || !planned) return "nothing";
  const jobId = jobIdOfTime({ ...schedule, ...planned });
  const [before] = await deps.jobsById([jobId]);
  // Started by a delivery that ended before it could say so.
  if (before) return keepStarted(deps, schedule, planned, before);
  if (planned.missed) return pass(deps, schedule, planned, because("schedule-missed", planned.plannedAt));
  const may = await deps.mayStart(schedule);
  signal.throwIfAborted();
  if ("reason" in may) return pause(deps, schedule, planned, may.reason);
  const { taken, leftOut } = await takenNow(deps, schedule);
  signal.throwIfAborted();
  if (taken.length === 0) {
    const reason = because("schedule-nothing-left", leftOut.length, leftOut[0]!.message);
    return pass(deps, schedule, planned, reason);
  }
  const over = await overMonth(deps, schedule, { ...planned, jobId });
  if (over) return pass(deps, schedule, planned, over);
  const { scheduleId, name, teamId, userId, prompt, options } = schedule;
  const { plannedAt } = planned;
  const job: Job = {
    ...may,
    jobId,
    teamId,
    userId,
    prompt,
    repositories: taken,
    options,
    scheduled: { scheduleId, name, plannedAt, leftOut: leftOut.map(({ message }) => message) },
    createdAt: deps.now().toISOString(),
    cancel: {},
  };
  signal.throwIfAborted();
  await deps.noteScheduledJob({ scheduleId, plannedAt, jobId });
  await deps.insertJob(job);
  return keepStarted(deps, schedule, planned, job);
}

/**
 * Two deliveries at once start the same job, and people press buttons meanwhile: what they changed stays, and the job
 * stands in the row all the same. Else it would not be counted, and the next time would begin beside it.
 */
async function keepStarted(
  deps: ScheduleDeps,
  read: Read,
  planned: Planned,
  { jobId, repositories }: Job,
): Promise<Came> {
  let schedule: Read | undefined = read;
  while (schedule && schedule.last?.jobId !== jobId) {
    const over = passed(deps, schedule);
    const written = await deps.changeSchedule(schedule, {
      nowAt: schedule.nowAt === read.nowAt ? over.nowAt : schedule.nowAt,
      nextAt: schedule.nextAt === read.nextAt ? over.nextAt : schedule.nextAt,
      last: { plannedAt: planned.plannedAt, jobId },
      lookAt: new Date(deps.now().getTime() + SETTLE_MS).toISOString(),
      unsettled: [...schedule.unsettled.filter((one) => one !== jobId).slice(-MAX_BEFORE), jobId],
      lastJobs: { ...schedule.lastJobs, ...Object.fromEntries(repositories.map((repository) => [repository, jobId])) },
    });
    schedule = written ? undefined : await deps.readSchedule(read);
  }
  return "started";
}

/** Older jobs that still wait to be counted. */
const MAX_BEFORE = 10;

async function settle(deps: ScheduleDeps, read: Read): Promise<Read | undefined> {
  if (read.unsettled.length === 0) return read;
  const records = await Promise.all(read.unsettled.map((jobId) => deps.readJob(jobId)));
  const found = new Map(records.flatMap((record) => (record ? [[record.job.jobId, record] as const] : [])));
  const { change, pausedFor } = settled(read, found, deps.now());
  const written = await deps.changeSchedule(read, change);
  if (written && pausedFor) await deps.tell(written, pausedFor);
  return written;
}

/** The planned time is over: the next one, unless it is paused. */
const passed = ({ now }: ScheduleDeps, schedule: Read): ScheduleChange => ({
  nowAt: undefined,
  nextAt: schedule.paused ? undefined : nextAtOf(schedule, now()),
});

/** Nothing was started this time. Its owner is told, but not of the same thing again, unless a person asked for it. */
async function pass(deps: ScheduleDeps, schedule: Read, { plannedAt }: Planned, reason: Reason): Promise<Came> {
  const written = await deps.changeSchedule(schedule, { ...passed(deps, schedule), last: { plannedAt, reason } });
  const isNews = schedule.nowAt === plannedAt || schedule.last?.reason?.code !== reason.code;
  if (written && isNews) await deps.tell(written, reason);
  return "nothing";
}

async function pause(deps: ScheduleDeps, schedule: Read, { plannedAt }: Planned, reason: Reason): Promise<Came> {
  const written = await deps.changeSchedule(schedule, {
    nowAt: undefined,
    nextAt: undefined,
    paused: { at: deps.now().toISOString(), reason },
    last: { plannedAt, reason },
  });
  if (written) await deps.tell(written, reason);
  return "nothing";
}

/**
 * What a month's other jobs have cost, or may still cost, has to leave room for all that this one may cost. Another
 * delivery may have started this very one by now.
 */
async function overMonth(
  deps: ScheduleDeps,
  schedule: Schedule,
  { plannedAt, jobId }: Planned & { jobId: string },
): Promise<Reason | undefined> {
  const ids = await deps.scheduledJobIds(schedule.scheduleId, plannedAt.slice(0, 7));
  const jobs = await deps.jobsById(ids.filter((one) => one !== jobId));
  const runs = Map.groupBy(await deps.runsOfJobs(jobs), ({ jobId }) => jobId);
  const counted = jobs.reduce((sum, job) => sum + countedUsd(job, runs.get(job.jobId) ?? []), 0);
  const { monthlyLimitUsd, options } = schedule;
  return hasRoom(monthlyLimitUsd, { counted, asks: options.capUsd })
    ? undefined
    : because("schedule-month-spent", counted, monthlyLimitUsd, options.capUsd);
}
