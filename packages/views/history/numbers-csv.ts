import { hoursToMerge, type NumberedRun, pullsOf } from "../../jobs/numbers.ts";
import { costOfRun } from "../../jobs/run-costs.ts";
import { readable } from "../text.ts";
import { monthOf, type NumberedJob, type Numbers } from "./read-numbers.ts";

const COLUMNS =
  "month,job,started_at,requester,prompt,schedule,repository,state,dollars,pull_request,url,pull_request_state,merged_unchanged,opened_at,merged_at,hours_to_merge";

/**
 * RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe: prompts and names are written by
 * people. So does what stands behind a semicolon, which separates cells where the comma is for decimals.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell(value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? readable(value).replace(FORMULA, "$1'") : `${value}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Also behind quotes and spaces, which spreadsheets leave out before they look, and in the full width of Asian keyboards. */
const FORMULA = /((?:^|[;\t\n])[\s"]*)(?=[=+\-@＝＋－＠\t])/g;

function linesOf({ job, label }: NumberedJob, run: NumberedRun): string[] {
  const pulls = pullsOf(run);
  return (pulls.length > 0 ? pulls : [undefined]).map((pull, i) =>
    [
      monthOf(job),
      job.jobId,
      job.createdAt,
      job.userId,
      label,
      job.scheduled?.name,
      run.repository,
      run.state,
      // All of the run's, once: the sum of the column is what was spent.
      i === 0 ? (run.spendUsd === null ? "" : costOfRun(run).toFixed(4)) : "",
      pull?.number,
      pull?.url,
      pull?.state,
      pull && pull.state === "merged" ? pull.unchanged : undefined,
      pull?.openedAt,
      pull?.mergedAt,
      pull && hoursToMerge(pull)?.toFixed(2),
    ]
      .map(cell)
      .join(","),
  );
}

/** A line for each pull request of the month's jobs, and for each repository that came to none. */
export const numbersCsv = ({ month, jobs }: Numbers): string =>
  [
    COLUMNS,
    ...jobs.filter(({ job }) => monthOf(job) === month).flatMap((one) => one.runs.flatMap((run) => linesOf(one, run))),
    "",
  ].join("\r\n");
