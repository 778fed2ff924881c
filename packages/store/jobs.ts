import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { RoundRef } from "../jobs/execution.ts";
import { CancelRequest, Job } from "../jobs/job.ts";
import { Card, type JobRecord, type ReplyKey } from "../jobs/job-record.ts";
import { REPLY_CLAIM } from "../jobs/message-row.ts";
import { Round } from "../jobs/round.ts";
import { createAudit } from "./audit.ts";
import { createBudgets } from "./budgets.ts";
import { createCampaigns } from "./campaigns.ts";
import { createDueLooks } from "./due-looks.ts";
import { createFormClicks } from "./form-clicks.ts";
import { createHomes } from "./homes.ts";
import { createLists } from "./lists.ts";
import { createMessageRows } from "./message-rows.ts";
import { createNumbers } from "./numbers.ts";
import { createPersonDefaults } from "./person-defaults.ts";
import type { Unreadable } from "./readable.ts";
import {
  cardKey,
  jobKey,
  jobPartition,
  OFF_THE_LIST,
  parseRow,
  type RowKey,
  roundKey,
  rowOfJob,
  rowOfRound,
} from "./rows.ts";
import { createRuns } from "./runs.ts";
import { createSavedSettings } from "./saved-settings.ts";
import { createSchedules } from "./schedules.ts";
import { createSetAsks } from "./set-asks.ts";
import { createSetSections } from "./set-sections.ts";
import { createSlots } from "./slots.ts";
import { createTemplates } from "./templates.ts";
import { createWatches } from "./watches.ts";
import { createWelcomes } from "./welcomes.ts";
import { createWrites, EXISTS, type Written } from "./writes.ts";

/**
 * Jobs, rounds, repo runs and cards in one DynamoDB table, by conditional writes of single items. Every call may be
 * repeated: a second time it changes nothing and says so.
 */
