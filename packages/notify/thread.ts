import type { JobRecord } from "../jobs/job-record.ts";
import { waitOf } from "../jobs/repo-run.ts";
import { isAtRest } from "../jobs/states.ts";
import { closedRounds } from "../views/reply.ts";
import { showSession } from "./agent-session.ts";
import { cardOf, isCardShown, readRows } from "./card-message.ts";
import { inSlot, refusedForMs } from "./client.ts";
import { closeRound } from "./closing.ts";
import type { Posted } from "./message-rows.ts";
import { changeMessage, openMessage } from "./shown-message.ts";
import { tellDirectly } from "./tell-directly.ts";
import type { ThreadDeps } from "./thread-deps.ts";

/** Progress waits no longer than this: it is owed then. */
const MAX_WAIT_MS = 3_000;
/** An ending, or what a person presses, while progress waits is shown so soon. */
const LOOK_MS = 500;

/**
 * Brings the card and the closing replies of one job in line with its rows. Repeating it changes nothing; it returns
 * when Slack shows what the rows said. "owed": it is progress for which there was no slot. Call it after every change
 * of a JOB, ROUND or REPO row (not of CARD rows: they are its own). `isAsked`: a person pressed a button and looks at
 * the card, so it does not wait for the job's slot. It throws when Slack or the table cannot be reached: the stream
 * delivers again.
 */
export async function showJob(
  deps: ThreadDeps,
  jobId: string,
  { isAsked = false, maxWaitMs = MAX_WAIT_MS }: ShowOptions = {},
): Promise<"shown" | "owed"> {
  const posted = await openMessage(deps, cardOf(deps, jobId));
  if (!posted) return "shown";
  const card = { ...posted, jobId };
  const record = await showNewest(deps, jobId, card, { isAsked, maxWaitMs });
  if (!record) return "owed";
  for (const round of closedRounds(record)) {
    await closeRound(deps, record, card, round);
    await tellDirectly(deps, record, card, round);
  }
  await showSession(deps, record, card);
  return "shown";
}
type ShowOptions = { isAsked?: boolean; maxWaitMs?: number };

/**
 * For one process: shows jobs, and with every later job also what was left out before and has a slot now. A job is left
 * out only while others move, so there is a later one.
 */
export function createShow(deps: ThreadDeps) {
  const owed = new Set<string>();
  const settle = async (jobId: string, showing: Promise<"shown" | "owed">) => {
    if ((await showing) === "owed") owed.add(jobId);
    else owed.delete(jobId);
  };
  return {
    show: (jobId: string, options?: ShowOptions) => settle(jobId, showJob(deps, jobId, options)),
    async showOwed(): Promise<void> {
      await Promise.all(
        [...owed].map((jobId) =>
          settle(jobId, showJob(deps, jobId, { maxWaitMs: 0 })).catch((error: unknown) => {
            deps.log(`notify ${jobId}: what was left out is still to be shown: ${error}`);
          }),
        ),
      );
    },
  };
}

/** Nothing goes on any more until a person decides: what is shown now is shown for long. */
export const isEnding = ({ job, runs }: JobRecord) =>
  runs.length === job.repositories.length && runs.every((run) => isAtRest(run.state));

/** A person has pressed something since the submit, whose own round and first mark on the job's row ask for nothing. */
const isPressed = ({ job, rounds }: JobRecord) => rounds.length > 1 || Object.keys(job.cancel).length > 0;

/** Grows with everything that a person asks for. */
const requestsIn = ({ job, rounds }: JobRecord) => rounds.length + Object.keys(job.cancel).length;

/** Nothing goes on for a while: every repository is at rest or waits for Claude. */
const isPaused = ({ job, runs }: JobRecord) =>
  runs.length === job.repositories.length && runs.every((run) => isAtRest(run.state) || waitOf(run) !== undefined);

/**
 * Brings the card in line with the rows, and gives the rows that it shows. undefined: it is progress for which there is
 * no slot now.
 */
async function showNewest(
  deps: ThreadDeps,
  jobId: string,
  posted: Posted,
  options: Required<ShowOptions>,
): Promise<JobRecord | undefined> {
  const card = cardOf(deps, jobId);
  const due = await whenDue(deps, jobId, options);
  if (!due || isCardShown(card, due)) return due;
  if (isEnding(due)) deps.rateLimiter.hasEnded(jobId);
  const change = () => changeMessage(deps, card, posted);
  if ((options.isAsked && isPressed(due)) || isPaused(due)) return inSlot(deps.rateLimiter.updates, change);
  if (!(await deps.rateLimiter.mayShowProgress())) return undefined;
  try {
    return await change();
  } catch (error) {
    const forMs = refusedForMs(error);
    if (forMs === undefined) throw error;
    await deps.rateLimiter.updates.refused(forMs);
    return undefined;
  }
}

/**
 * Waits until progress may be shown, or there is an ending or a person's request to show. undefined: that is too long
 * for progress.
 */
async function whenDue(
  deps: ThreadDeps,
  jobId: string,
  { isAsked, maxWaitMs }: Required<ShowOptions>,
): Promise<JobRecord | undefined> {
  const card = cardOf(deps, jobId);
  let waitedMs = 0;
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const record = await readRows(deps, jobId);
    if ((isAsked && isPressed(record)) || isEnding(record) || isCardShown(card, record)) return record;
    if (requestsIn(record) > before) return record;
    before = requestsIn(record);
    const { createdAt } = record.job;
    const shownAt = record.card?.shownAt ?? createdAt;
    const left = deps.rateLimiter.msUntilProgress({ jobId, createdAt, shownAt, isPaused: isPaused(record) });
    if (left > maxWaitMs) return undefined;
    // Times of rows that lie ahead of the clock leave the same wait each time it is asked for: once is enough.
    if (left <= 0 || waitedMs >= maxWaitMs) return record;
    const ms = Math.min(left, LOOK_MS);
    waitedMs += ms;
    await deps.sleep(ms);
  }
}
