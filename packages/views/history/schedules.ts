import type { types } from "@slack/bolt";
import { rhythmWords } from "../../jobs/rhythm.ts";
import type { Schedule } from "../../jobs/schedule.ts";
import { plural } from "../../text/counts.ts";
import { dollars } from "../../text/money.ts";
import { button, confirmation } from "../button.ts";
import { escaped, escapedWithin, LIMITS, stated } from "../text.ts";
import { mention, when } from "../who-and-when.ts";
import { actions, context, header, lineWithButton, lookButton } from "./blocks.ts";
import { type ListedJob, outcomeWords } from "./outcomes.ts";

export const SCHEDULE_ACTIONS = {
  /** In the form of a new job, beside a saved one. */
  open: "cody-schedule",
  run: "cody-schedule-run",
  pause: "cody-schedule-pause",
  resume: "cody-schedule-resume",
  delete: "cody-schedule-delete",
} as const;

/** `spentUsd`: this month, with what runs now at all that it may cost. `lastJob`: that of its last planned time. */
export type ListedSchedule = { schedule: Schedule; spentUsd: number; lastJob?: ListedJob | undefined };

const MAX_REASON = 300;

function pausedWords({ paused }: Schedule): string {
  const by = paused?.by ? ` by ${mention(paused.by)}` : "";
  return `paused${by}, ${when(paused!.at)}`;
}

function nextWords(schedule: Schedule): string {
  if (schedule.nowAt) return "starts shortly";
  if (schedule.paused) return pausedWords(schedule);
  return `next run ${when(schedule.nextAt!)}`;
}

function lastWords({ schedule: { last, paused }, lastJob }: ListedSchedule): string[] {
  // Why it is paused says more than what was left out before that.
  const reason = paused ? paused.reason : last?.reason;
  if (reason) return [escapedWithin(`${reason.message} ${reason.nextStep}`, MAX_REASON)];
  if (!last) return ["has not run yet"];
  return lastJob ? [`last run ${when(last.plannedAt)}: ${escaped(outcomeWords(lastJob))}`] : [];
}

const deleteButton = (value: string) =>
  button("Delete", SCHEDULE_ACTIONS.delete, value, {
    style: "danger",
    confirm: confirmation(
      "Delete this schedule?",
      "It starts no more jobs. The saved job, and the jobs that it has started, stay.",
      "Delete it",
      "Keep it",
    ),
  });

function blocksOf(listed: ListedSchedule): types.KnownBlock[] {
  const { schedule, spentUsd, lastJob } = listed;
  const { scheduleId, name, rhythm, repositories, monthlyLimitUsd, userId, paused } = schedule;
  const title = stated(name, rhythmWords(rhythm), LIMITS.header);
  const spent = `${dollars(spentUsd)} of ${dollars(monthlyLimitUsd)} this month`;
  return [
    lastJob
      ? lineWithButton(title, lookButton("Last job", scheduleId, { kind: "job", jobId: lastJob.job.jobId }))
      : { type: "section", text: { type: "plain_text", text: title, emoji: false } },
    context(
      [
        nextWords(schedule),
        ...lastWords(listed),
        spent,
        plural(repositories.length, "repository", "repositories"),
        mention(userId),
      ].join(" · "),
    ),
    ...actions([
      button("Run now", SCHEDULE_ACTIONS.run, scheduleId),
      paused
        ? button("Resume", SCHEDULE_ACTIONS.resume, scheduleId)
        : button("Pause", SCHEDULE_ACTIONS.pause, scheduleId),
      deleteButton(scheduleId),
    ]),
  ];
}

/** Home shows so many; the command lists more. */
const MAX_ON_HOME = 6;

/** Nothing where nothing is scheduled: a saved job's form says how. */
export function scheduleSection(all: readonly ListedSchedule[], count = MAX_ON_HOME): types.KnownBlock[] {
  if (all.length === 0) return [];
  return [
    header("Schedules"),
    ...all.slice(0, count).flatMap(blocksOf),
    ...(all.length > count
      ? [context(`and ${plural(all.length - count, "more schedule")}: \`/cody schedules\` lists yours first`)]
      : []),
  ];
}
