import { S3Client } from "@aws-sdk/client-s3";
import { steadyNow } from "../../packages/clock/steady-clock.ts";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { createRecords } from "../../packages/store/records.ts";

/** Table and bucket, for both tasks. Region, credentials and endpoints are found by the SDK itself. */
export const createStores = ({
  CODY_TABLE: table,
  CODY_BUCKET: bucket,
}: {
  CODY_TABLE: string;
  CODY_BUCKET: string;
}) => {
  const documents = openDocuments();
  const now = () => new Date(steadyNow());
  return {
    jobs: createJobStore({ documents, table, now }),
    pauses: createPauses({ documents, table, now }),
    records: createRecords(createArtifacts({ s3: new S3Client(), bucket })),
  };
};
