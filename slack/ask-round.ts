import { UserError } from "../packages/jobs/errors.ts";
import type { JobRecord } from "../packages/jobs/job-record.ts";
import { nextRound, offers, type RoundRequest } from "../packages/jobs/offers.ts";
import type { Round } from "../packages/jobs/round.ts";
import type { AuditAction } from "../packages/jobs/team.ts";
import { mustBeAllowedToDecide, mustBeNamed, readOwnJob } from "./access.ts";
import { audited } from "./audit.ts";
import type { SlackDeps, Who } from "./deps.ts";
import type { RefineRequest } from "./refine-text.ts";

const MAX_TRIES = 5;

/**
 * Inserts the next round of a job: the one write of approve, retry and a raised cost limit. `request` decides on fresh rows; when
 * another round took the number in between, it decides again. `justRead`: the rows, where this very answer has
 * read them for this person already. `store`: what the round needs stored before its row, once nothing refuses it.
 */
export async function askForRound(
  deps: SlackDeps,
  jobId: string,
  who: Who,
  action: AuditAction,
  request: (record: JobRecord) => Omit<RoundRequest, "by" | "at">,
  justRead?: JobRecord,
  store?: () => Promise<Pick<Round, "attachments" | "leftOut">>,
): Promise<Round> {
  return audited(
    deps,
    who,
    { action, jobId },
    () => insertNextRound(deps, jobId, who, request, justRead, store),
    ({ round, repositories }) => ({ round, repositories }),
  );
}

async function insertNextRound(
  deps: SlackDeps,
  jobId: string,
  who: Who,
  request: (record: JobRecord) => Omit<RoundRequest, "by" | "at">,
  justRead: JobRecord | undefined,
  store: Parameters<typeof askForRound>[6],
): Promise<Round> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const record = tries === 0 && justRead ? justRead : await readOwnJob(deps, jobId, who);
    mustBeAllowedToDecide(record.job, who, deps.settings);
    // Admins decide about the jobs of others, named or not.
    if (!deps.settings.admins.includes(who.userId)) mustBeNamed(who, deps);
    const decided = nextRound(record, { ...request(record), by: who.userId, at: deps.now().toISOString() });
    const round = { ...decided, ...(await store?.()) };
    if ((await deps.store.insertRound(round)) === "created") return round;
  }
  throw new UserError("Others decide about this job at this very moment; look at its card and try again.");
}

/** Repositories for which `source`, a message or a form, has its round already. */
export const coveredBy = (rounds: readonly Round[], source: string) =>
  rounds.filter((round) => round.source === source).flatMap(({ repositories }) => repositories);

/** A follow-up that `source` asks for: delivered again, it asks for what has no round yet, and for nothing twice. */
const refinedOnce =
  ({ prompt, repositories }: RefineRequest, source: string) =>
  ({ rounds }: Pick<JobRecord, "rounds">) => {
    const covered = coveredBy(rounds, source);
    const left = repositories.filter((repository) => !covered.includes(repository));
    if (left.length === 0) throw new UserError("That follow-up is under way already.");
    return { kind: "refine" as const, prompt, repositories: left, source };
  };

/**
 * A follow-up: one round on the repositories that are free, and one that begins later on each that is busy. Those that
 * can take none are in none. @throws UserError where there is no round at all.
 */
export async function askForFollowUp(
  deps: SlackDeps,
  jobId: string,
  who: Who,
  request: RefineRequest,
  source: string,
  justRead?: JobRecord,
  store?: () => Promise<Pick<Round, "attachments" | "leftOut">>,
): Promise<Round[]> {
  const ask = (read?: JobRecord) => askForRound(deps, jobId, who, "refine", refinedOnce(request, source), read, store);
  await ask(justRead);
  for (;;) {
    const record = await readOwnJob(deps, jobId, who);
    const covered = coveredBy(record.rounds, source);
    const isLeft = (repository: string) => request.repositories.includes(repository) && !covered.includes(repository);
    // Also those of a delivery that ended before its answer.
    if (!offers(record).queue.some(isLeft)) return record.rounds.filter((round) => round.source === source);
    await ask(record);
  }
}

/** A click on a card that is out of date must not decide about a patch that its person has not seen. */
export function mustBeOfRound(
  record: JobRecord,
  target: { repository?: string | undefined; round?: number | undefined },
) {
  const run = record.runs.find(({ repository }) => repository === target.repository);
  if (!run) throw new UserError("This job has no such repository.");
  if (target.round !== undefined && run.round !== target.round) {
    throw new UserError("That button was about an earlier round; look at the card again.");
  }
  return run;
}
