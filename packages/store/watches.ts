import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { JobId, RepositoryName } from "../jobs/ids.ts";
import { Timestamp } from "../jobs/job.ts";
import type { PullRequest } from "../jobs/pull-request.ts";
import { PullRequestStatus } from "../jobs/pull-request-status.ts";
import { expiring, STAYS } from "./expiry.ts";
import { createOpenRows } from "./open-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { jobPartition, OFF_THE_LIST, type RowKey, runKey } from "./rows.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

/**
 * Row `JOB#id / WATCH#owner/name`: that a pull request is looked at, and when next. It is a row of its own, so that a
 * look neither wakes the readers of the table's stream nor meets the writes of a round.
 */
const Watch = z.object({
  jobId: JobId,
  repository: RepositoryName,
  number: z.number().int().positive(),
  nodeId: z.string(),
  /** As the run's row says it; absent before the first answer. */
  seen: PullRequestStatus.optional(),
  /** GitHub's time of the last change up to which its comments are known. */
  commentsUpTo: z.string().max(50).optional(),
  /** When it changed last. */
  movedAt: Timestamp,
  version: z.string(),
});
export type Watch = z.infer<typeof Watch>;

/** In the index `open`, beside the sweeper's list: `openSince` is when a look is due. */
const WATCHED = "pull-request";

const keyOf = ({ jobId, repository }: Pick<Watch, "jobId" | "repository">): RowKey => ({
  pk: jobPartition(jobId),
  sk: `WATCH#${repository}`,
});

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createWatches = (deps: Deps) => {
  const { now } = deps;
  const writes = createWrites(deps);
  const openRows = createOpenRows(deps);
  const readable = readableRows(deps.unreadable);

  return {
    /** From now on it is looked at; what was watched for this run before is not any more. Repeating it is harmless. */
    async watchPullRequest(run: { jobId: string; repository: string }, { number, nodeId }: PullRequest): Promise<void> {
      if (nodeId === undefined) return;
      const at = now().toISOString();
      const { jobId, repository } = run;
      const set = { jobId, repository, number, nodeId, movedAt: at, open: WATCHED, openSince: at };
      const anew = { seen: undefined, commentsUpTo: undefined, ...STAYS };
      await writes.update(keyOf(run), { set: { ...set, ...anew } }, EITHER_WAY);
    },

    /** Its next look is due at once, and what changes soon is seen soon. One that is looked at no more stays so. */
    async lookSoon(run: { jobId: string; repository: string }): Promise<void> {
      const at = now().toISOString();
      const isLookedAt = { expression: "attribute_exists(#pk) AND attribute_exists(#open)" };
      await writes.update(keyOf(run), { set: { movedAt: at, openSince: at } }, isLookedAt);
    },

    /** In pages, the most overdue first. What has been looked at since the index was read is left out. */
    async *dueWatches(): AsyncGenerator<Watch[]> {
      const isDue = { before: now().toISOString() };
      for await (const rows of openRows(WATCHED, isDue)) yield readable(rows, (row) => Watch.parse(row));
    },

    /** After a look, unless the run has another pull request by now. `nextAt` undefined: it is looked at no more. */
    async keepLook(
      watch: Watch,
      {
        nextAt,
        ...look
      }: Pick<Watch, "movedAt"> & {
        seen: PullRequestStatus | undefined;
        commentsUpTo: string | undefined;
        nextAt: string | undefined;
      },
    ): Promise<void> {
      const list = nextAt === undefined ? { ...OFF_THE_LIST, ...expiring(now(), "week") } : { openSince: nextAt };
      const unchanged = { expression: "#version = :before", values: { before: watch.version } };
      await writes.update(keyOf(watch), { set: { ...look, ...list } }, unchanged);
    },

    /**
     * On the run's row, whatever its state and its round: a round that runs is not disturbed. "left": the run has no
     * such pull request any more.
     */
    async keepPullRequestStatus(watch: Watch, status: PullRequestStatus): Promise<"kept" | "left"> {
      const isIts = { expression: "#pullRequest.#number = :number", values: { number: watch.number } };
      const set = { pullRequestStatus: PullRequestStatus.parse(status) };
      return (await writes.update(runKey(watch), { set }, isIts)).written ? "kept" : "left";
    },
  };
};
