import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Job } from "../jobs/job.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { Round } from "../jobs/round.ts";
import { createIndexPages, cursorOf, type PageRequest } from "./index-pages.ts";
import { createOpenRows } from "./open-rows.ts";
import { createReadRows } from "./read-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import {
  cardKey,
  jobKey,
  OPEN_PARTITION,
  parseRow,
  type Row,
  repositoryPartition,
  rowOfJob,
  rowOfRun,
  runKey,
  userPartition,
} from "./rows.ts";
import type { IndexName } from "./table.ts";

/** Newest first. `after` is absent on the last page. */
export type Page<T> = { items: T[]; after?: string };

/** A row on the sweeper's list, as it is now and not as the index remembers it. */
export type OpenItem =
  /** Its first round has not been asked for. */
  | { kind: "job"; job: Job }
  /** Not finished: to start, running, or an orphan. */
  | { kind: "round"; round: Round }
  /** Waits for a person since `since`. */
  | { kind: "approval"; run: RepoRun; since: string }
  /** A row of a later release, or written by hand: a sweep goes on behind it. */
  | { kind: "unreadable"; row: string; error: unknown };

const OPEN_PAGE = 25;

function openItem(row: Row): OpenItem[] {
  try {
    const parsed = parseRow(row);
    if (parsed?.kind === "job" || parsed?.kind === "round") return [parsed];
    return parsed?.kind === "run" ? [{ kind: "approval", run: parsed.run, since: String(row.openSince) }] : [];
  } catch (error) {
    return [{ kind: "unreadable", row: `${row.pk} / ${row.sk}`, error }];
  }
}

type Deps = { documents: DynamoDBDocumentClient; table: string; unreadable?: Unreadable };

export const createLists = (deps: Deps) => {
  const readable = readableRows(deps.unreadable);
  const readRows = createReadRows(deps);
  const page = createIndexPages(deps);
  const openRows = createOpenRows(deps);

  const jobsOf = async (index: IndexName, partition: string, request: PageRequest): Promise<Page<Job>> => {
    const { rows, ...rest } = await page(index, partition, request);
    return { items: jobsIn(rows), ...rest };
  };
  const runsOf = async (index: IndexName, partition: string, request: PageRequest): Promise<Page<RepoRun>> => {
    const { rows, ...rest } = await page(index, partition, request);
    return { items: runsIn(rows), ...rest };
  };

  const jobsIn = (rows: readonly Row[]) =>
    readable(rows, parseRow).flatMap((row) => (row.kind === "job" ? row.job : []));
  const runsIn = (rows: readonly Row[]) =>
    readable(rows, parseRow).flatMap((row) => (row.kind === "run" ? row.run : []));

  return {
    /** In the order asked for; those that do not exist are left out. */
    jobsById: async (jobIds: readonly string[]): Promise<Job[]> => jobsIn(await readRows(jobIds.map(jobKey))),

    /** Every repo run of these jobs in a few requests, without their rounds. */
    runsOfJobs: async (jobs: readonly Job[]): Promise<RepoRun[]> =>
      runsIn(
        await readRows(
          jobs.flatMap(({ jobId, repositories }) => repositories.map((repository) => runKey({ jobId, repository }))),
        ),
      ),

    /** Where people find the cards of these jobs. */
    permalinksOf: async (jobIds: readonly string[]): Promise<Map<string, string>> =>
      new Map(
        readable(await readRows(jobIds.map(cardKey)), parseRow).flatMap((row) =>
          row.kind === "card" && row.card.permalink ? [[row.card.jobId, row.card.permalink] as const] : [],
        ),
      ),

    /** Goes on behind this job in `jobsOfTeam` or `jobsOfUser`: for a page that ends where its reader was satisfied. */
    cursorOfJob: (job: Job) => cursorOf(rowOfJob(job), "time"),
    /** The same for `runsOfRepository`. */
    cursorOfRun: (run: RepoRun) => cursorOf(rowOfRun(run), "time"),

    /** `before`: only jobs that were started before this time, or the beginning of one. */
    jobsOfTeam: (teamId: string, request: PageRequest & { before?: string }) => jobsOf("jobsOfTeam", teamId, request),
    jobsOfUser: (who: { teamId: string; userId: string }, request: PageRequest) =>
      jobsOf("jobsOfUser", userPartition(who), request),
    runsOfRepository: (of: { teamId: string; repository: string }, request: PageRequest) =>
      runsOf("runsOfRepository", repositoryPartition(of), request),
    runOfPullRequest: async (url: string): Promise<RepoRun | undefined> =>
      (await runsOf("runsOfPullRequest", url, { limit: 1 })).items[0],

    /** Oldest first. What has been settled since the index was read is left out. */
    async *openItems(): AsyncGenerator<OpenItem> {
      for await (const rows of openRows(OPEN_PARTITION, { limit: OPEN_PAGE }))
        for (const row of rows) yield* openItem(row);
    },
  };
};
