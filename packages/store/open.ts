import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../clock/clock.ts";
import { type AwsConfig, awsOptions } from "../config/aws-options.ts";
import { clip } from "../text/cut.ts";
import { oneLine } from "../text/lines.ts";
import { openDocuments } from "./documents.ts";
import { createJobStore } from "./jobs.ts";

/** The table as a zone's variables name it. A row that cannot be read is left out, and the log says which. */
export const openStore = (
  config: AwsConfig & { CODY_TABLE: string },
  log: (line: string) => void = console.warn,
  now: () => Date = systemClock.now,
) =>
  createJobStore({
    documents: openDocuments(awsOptions(config, config.AWS_ENDPOINT_URL_DYNAMODB)),
    table: config.CODY_TABLE,
    now,
    unreadable: (row, error) => log(`${row} cannot be read and is left out: ${inShort(error)}`),
  });

/** zod's messages have a line an issue, and CloudWatch an entry a line. */
const inShort = (error: unknown) => clip(oneLine(String(error)), 300);

export const openBucket = (config: AwsConfig) => new S3Client(awsOptions(config, config.AWS_ENDPOINT_URL_S3));
