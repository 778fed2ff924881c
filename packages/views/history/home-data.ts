import type { Job } from "../../jobs/job.ts";
import type { JobRecord } from "../../jobs/job-record.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import type { Round } from "../../jobs/round.ts";
import type { FoundDefaults } from "../../jobs/team.ts";
import { type CampaignReading, MAX_CAMPAIGNS } from "./campaigns.ts";
import type { HomeState } from "./home-state.ts";
import { HOME_PAGE, type HomeData } from "./home-view.ts";
import { jobsSince } from "./jobs-since.ts";
import { type Month, monthStart } from "./month.ts";
import { isInState, type ListedJob } from "./outcomes.ts";
import { readSchedules, type ScheduleReading } from "./read-schedules.ts";

type Who = { teamId: string; userId: string };
type PageRequest = { limit: number; after?: string | undefined };
type Page<Item> = { items: Item[]; after?: string };

/** What the dashboard reads; every list is of one workspace, newest first. */
export type HomeStore = ScheduleReading["store"] &
  CampaignReading & {
    readJob(jobId: string): Promise<JobRecord | undefined>;
    readDefaults(who: Who): Promise<FoundDefaults>;
    jobsOfTeam(teamId: string, page: PageRequest): Promise<Page<Job>>;
    jobsOfUser(who: Who, page: PageRequest): Promise<Page<Job>>;
    runsOfRepository(of: { teamId: string; repository: string }, page: PageRequest): Promise<Page<RepoRun>>;
    jobsById(jobIds: readonly string[]): Promise<Job[]>;
    runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]>;
    permalinksOf(jobIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
    cursorOfJob(job: Job): string;
    cursorOfRun(run: RepoRun): string;
    /** What runs or waits, of every workspace: the caller selects the team. */
    openItems(): AsyncIterable<
      | { kind: "job"; job: Job }
      | { kind: "round"; round: Round }
      | { kind: "approval"; run: RepoRun }
      | { kind: "unreadable" }
    >;
  };
export type HomeReading = {
  store: HomeStore;
  now: () => Date;
  /** Which jobs the person may read. Absent: all. */
  readable?: Readable;
};
type Readable = (of: Pick<Job, "userId" | "channelId">) => boolean;
type Everybodys = Pick<HomeData, "month" | "open" | "schedules" | "campaigns">;

/** Read at once; the next look goes on behind them. */
const CHUNK = 50;
/** Looked at for one page: a filter that fits nothing must end within the time that a person waits. */
const MAX_SCANNED = 300;
const MAX_MONTH_JOBS = 300;
const MAX_OPEN = 25;
/** Read from the list of what is open, which holds every workspace's. */
const MAX_OPEN_ITEMS = 500;

async function withRuns({ store }: HomeReading, jobs: Job[]): Promise<ListedJob[]> {
  const runs = Map.groupBy(await store.runsOfJobs(jobs), ({ jobId }) => jobId);
  return jobs.map((job) => ({ job, runs: runs.get(job.jobId) ?? [] }));
}

/** Jobs newest first, each with the cursor that leads behind it. */
async function candidates(
  { store }: HomeReading,
  { teamId, userId }: Who,
  state: HomeState,
  after: string | undefined,
) {
  const page = { limit: CHUNK, after };
  if (state.repository) {
    const { items, after: more } = await store.runsOfRepository({ teamId, repository: state.repository }, page);
    const jobs = new Map((await store.jobsById(items.map(({ jobId }) => jobId))).map((job) => [job.jobId, job]));
    const found = items.flatMap((run) => {
      const job = jobs.get(run.jobId);
      return job ? [{ job, behind: store.cursorOfRun(run) }] : [];
    });
    return { found, more };
  }
  const { items, after: more } =
    state.whose === "mine" ? await store.jobsOfUser({ teamId, userId }, page) : await store.jobsOfTeam(teamId, page);
  return { found: items.map((job) => ({ job, behind: store.cursorOfJob(job) })), more };
}

const hasText = (job: Job, text: string) =>
  [job.prompt, job.jobId, ...job.repositories].some((words) => words.toLowerCase().includes(text.toLowerCase()));

/** What the job's own row decides: the runs of those that do not fit are not read. */
const mayFit = (job: Job, state: HomeState, { userId }: Who) =>
  (state.whose === "all" || job.userId === userId) && (state.text === undefined || hasText(job, state.text));
const fits = (listed: ListedJob, state: HomeState) => state.state === "any" || isInState(listed, state.state);

type Recent = Pick<HomeData, "recent" | "older" | "scanned">;

