import { S3Client } from "@aws-sdk/client-s3";
import { createArtifacts } from "../../packages/store/artifacts.ts";
import { openDocuments } from "../../packages/store/documents.ts";
import { createJobStore } from "../../packages/store/jobs.ts";
import { createPauses } from "../../packages/store/pauses.ts";
import { createRecords } from "./records.ts";

/** Table and bucket, for both tasks. Region, credentials and endpoints are found by the SDK itself. */
export const createStores = ({
  CODY_TABLE: table,
  CODY_BUCKET: bucket,
}: {
  CODY_TABLE: string;
  CODY_BUCKET: string;
}) => {
  const documents = openDocuments();
  return {
    jobs: createJobStore({ documents, table, now: () => new Date() }),
    pauses: createPauses({ documents, table }),
    records: createRecords(createArtifacts({ s3: new S3Client(), bucket })),
  };
};
