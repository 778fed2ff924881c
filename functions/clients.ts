import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { createExecutions } from "../packages/pipeline/executions.ts";
import { openDocuments } from "../packages/store/documents.ts";
import { createJobStore } from "../packages/store/jobs.ts";
import { clip } from "../packages/text/cut.ts";
import { oneLine } from "../packages/text/lines.ts";
import type { Aws } from "./config.ts";

export const now = () => new Date(steadyNow());
/** CloudWatch keeps what a function writes to its output, a line an entry. */
export const log = (line: string) => console.warn(line);

/** From the given variables and not from the process: several environments may live in one process. */
export const awsOptions = (config: Aws, endpoint?: string) => ({
  region: config.AWS_REGION,
  ...(endpoint && { endpoint }),
  ...(config.AWS_ACCESS_KEY_ID &&
    config.AWS_SECRET_ACCESS_KEY && {
      credentials: {
        accessKeyId: config.AWS_ACCESS_KEY_ID,
        secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
        ...(config.AWS_SESSION_TOKEN && { sessionToken: config.AWS_SESSION_TOKEN }),
      },
    }),
});

export const openStore = (config: Aws & { CODY_TABLE: string }) =>
  createJobStore({
    documents: openDocuments(awsOptions(config, config.AWS_ENDPOINT_URL_DYNAMODB)),
    table: config.CODY_TABLE,
    now,
    unreadable: (row, error) => log(`${row} cannot be read and is left out: ${inShort(error)}`),
  });

/** zod's messages have a line an issue, and CloudWatch an entry a line. */
const inShort = (error: unknown) => clip(oneLine(String(error)), 300);

export const openBucket = (config: Aws) => new S3Client(awsOptions(config, config.AWS_ENDPOINT_URL_S3));
export const openMachine = (config: Aws) => new SFNClient(awsOptions(config, config.AWS_ENDPOINT_URL_SFN));

export const openExecutions = (config: Aws & { CODY_STATE_MACHINE_ARN: string }) =>
  createExecutions({ sfn: openMachine(config), stateMachineArn: config.CODY_STATE_MACHINE_ARN });
