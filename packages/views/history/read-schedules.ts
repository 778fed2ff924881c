import type { Job } from "../../jobs/job.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import { countedUsd, type Schedule } from "../../jobs/schedule.ts";
import type { ListedSchedule } from "./schedules.ts";

export type ScheduleReading = {
  store: {
    /** By name. */
    schedulesOfTeam(teamId: string): Promise<Schedule[]>;
    scheduledJobIds(scheduleId: string, month: string): Promise<string[]>;
    jobsById(jobIds: readonly string[]): Promise<Job[]>;
    runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
  };
  now: () => Date;
};

/** The schedules of a workspace, by name: when each runs, what came of it last, and what it has cost this month. */
export async function readSchedules(
  { store, now }: ScheduleReading,
  teamId: string,
  /** Which ones, where only some are shown. */
  wanted: (schedule: Schedule) => boolean = () => true,
): Promise<ListedSchedule[]> {
  const schedules = (await store.schedulesOfTeam(teamId)).filter(wanted);
  if (schedules.length === 0) return [];
  const month = now().toISOString().slice(0, 7);
  const ids = await Promise.all(schedules.map(({ scheduleId }) => store.scheduledJobIds(scheduleId, month)));
  const all = new Set([...ids.flat(), ...schedules.flatMap(({ last }) => last?.jobId ?? [])]);
  const jobs = new Map((await store.jobsById([...all])).map((job) => [job.jobId, job]));
  const runs = Map.groupBy(await store.runsOfJobs([...jobs.values()]), ({ jobId }) => jobId);
  const listed = (jobId: string | undefined) => {
    const job = jobId === undefined ? undefined : jobs.get(jobId);
    return job && { job, runs: runs.get(job.jobId) ?? [] };
  };
  return schedules.map((schedule, i) => ({
    schedule,
    spentUsd: ids[i]!.map(listed).reduce((sum, one) => sum + (one ? countedUsd(one.job, one.runs) : 0), 0),
    lastJob: listed(schedule.last?.jobId),
  }));
}
