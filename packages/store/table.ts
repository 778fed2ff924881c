import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/**
 * Sparse: a row stands in an index only while it has the index's partition attribute. All of them project keys only, so
 * that a heartbeat costs one write and not one per index; a list reads the rows again, consistently.
 */
export const INDEXES = {
  jobsOfTeam: { partition: "team", sort: "time" },
  jobsOfUser: { partition: "user", sort: "time" },
  runsOfRepository: { partition: "repositoryKey", sort: "time" },
  runsOfPullRequest: { partition: "pullRequestUrl", sort: "time" },
  /** The sweeper's to-do list: what must still be started, finished or decided. */
  open: { partition: "open", sort: "openSince" },
} as const;
export type IndexName = keyof typeof INDEXES;

export const TABLE_KEYS = { partition: "pk", sort: "sk" } as const;

const schemaOf = (keys: { partition: string; sort: string }) => [
  { AttributeName: keys.partition, KeyType: "HASH" as const },
  { AttributeName: keys.sort, KeyType: "RANGE" as const },
];

/** The one table, for all that create it: the stand-in, the tests, and as data the stack. */
export function tableDefinition(name: string): CreateTableCommandInput {
  const keyed = [TABLE_KEYS, ...Object.values(INDEXES)];
  const attributes = new Set(keyed.flatMap((keys) => [keys.partition, keys.sort]));
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: schemaOf(TABLE_KEYS),
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    GlobalSecondaryIndexes: Object.entries(INDEXES).map(([IndexName, keys]) => ({
      IndexName,
      KeySchema: schemaOf(keys),
      Projection: { ProjectionType: "KEYS_ONLY" },
    })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
  };
}
