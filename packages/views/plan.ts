import type { types } from "@slack/bolt";
import { cancelOf, type Job } from "../jobs/job.ts";
import { type JobRecord, spendOf } from "../jobs/job-record.ts";
import { endsByCancel, type RepoRun } from "../jobs/repo-run.ts";
import { costLimitOf } from "../jobs/round.ts";
import { lostOf } from "../jobs/run-costs.ts";
import { countedStandings, isDone, type RunStanding, runStanding, STANDINGS } from "../jobs/standings.ts";
import { isAtRest, STATES } from "../jobs/states.ts";
import { lastLine } from "../text/lines.ts";
import { dollars } from "../text/money.ts";
import { areLong, numbered } from "./names.ts";
import { standsBadly } from "./pull-request-words.ts";
import { type Room, WIDEST } from "./room.ts";
import { hasSection } from "./section.ts";
import { tellingSentences } from "./sentences.ts";
import { setWords } from "./set-words.ts";
import { clipToSize } from "./size.ts";
import { LIMITS, literal, richText, section, stated } from "./text.ts";
import { briefCostWords, costSomething, diffstat, plannedWords, signedWords } from "./words.ts";

/** Named in the job; its row appears when Plan has looked at the repository. */
export const runsByName = ({ job, runs }: JobRecord) =>
  job.repositories.map((repository) => ({ repository, run: runs.find((run) => run.repository === repository) }));

const isStopping = (job: Job, run: RepoRun) => !isAtRest(run.state) && endsByCancel(job, run);

/** What a repository does now, in a few words; "queued" before its row exists. */
export function nowWords(job: Job, run: RepoRun | undefined): string {
  if (!run) return cancelOf(job, "*", 1) ? "Stopping" : "Queued";
  return isStopping(job, run) ? "Stopping" : signedWords(run);
}

/** What has not come to what was asked for, each with how many there are. */
const ASKING: readonly RunStanding[] = ["waiting", "patch-ready", "blocked", "failed", "cancelled", "rejected"];

/** The whole job on one line: "1 of 3 done · 2 working · $0.42 of $5.00". Only what ended well is done. */
export function progressWords(record: JobRecord): string {
  const { job, rounds, runs } = record;
  const all = job.repositories.length;
  const done = runs.filter(isDone).length;
  const resting = runs.filter((run) => isAtRest(run.state));
  const queued = runs.filter((run) => STATES[run.state].phase === "queued").length + all - runs.length;
  const working = all - resting.length - queued;
  const unpriced = runs.some((run) => run.spendUsd === null);
  const estimated = runs.some((run) => lostOf(run));
  return [
    ...(done > 0 || resting.length < all ? [`${done} of ${all} done`] : []),
    ...[setWords(record)].filter((words) => words !== ""),
    ...(working ? [`${working} working`] : []),
    ...(queued ? [`${queued} queued`] : []),
    ...countedStandings(
      resting.filter((run) => !isDone(run)),
      ASKING,
    ),
    `${unpriced ? "at least " : estimated ? "about " : ""}${dollars(spendOf(record))} of ${dollars(costLimitOf(job, rounds))}`,
  ].join(" · ");
}

function statusOf(run: RepoRun | undefined): types.TaskCardBlock["status"] {
  if (!run) return "pending";
  const standing = runStanding(run);
  if (standing) return standsBadly(run) ? "error" : STANDINGS[standing].task;
  return STATES[run.state].phase === "queued" ? "pending" : "in_progress";
}

/** State first: it stays where a long name is cut. */
const titleOfTask = (job: Job, repository: string, run: RepoRun | undefined) =>
  stated(
    run && isAtRest(run.state) ? plannedWords(run, areLong(job)) : nowWords(job, run),
    numbered(job, repository),
    LIMITS.header,
  );

const took = (run: RepoRun) =>
  [
    ...(run.patch ? [diffstat(run.patch)] : []),
    ...(costSomething(run) || run.startedAt ? [briefCostWords(run)] : []),
  ].join(" · ");

const MAX_PRINTED = 160;

/** Below its line: what it took, and what it did where the card has no part of its own for it. */
function detailsOf(job: Job, run: RepoRun, room: Room): string[] {
  if (!room.planDetails) return [];
  const told = isAtRest(run.state) && !hasSection(job, run) ? tellingSentences(run, room) : [];
  const printed = run.runningCommand ? clipToSize(lastLine(run.runningCommand.tail), MAX_PRINTED) : "";
  return [...told, printed, took(run)].filter((words) => words !== "");
}

function task(job: Job, repository: string, run: RepoRun | undefined, room: Room): types.TaskCardBlock {
  const details = run ? detailsOf(job, run, room) : [];
  return {
    type: "task_card",
    task_id: repository,
    title: titleOfTask(job, repository, run),
    status: statusOf(run),
    ...(details.length > 0 && { details: richText(section([literal(details.join("\n"))])) }),
  };
}

/** https://docs.slack.dev/reference/block-kit/blocks/plan-block/ */
export const planBlock = (record: JobRecord, room = WIDEST): types.PlanBlock => ({
  type: "plan",
  title: progressWords(record),
  tasks: runsByName(record).map(({ repository, run }) => task(record.job, repository, run, room)),
});

/** The same for a workspace whose Slack does not know `plan` yet. */
export const planAsList = (record: JobRecord, room = WIDEST): types.RichTextBlock =>
  richText(section([literal(progressWords(record), { bold: true })]), {
    type: "rich_text_list",
    style: "bullet",
    elements: runsByName(record).map(({ repository, run }) => {
      const details = run ? detailsOf(record.job, run, room) : [];
      return section([
        literal(titleOfTask(record.job, repository, run), { bold: true }),
        literal(details.length > 0 ? `\n${details.join("\n")}` : ""),
      ]);
    }),
  });
