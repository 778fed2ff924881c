import type { JobRecord, Session } from "./job-record.ts";
import { offers } from "./offers.ts";
import { isAtRest, waitsForPerson } from "./states.ts";

/**
 * Pure. "suspended": nothing goes on until a person decides. "active": all has ended, and a reply is a follow-up: that is
 * why nothing is ever "closed".
 */
export function sessionOf(record: Pick<JobRecord, "job" | "rounds" | "runs">): Session {
  const { job, rounds, runs } = record;
  const isAsked = rounds.some(({ finishedAt }) => finishedAt === undefined);
  const isRunning = isAsked || runs.length < job.repositories.length || runs.some(({ state }) => !isAtRest(state));
  if (isRunning) return "processing";
  const asks = runs.some(({ state }) => waitsForPerson(state)) || offers(record).rounds["despite-setup"].length > 0;
  return asks ? "suspended" : "active";
}
