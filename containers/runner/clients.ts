import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../packages/clock/clock.ts";
import type { Config } from "../../packages/config/read.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { createRecords } from "../../packages/store/records.ts";

type StoreConfig = Pick<Config<"work">, "CODY_TABLE" | "CODY_BUCKET">;

/** Table and bucket, for both tasks. Region, credentials and endpoints are found by the SDK itself. */
export const createStores = ({ CODY_TABLE: table, CODY_BUCKET: bucket }: StoreConfig) => {
  const documents = openDocuments();
  const now = systemClock.now;
  return {
    jobs: createJobStore({ documents, table, now }),
    pauses: createPauses({ documents, table, now }),
    records: createRecords(createArtifacts({ s3: new S3Client(), bucket })),
  };
};
