import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Job } from "../jobs/job.ts";
import { NumberedRun } from "../jobs/numbers.ts";
import { createReadRows } from "./read-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { runKey } from "./rows.ts";

type Deps = { documents: DynamoDBDocumentClient; table: string; unreadable?: Unreadable };

const NEEDED = ["pk", "sk", ...Object.keys(NumberedRun.shape)];

export const createNumbers = (deps: Deps) => {
  const readRows = createReadRows(deps);
  const readable = readableRows(deps.unreadable);
  return {
    /** What the figures need of thousands of jobs, and no verdict, patch or plan beside it. */
    runsForNumbers: async (jobs: readonly Pick<Job, "jobId" | "repositories">[]): Promise<NumberedRun[]> => {
      const keys = jobs.flatMap(({ jobId, repositories }) =>
        repositories.map((repository) => runKey({ jobId, repository })),
      );
      return readable(await readRows(keys, { only: NEEDED, isRough: true }), (row) => NumberedRun.parse(row));
    },
  };
};
