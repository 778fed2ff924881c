import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { JobId, RepositoryName } from "../jobs/ids.ts";
import { Timestamp } from "../jobs/job.ts";
import { PullRequestStatus } from "../jobs/pull-request-status.ts";
import type { PullRequest } from "../jobs/repo-run.ts";
import { createReadRows, MAX_KEYS } from "./read-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { jobPartition, OFF_THE_LIST, type Row, type RowKey, runKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

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
  /** When it changed last. */
  movedAt: Timestamp,
  version: z.string(),
});
export type Watch = z.infer<typeof Watch>;

/** In the index `open`, beside the sweeper's list: `openSince` is when a look is due. */
const WATCHED = "pull-request";
/** When DynamoDB may remove a row that is looked at no more (its TTL attribute, `expiresAt`). */
const KEEP_SECONDS = 7 * 24 * 60 * 60;

const keyOf = ({ jobId, repository }: Pick<Watch, "jobId" | "repository">): RowKey => ({
  pk: jobPartition(jobId),
  sk: `WATCH#${repository}`,
});

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createWatches = (deps: Deps) => {
  const { documents, table, now, unreadable } = deps;
  const writes = createWrites(deps);
  const readRows = createReadRows(deps);
  const readable = readableRows(unreadable);

  /** Keys of the rows whose look is due, the most overdue first. */
  async function duePage(before: string, start: Row | undefined) {
    const { Items = [], LastEvaluatedKey } = await documents.send(
      new QueryCommand({
        TableName: table,
        IndexName: "open",
        KeyConditionExpression: "#open = :open AND #openSince < :before",
        ExpressionAttributeNames: { "#open": "open", "#openSince": "openSince" },
        ExpressionAttributeValues: { ":open": WATCHED, ":before": before },
        Limit: MAX_KEYS,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    const keys = Items.map((item) => ({ pk: String(item.pk), sk: String(item.sk) }));
    return { keys, ...(LastEvaluatedKey && { next: { ...LastEvaluatedKey, open: WATCHED } as Row }) };
  }

  return {
    /** From now on it is looked at; what was watched for this run before is not any more. Repeating it is harmless. */
    async watchPullRequest(run: { jobId: string; repository: string }, { number, nodeId }: PullRequest): Promise<void> {
      if (nodeId === undefined) return;
      const at = now().toISOString();
      const { jobId, repository } = run;
      const set = { jobId, repository, number, nodeId, movedAt: at, open: WATCHED, openSince: at };
      const anew = { seen: undefined, expiresAt: undefined };
      await writes.update(keyOf(run), { set: { ...set, ...anew } }, ALWAYS);
    },

    /** In pages; consistent, so that what has been looked at since the index was read is left out. */
    async *dueWatches(): AsyncGenerator<Watch[]> {
      const before = now().toISOString();
      for (let start: Row | undefined; ; ) {
        const { keys, next } = await duePage(before, start);
        const rows = (await readRows(keys)).filter(
          ({ open, openSince }) => open === WATCHED && String(openSince) < before,
        );
        yield readable(rows, (row) => Watch.parse(row));
        if (!next) return;
        start = next;
      }
    },

    /** After a look, unless the run has another pull request by now. `nextAt` undefined: it is looked at no more. */
    async keepLook(
      watch: Watch,
      { seen, movedAt, nextAt }: { seen: PullRequestStatus | undefined; movedAt: string; nextAt: string | undefined },
    ): Promise<void> {
      const list =
        nextAt === undefined
          ? { ...OFF_THE_LIST, expiresAt: Math.ceil(now().getTime() / 1_000) + KEEP_SECONDS }
          : { openSince: nextAt };
      const unchanged = { expression: "#version = :before", values: { before: watch.version } };
      await writes.update(keyOf(watch), { set: { seen, movedAt, ...list } }, unchanged);
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

const ALWAYS = { expression: "attribute_exists(#pk) OR attribute_not_exists(#pk)" };