/** One page of the jobs that fit, each with where its card is. */
export async function readRecent(deps: HomeReading, who: Who, state: HomeState): Promise<Recent> {
  const page = await findRecent(deps, who, state);
  const links = await deps.store.permalinksOf(page.recent.map(({ job }) => job.jobId));
  return { ...page, recent: page.recent.map((one) => ({ ...one, permalink: links.get(one.job.jobId) })) };
}

/** `scanned` is given when the search stopped before the page was full. */
async function findRecent(deps: HomeReading, who: Who, state: HomeState): Promise<Recent> {
  const recent: ListedJob[] = [];
  let after = state.pages.at(-1);
  for (let scanned = 0; ; ) {
    const { found, more } = await candidates(deps, who, state, after);
    const possible = found.filter(({ job }) => (deps.readable?.(job) ?? true) && mayFit(job, state, who));
    const listed = await withRuns(
      deps,
      possible.map(({ job }) => job),
    );
    for (const [i, one] of listed.entries()) {
      if (!fits(one, state)) continue;
      recent.push(one);
      const isLast = possible[i] === found.at(-1) && more === undefined;
      if (recent.length === HOME_PAGE) return { recent, older: isLast ? undefined : possible[i]!.behind };
    }
    scanned += found.length;
    if (more === undefined) return { recent };
    if (scanned >= MAX_SCANNED) return { recent, older: more, scanned };
    after = more;
  }
}

async function readMonth(deps: HomeReading, { teamId }: Pick<Who, "teamId">): Promise<Month> {
  const since = monthStart(deps.now());
  const { jobs, cut } = await jobsSince(deps.store, teamId, { since, max: MAX_MONTH_JOBS });
  return { since, jobs: await withRuns(deps, jobs), cut };
}

/** Jobs of the team that run or wait for a person: from the same list that the sweeper works on. */
async function readOpen({ store }: HomeReading, { teamId }: Pick<Who, "teamId">): Promise<JobRecord[]> {
  const jobIds = new Set<string>();
  let looked = 0;
  for await (const item of store.openItems()) {
    if (item.kind === "unreadable") continue;
    jobIds.add((item.kind === "job" ? item.job : item.kind === "round" ? item.round : item.run).jobId);
    looked += 1;
    if (jobIds.size === MAX_OPEN || looked === MAX_OPEN_ITEMS) break;
  }
  const records = await Promise.all([...jobIds].map((jobId) => store.readJob(jobId)));
  return records
    .filter((record) => record?.job.teamId === teamId)
    .map((record) => record!)
    .toSorted((a, b) => b.job.createdAt.localeCompare(a.job.createdAt));
}

/** The part of a workspace's month, open jobs, schedules and campaigns that a person may read. */
export const readableOf = (
  { month, open, schedules, campaigns }: Everybodys,
  readable: Readable = () => true,
): Everybodys => ({
  month: { ...month, jobs: month.jobs.filter(({ job }) => readable(job)) },
  open: open.filter(({ job }) => readable(job)),
  schedules: schedules.filter(({ schedule }) => readable(schedule)),
  campaigns: campaigns.filter(({ campaign }) => readable(campaign)),
});

/** What is the same on every person's dashboard, but for what they may read. */
export async function readEverybodys(deps: HomeReading, team: Pick<Who, "teamId">): Promise<Everybodys> {
  const [month, open, schedules, campaigns] = await Promise.all([
    readMonth(deps, team),
    readOpen(deps, team),
    readSchedules(deps, team.teamId),
    deps.store.campaignsOfTeam(team.teamId, MAX_CAMPAIGNS),
  ]);
  return { month, open, schedules, campaigns };
}

/** The month and the list are mostly of the same jobs: their runs are read once. */
function readingOnce({ store, ...rest }: HomeReading): HomeReading {
  const read = new Map<string, Promise<RepoRun[]>>();
  async function runsOfJobs(jobs: readonly Job[]): Promise<RepoRun[]> {
    const missing = jobs.filter(({ jobId }) => !read.has(jobId));
    const found = store.runsOfJobs(missing).then((runs) => Map.groupBy(runs, ({ jobId }) => jobId));
    for (const { jobId } of missing)
      read.set(
        jobId,
        found.then((runs) => runs.get(jobId) ?? []),
      );
    return (await Promise.all(jobs.map(({ jobId }) => read.get(jobId)!))).flat();
  }
  return { store: { ...store, runsOfJobs }, ...rest };
}

export async function readHome(reading: HomeReading, who: Who, state: HomeState): Promise<HomeData> {
  const deps = readingOnce(reading);
  const [everybodys, recent, defaults] = await Promise.all([
    readEverybodys(deps, who),
    readRecent(deps, who, state),
    deps.store.readDefaults(who),
  ]);
  return { state, ...readableOf(everybodys, reading.readable), ...recent, defaults };
}
