import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { z } from "zod";
import { Job, JobOptions } from "../jobs/job.ts";
import type { Budget } from "../jobs/job-record.ts";
import { RepoRun } from "../jobs/repo-run.ts";
import { Round } from "../jobs/round.ts";
import { jobKey, jobPartition } from "./rows.ts";
import type { Writes } from "./writes.ts";

const JobPart = Job.pick({ cancel: true }).extend({ options: JobOptions.pick({ capUsd: true }) });
const RoundPart = Round.pick({ round: true, capUsd: true });
const RunPart = RepoRun.pick({ repository: true, state: true, spendUsd: true, lost: true, asking: true });

const NAMES = ["sk", "cancel", ...Object.keys(RoundPart.shape), ...Object.keys(RunPart.shape)];
const PROJECTION = {
  ProjectionExpression: [...NAMES.map((name) => `#${name}`), "#options.#capUsd"].join(", "),
  ExpressionAttributeNames: Object.fromEntries([...NAMES, "options"].map((name) => [`#${name}`, name])),
};

/** What a runner asks again and again: the few attributes it decides by, and no prompt, plan or patch beside them. */
export const createBudgets = ({
  documents,
  table,
  writes,
}: {
  documents: DynamoDBDocumentClient;
  table: string;
  writes: Writes;
}) => ({
  /** undefined: there is no such job. */
  async readBudget(jobId: string): Promise<Budget | undefined> {
    const found: { job?: z.infer<typeof JobPart> } & Omit<Budget, "job"> = { rounds: [], runs: [] };
    const query = {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": jobPartition(jobId) },
      ...PROJECTION,
    };
    for await (const { Items = [] } of paginateQuery({ client: documents }, query))
      for (const row of Items) {
        const [kind] = String(row.sk).split("#", 1);
        if (kind === "JOB") found.job = JobPart.parse(row);
        if (kind === "ROUND") found.rounds.push(RoundPart.parse(row));
        if (kind === "REPO") found.runs.push(RunPart.parse(row));
      }
    return found.job && { ...found, job: found.job };
  },

  /** Who wants what to stop. undefined: there is no such job. */
  async readCancels(jobId: string): Promise<Pick<Job, "cancel"> | undefined> {
    const row = await writes.read(jobKey(jobId), ["cancel"]);
    return row && JobPart.pick({ cancel: true }).parse(row);
  },
});
