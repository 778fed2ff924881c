import { EXPIRY } from "../packages/store/expiry.ts";
import { INDEXES, TABLE_KEYS } from "../packages/store/table.ts";

const keyed = [TABLE_KEYS, ...Object.values(INDEXES)];

/** On demand, point-in-time recovery and encryption at rest are the component's and DynamoDB's own defaults. */
export const table = new sst.aws.Dynamo("Jobs", {
  fields: Object.fromEntries(
    keyed.flatMap(({ partition, sort }) => [
      [partition, "string" as const],
      [sort, "string" as const],
    ]),
  ),
  primaryIndex: { hashKey: TABLE_KEYS.partition, rangeKey: TABLE_KEYS.sort },
  globalIndexes: Object.fromEntries(
    Object.entries(INDEXES).map(([name, { partition, sort }]) => [
      name,
      { hashKey: partition, rangeKey: sort, projection: "keys-only" as const },
    ]),
  ),
  stream: "new-image",
  /** A stage that keeps jobs for a year only needs to set it. */
  ttl: EXPIRY,
  deletionProtection: $app.protect,
});

/**
 * Private, TLS only (the component's default policy). Objects are written once and never rewritten: their versions are
 * there for what is deleted by mistake, and go a month later.
 */
export const bucket = new sst.aws.Bucket("Artifacts", {
  cors: false,
  versioning: true,
  transform: {
    bucket: (bucket) => {
      bucket.forceDestroy = !$app.protect;
    },
  },
});

new aws.s3.BucketServerSideEncryptionConfiguration("ArtifactsEncryption", {
  bucket: bucket.name,
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
});

/**
 * Turns and snapshots are what a runner resumes from. When a round has ended, conversation.json holds every turn and
 * patch.diff the last snapshot, so whatever is tagged as scratch goes after a month.
 */
new aws.s3.BucketLifecycleConfiguration("ArtifactsLifecycle", {
  bucket: bucket.name,
  rules: [
    {
      id: "turns-and-snapshots",
      status: "Enabled",
      filter: { tag: { key: "cody", value: "scratch" } },
      expiration: { days: 30 },
    },
    {
      id: "deleted",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: 30 },
      expiration: { expiredObjectDeleteMarker: true },
    },
    {
      id: "reports",
      status: "Enabled",
      filter: { prefix: "reports/" },
      expiration: { days: 1 },
    },
    {
      id: "unfinished-uploads",
      status: "Enabled",
      filter: { prefix: "" },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
    },
  ],
});

/** What a function that works on rows may do. */
export const rows = (...actions: string[]) => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table.arn],
});
/** Objects of jobs and nothing else in the bucket. */
export const jobObjects = $interpolate`${bucket.arn}/jobs/*`;
/** `reportKey` of packages/store. */
export const reports = $interpolate`${bucket.arn}/reports/*`;
/** Files that came with a request: `attachedKey` of packages/store. */
export const attachedFiles = $interpolate`${bucket.arn}/jobs/*/attached/*`;
/** `patchesKey` of packages/store. */
export const patchArchives = $interpolate`${bucket.arn}/jobs/*/patches-*.zip`;
/** `Query` on an index is a permission on the index. */
export const tableAndIndexes = [table.arn, $interpolate`${table.arn}/index/*`];
