import { checkResultOf, wordOfRun } from "./check-results.ts";
import type { GitHub } from "./client.ts";
import { statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/** A check of a commit that has ended badly. */
export type FailedCheck = {
  name: string;
  /** In GitHub's words: failure, timed_out, error. */
  result: string;
  /** What it says of its result, in the form in which it says it. */
  says: string;
  /** The id of a check run that has annotations, to ask for them; absent: it has none. */
  annotated?: number;
  /** Its job in GitHub Actions, which has a log. */
  job?: number;
};

export type CommitChecks = { failed: FailedCheck[]; running: string[] };

/** So many of each kind are looked at: three answers of GitHub. */
const MAX_PAGES = 3;

/**
 * How the checks of a commit ended: runs of Apps, and statuses that services have set. A check that began anew counts
 * by its newest run. https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
 */
export async function readCommitChecks(github: GitHub, repository: string, ref: string): Promise<CommitChecks> {
  const asked = { ...ownerAndRepo(repository), ref, per_page: 100 };
  const [runs, statuses] = await Promise.all([runsOf(github, asked), statusesOf(github, asked)]);
  const all = [...runs, ...statuses];
  return {
    failed: all.filter(({ result }) => checkResultOf(result) === "failed"),
    running: all.filter(({ result }) => checkResultOf(result) === "runs").map(({ name }) => name),
  };
}

/** One that has not ended says that in the place of its result. */
type Check = FailedCheck;
type Asked = { owner: string; repo: string; ref: string; per_page: number };

async function runsOf(github: GitHub, asked: Asked): Promise<Check[]> {
  const found: Check[] = [];
  let pages = 0;
  for await (const { data } of github.paginate.iterator(github.rest.checks.listForRef, {
    ...asked,
    filter: "latest",
  })) {
    for (const run of data) {
      const { title, summary, text, annotations_count } = run.output;
      // Its own address says the job, also where the run was made by a workflow that another one calls.
      const [, job] = /\/job\/(\d+)/.exec(run.details_url ?? "") ?? [];
      const isAction = run.app?.slug === "github-actions";
      found.push({
        name: run.name,
        result: wordOfRun(run),
        says: [title, summary, text].filter(Boolean).join("\n\n"),
        ...(annotations_count > 0 && { annotated: run.id }),
        ...(isAction && { job: job === undefined ? run.id : Number(job) }),
      });
    }
    if (++pages === MAX_PAGES) break;
  }
  return found;
}

/** A commit without statuses is said to be pending: what counts is each of them. */
async function statusesOf(github: GitHub, asked: Asked): Promise<Check[]> {
  const { data } = await github.rest.repos.getCombinedStatusForRef(asked);
  return data.statuses.map(({ context, state, description }) => ({
    name: context,
    result: state,
    says: description ?? "",
  }));
}

const MAX_ANNOTATIONS = 20;

/** "src/a.ts:12: message" of each place that the check names, the first of them. */
export async function readAnnotations(github: GitHub, repository: string, check_run_id: number): Promise<string[]> {
  const asked = { ...ownerAndRepo(repository), check_run_id, per_page: MAX_ANNOTATIONS };
  const { data } = await github.rest.checks.listAnnotations(asked);
  return data.map(({ path, start_line, message }) => `${path}:${start_line}: ${message ?? ""}`);
}

/** So much of a log is read to find its end, and so much of it is kept. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const KEPT_BYTES = 64 * 1024;
/** What stands before that: a secret whose beginning lies there is known as one. The longest are private keys. */
const LEAD_BYTES = 8 * 1024;

/** Whole lines. `lead`: those before the end, to be read with it and not to be shown. */
export type LogEnd = { lead: string; end: string };

/**
 * The end of what a job printed. GitHub redirects to where the log lies, which is not its own host: fetch leaves the
 * token behind. undefined: there is no log any more, none of this size, or its end is one long line.
 */
export async function readLogEnd(github: GitHub, repository: string, job_id: number): Promise<LogEnd | undefined> {
  const asked = { ...ownerAndRepo(repository), job_id, request: { parseSuccessResponseBody: false } };
  try {
    const { data } = await github.rest.actions.downloadJobLogsForWorkflowRun(asked);
    return await endOf(data as unknown as ReadableStream<Uint8Array>);
  } catch (error) {
    if ([404, 410].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

async function endOf(body: ReadableStream<Uint8Array>): Promise<LogEnd | undefined> {
  let kept = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > MAX_LOG_BYTES) return undefined;
    kept = Buffer.concat([kept, chunk]).subarray(-(KEPT_BYTES + LEAD_BYTES));
  }
  if (read <= KEPT_BYTES + LEAD_BYTES) return { lead: "", end: kept.toString("utf8") };
  // Where the kept bytes begin, a line was cut: it may hold half of something.
  const from = kept.indexOf("\n") + 1;
  const to = kept.indexOf("\n", LEAD_BYTES) + 1;
  if (from === 0 || to === 0 || to === kept.length) return undefined;
  return { lead: kept.toString("utf8", from, to), end: kept.toString("utf8", to) };
}
