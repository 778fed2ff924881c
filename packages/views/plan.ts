import type { types } from "@slack/bolt";
import { cancelOf, type Job } from "../jobs/job.ts";
import { type JobRecord, spendOf } from "../jobs/job-record.ts";
import { endsByCancel, lostOf, type RepoRun } from "../jobs/repo-run.ts";
import { costLimitOf } from "../jobs/round.ts";
import { hasEnded, isAtRest, STATES, waitsForPerson } from "../jobs/states.ts";
import { dollars } from "../text/money.ts";
import { clipToSize } from "./size.ts";
import { LIMITS, linkText, literal, named, richText, section } from "./text.ts";
import { costWords, stateWords } from "./words.ts";

/** Named in the job; its row appears when Plan has looked at the repository. */
export const runsByName = ({ job, runs }: JobRecord) =>
  job.repositories.map((repository) => ({ repository, run: runs.find((run) => run.repository === repository) }));

/** "2. acme/orders": the number by which a follow-up may name it; a single repository has none. */
export const numbered = ({ repositories }: Job, repository: string) =>
  repositories.length > 1 ? `${repositories.indexOf(repository) + 1}. ${repository}` : repository;

const isStopping = (job: Job, run: RepoRun) => !isAtRest(run.state) && endsByCancel(job, run);

/** What a repository does now, in a few words; "queued" before its row exists. */
export function nowWords(job: Job, run: RepoRun | undefined): string {
  if (!run) return cancelOf(job, "*", 1) ? "stopping" : "queued";
  return isStopping(job, run) ? "stopping" : stateWords(run);
}

/** The whole job on one line: "1 of 3 done · 2 working · $0.42 of $5.00". */
export function progressWords(record: JobRecord): string {
  const { job, rounds, runs } = record;
  const done = runs.filter((run) => hasEnded(run.state)).length;
  const waiting = runs.filter((run) => waitsForPerson(run.state)).length;
  const queued =
    runs.filter((run) => STATES[run.state].phase === "queued").length + job.repositories.length - runs.length;
  const working = job.repositories.length - done - waiting - queued;
  const unpriced = runs.some((run) => run.spendUsd === null);
  const estimated = runs.some((run) => lostOf(run));
  return [
    `${done} of ${job.repositories.length} done`,
    ...(working ? [`${working} working`] : []),
    ...(queued ? [`${queued} queued`] : []),
    ...(waiting ? [`${waiting} waiting for approval`] : []),
    `${unpriced ? "at least " : estimated ? "about " : ""}${dollars(spendOf(record))} of ${dollars(costLimitOf(job, rounds))}`,
  ].join(" · ");
}

const task = (job: Job, repository: string, run: RepoRun | undefined, details: boolean): types.TaskCardBlock => ({
  type: "task_card",
  task_id: repository,
  title: named(numbered(job, repository), nowWords(job, run), LIMITS.header),
  status: run ? STATES[run.state].sign : "pending",
  ...(details && run?.startedAt && { details: richText(section([literal(costWords(run))])) }),
  ...(details &&
    run?.pullRequest && {
      sources: [{ type: "url" as const, url: run.pullRequest.url, text: linkText(run.pullRequest.url) }],
    }),
});

/** https://docs.slack.dev/reference/block-kit/blocks/plan-block/ */
export const planBlock = (record: JobRecord, details = true): types.PlanBlock => ({
  type: "plan",
  title: progressWords(record),
  tasks: runsByName(record).map(({ repository, run }) => task(record.job, repository, run, details)),
});

/** The same for a workspace whose Slack does not know `plan` yet. */
export const planAsList = (record: JobRecord, details = true): types.RichTextBlock =>
  richText(section([literal(progressWords(record), { bold: true })]), {
    type: "rich_text_list",
    style: "bullet",
    elements: runsByName(record).map(({ repository, run }) =>
      section([
        literal(numbered(record.job, repository), { bold: true }),
        literal(`: ${clipToSize(nowWords(record.job, run), LIMITS.header)}`),
        literal(details && run?.startedAt ? ` (${costWords(run)})` : ""),
      ]),
    ),
  });