export const createJobStore = (deps: {
  documents: DynamoDBDocumentClient;
  table: string;
  now: () => Date;
  unreadable?: Unreadable;
}) => {
  const { documents, table, now } = deps;
  const writes = createWrites(deps);
  const created = ({ written }: Written) => (written ? "created" : "exists");
  const mustExist = (result: Written, { pk, sk }: RowKey) => {
    if (!result.written && !result.found) throw new Error(`There is no row ${pk} / ${sk}.`);
  };

  return {
    ...createRuns({ writes, now }),
    ...createLists(deps),
    ...createBudgets({ ...deps, writes }),
    ...createAudit(deps),
    ...createCampaigns(deps),
    ...createDueLooks(deps),
    ...createFormClicks(deps),
    ...createHomes(deps),
    ...createNumbers(deps),
    ...createPersonDefaults(deps),
    ...createSavedSettings(deps),
    ...createSchedules(deps),
    ...createSetAsks(deps),
    ...createSetSections(deps),
    ...createSlots(deps),
    ...createTemplates(deps),
    ...createWatches(deps),
    ...createWelcomes(deps),

    /** By the id of the job. */
    cards: createMessageRows({ writes, keyOf: cardKey, ownOf: (jobId) => ({ jobId, replies: {} }) }),

    async insertJob(job: Job): Promise<"created" | "exists"> {
      return created(await writes.putIfAbsent(rowOfJob(Job.parse(job))));
    },

    /** Every row of the job, consistently. undefined: there is no such job. */
    async readJob(jobId: string): Promise<JobRecord | undefined> {
      const record: Omit<JobRecord, "job"> & { job?: Job } = { rounds: [], runs: [] };
      const query = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": jobPartition(jobId) },
      };
      for await (const { Items = [] } of paginateQuery({ client: documents }, query))
        for (const row of Items.map(parseRow)) {
          if (row?.kind === "job") record.job = row.job;
          if (row?.kind === "round") record.rounds.push(row.round);
          if (row?.kind === "run") record.runs.push(row.run);
          if (row?.kind === "card") record.card = row.card;
          if (row?.kind === "ask") record.asks = [...(record.asks ?? []), row.ask];
        }
      const { job } = record;
      if (!job) return undefined;
      const inOrder = record.runs.toSorted(
        (a, b) => job.repositories.indexOf(a.repository) - job.repositories.indexOf(b.repository),
      );
      return { ...record, job, runs: inOrder };
    },

    /** "exists": another round has this number; read the job again. */
    async insertRound(round: Round): Promise<"created" | "exists"> {
      return created(await writes.putIfAbsent(rowOfRound(Round.parse(round))));
    },

    /** The first one wins; a repeat is harmless. */
    async markRoundStarted(ref: RoundRef, executionArn: string): Promise<void> {
      const key = roundKey(ref);
      const set = { executionArn, startedAt: now().toISOString() };
      const unstarted = { expression: "attribute_exists(#pk) AND attribute_not_exists(#startedAt)" };
      mustExist(await writes.update(key, { set }, unstarted), key);
    },

    async markRoundFinished(ref: RoundRef): Promise<void> {
      const key = roundKey(ref);
      const change = { set: OFF_THE_LIST, setOnce: { finishedAt: now().toISOString() } };
      mustExist(await writes.update(key, change, EXISTS), key);
    },

    /** The job's first round stands in the table: the sweeper need not look after the job row any more. */
    async markFirstRoundRequested(jobId: string): Promise<void> {
      const onTheList = { expression: "attribute_exists(#pk) AND attribute_exists(#open)" };
      mustExist(await writes.update(jobKey(jobId), { set: OFF_THE_LIST }, onTheList), jobKey(jobId));
    },

    /**
     * `target`: a repository, or `*` for the whole job. A request for a higher round replaces one for a lower round.
     */
    async requestCancel(jobId: string, target: string, request: { by: string; round: number }): Promise<void> {
      const value = CancelRequest.parse({ ...request, at: now().toISOString() });
      const isNew = {
        expression:
          "attribute_exists(#pk) AND (attribute_not_exists(#cancel.#entry) OR #cancel.#entry.#round < :round)",
        values: { round: request.round },
      };
      const key = jobKey(jobId);
      mustExist(await writes.update(key, { entry: { map: "cancel", key: target, value } }, isNew), key);
    },

    /**
     * Who claims a reply posts it. `claim`: stands in its place until it is posted. `before`: the claim as it was read,
     * ours or that of a process that died, which this one stands in for.
     */
    async claimReply(jobId: string, key: ReplyKey, claim: string, before?: string): Promise<"claimed" | "exists"> {
      const entry = { map: "replies", key: String(key), value: claim };
      const isFree =
        before === undefined
          ? { expression: "attribute_exists(#pk) AND attribute_not_exists(#replies.#entry)" }
          : { expression: "#replies.#entry = :before", values: { before } };
      const result = await writes.update(cardKey(jobId), { entry }, isFree);
      mustExist(result, cardKey(jobId));
      return result.written ? "claimed" : "exists";
    },

    /** "overtaken": another process has kept another one. */
    async keepReply(jobId: string, key: ReplyKey, ts: string): Promise<"kept" | "overtaken"> {
      const entry = { map: "replies", key: String(key), value: ts };
      const isOpen = {
        expression:
          "attribute_exists(#pk) AND (attribute_not_exists(#replies.#entry) OR begins_with(#replies.#entry, :claim))",
        values: { claim: REPLY_CLAIM },
      };
      const result = await writes.update(cardKey(jobId), { entry }, isOpen);
      mustExist(result, cardKey(jobId));
      return result.written || Card.parse(result.found).replies[key] === ts ? "kept" : "overtaken";
    },

    async updateCard(jobId: string, changes: Partial<Card>): Promise<void> {
      Card.partial().parse(changes);
      mustExist(await writes.update(cardKey(jobId), { set: changes }, EXISTS), cardKey(jobId));
    },
  };
};
export type JobStore = ReturnType<typeof createJobStore>;
