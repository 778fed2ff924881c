import { Cron } from "croner";

/**
 * The next time after `after` of a cron pattern, by the clocks of a zone. A time that the start of daylight saving
 * leaves out comes right behind the gap, one that its end brings twice comes once.
 */
export function nextTime({ cron, zone }: { cron: string; zone: string }, after: Date): Date {
  const next = new Cron(cron, { timezone: zone, paused: true }).nextRun(after);
  if (!next) throw new Error(`${cron} in ${zone} has no time after ${after.toISOString()}.`);
  return next;
}
