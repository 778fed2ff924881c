import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChangeSet } from "../../functions/change-set.ts";
import { createWatch } from "../../functions/watch.ts";
import { createGitHub } from "../../packages/github/client.ts";
import type { Job } from "../../packages/jobs/job.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { firstRound } from "../../packages/jobs/round.ts";
import { pullRequestId } from "../../packages/stand-ins/forge/answers/pull-request.ts";
import { nodeId } from "../../packages/stand-ins/forge/answers/user.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import type { Disturb } from "../../packages/stand-ins/loopback/disturb.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { AT, aJob, aPullRequest, aRunOf } from "../builders.ts";
import { fillWithPulls } from "../stand-ins/fill-with-pulls.ts";
import { meteredTable } from "./metered-table.ts";

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
/** One job has a pull request in each. */
const FIVE = ["one", "two", "three", "four", "five"].map((name) => `acme/${name}`);

/** No pass begins to the millisecond when something is due. */
const PAST_THE_MINUTE = 300;

type Options = {
  /** The number of jobs, and so of pull requests in each of these repositories. */
  pulls: number;
  repositories?: string[];
  /** How long the table takes to answer. */
  tableMs?: number;
  /** What happens to each request to GitHub on its way. */
  disturb?: Disturb;
  /** A look of the watcher that was kept, by the clock. */
  onLook?: (of: { jobId: string; repository: string }, at: number) => void;
};
export type Followed = Awaited<ReturnType<typeof openFollowed>>;

/**
 * Published runs with open pull requests on a real forge, the functions that follow and merge them, and a clock that is
 * moved: days go by in seconds. Each request to GitHub is counted where it arrives.
 */
export async function openFollowed({ pulls, repositories = FIVE, tableMs = 0, ...options }: Options) {
  const folder = await mkdtemp(join(tmpdir(), "cody-followed-"));
  await fillWithPulls(folder, pulls, repositories);
  const clock = { now: Date.parse(AT) + PAST_THE_MINUTE };
  const now = () => clock.now;
  const calls = { graphql: 0, rest: 0 };
  const forge = await startForge({
    folder,
    now,
    log: () => {},
    disturb(request) {
      calls[request.url?.startsWith("/api/graphql") ? "graphql" : "rest"] += 1;
      return options.disturb?.(request);
    },
  });
  const { documents, spent } = meteredTable({ answerMs: tableMs });
  const stored = createJobStore({ documents, table: "t", now: () => new Date(clock.now) });
  const store: typeof stored = {
    ...stored,
    async keepLook(watch, look) {
      options.onLook?.(watch, clock.now);
      await stored.keepLook(watch, look);
    },
  };
  const env = {
    AWS_REGION: "us-east-1",
    CODY_TABLE: "t",
    GITHUB_API_URL: forge.apiUrl,
    GITHUB_URL: forge.serverUrl,
    GITHUB_READ_TOKEN: forge.readToken,
    GITHUB_WRITE_TOKEN: forge.writeToken,
  };

  const jobs = Array.from({ length: pulls }, (_, i) => jobOf(i + 1, repositories));
  const runs = jobs.flatMap((job, i) => repositories.map((repository) => runOf(job, repository, i + 1)));
  const place = ({ repository, pullRequest }: RepoRun) => forge.admin.placeOf(repository, pullRequest!.number);

  function runOf(job: Job, repository: string, number: number): RepoRun {
    const { repository: at, pull } = forge.admin.placeOf(repository, number);
    const id = nodeId("PullRequest", pullRequestId(at, pull));
    const pullRequest = { ...aPullRequest(repository, number), nodeId: id, commit: pull.headSha };
    return aRunOf(job, {
      repository,
      state: "published",
      baseBranch: "main",
      restedAt: AT,
      isPrivate: true,
      pullRequest,
    });
  }

  return {
    clock,
    calls,
    spent,
    store,
    forge,
    runs,
    jobs,
    place,
    reader: createGitHub({ token: forge.readToken, apiUrl: forge.apiUrl, secondMs: 1 }),
    watch: createWatch(env, now, () => store),
    changeSet: createChangeSet(env, now, () => store),
    /** As Publish does it. */
    async open(run: RepoRun) {
      const job = jobs.find(({ jobId }) => jobId === run.jobId)!;
      await store.insertJob(job);
      await store.insertRound({ ...firstRound(job), finishedAt: AT });
      await store.openRun(run);
      await store.watchPullRequest(run, run.pullRequest!);
    },
    async [Symbol.asyncDispose]() {
      await forge.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const jobOf = (number: number, repositories: string[]): Job =>
  aJob({ jobId: `j${number.toString(16).padStart(16, "0")}`, repositories });
