import { nextTime } from "../clock/next-time.ts";
import { cronOf } from "../jobs/rhythm.ts";
import type { Schedule } from "../jobs/schedule.ts";

const DAY_MS = 24 * 60 * 60_000;

export const nextAtOf = ({ rhythm }: Pick<Schedule, "rhythm">, after: Date): string =>
  nextTime(cronOf(rhythm), after).toISOString();

/** `missed`: it could not run within a day. */
export type Planned = { plannedAt: string; missed?: true };

/**
 * Pure: the planned time for which a schedule runs now; undefined: none. Of several that were missed it is the latest:
 * a machine that was off for a while makes up for one, and only within a day. What a person asked for goes first.
 */
export function plannedTime(
  { nowAt, nextAt, rhythm }: Pick<Schedule, "nowAt" | "nextAt" | "rhythm">,
  now: Date,
): Planned | undefined {
  const asked = nowAt !== undefined && Date.parse(nowAt) <= now.getTime() ? onTime(nowAt, now) : undefined;
  if (asked && !asked.missed) return asked;
  const planned = latestOf({ nextAt, rhythm }, now);
  return planned && !planned.missed ? planned : (asked ?? planned);
}

function latestOf({ nextAt, rhythm }: Pick<Schedule, "nextAt" | "rhythm">, now: Date): Planned | undefined {
  if (nextAt === undefined || Date.parse(nextAt) > now.getTime()) return undefined;
  const earliest = new Date(Math.max(Date.parse(nextAt) - 1, now.getTime() - DAY_MS));
  let plannedAt: string | undefined;
  for (let next = nextAtOf({ rhythm }, earliest); Date.parse(next) <= now.getTime(); ) {
    plannedAt = next;
    next = nextAtOf({ rhythm }, new Date(next));
  }
  return plannedAt === undefined ? { plannedAt: nextAt, missed: true } : { plannedAt };
}

const onTime = (plannedAt: string, now: Date): Planned =>
  now.getTime() - Date.parse(plannedAt) >= DAY_MS ? { plannedAt, missed: true } : { plannedAt };
