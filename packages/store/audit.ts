import { randomUUID } from "node:crypto";
import { type DynamoDBDocumentClient, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { AuditEntry } from "../jobs/team.ts";
import { readableRows, type Unreadable } from "./readable.ts";

/** A partition of its own: runners read a job's rows before every turn, and these may be many. */
const partitionOf = (of: { jobId?: string | undefined } | { teamId: string }) =>
  `AUDIT#${"jobId" in of && of.jobId !== undefined ? of.jobId : (of as { teamId: string }).teamId}`;

type Deps = { documents: DynamoDBDocumentClient; table: string; unreadable?: Unreadable };

export const createAudit = ({ documents, table, unreadable }: Deps) => ({
  async recordAudit(entry: AuditEntry): Promise<void> {
    const row = JSON.parse(JSON.stringify(AuditEntry.parse(entry)));
    const key = { pk: partitionOf(entry), sk: `${entry.at}#${randomUUID().slice(0, 8)}` };
    await documents.send(new PutCommand({ TableName: table, Item: { ...row, ...key } }));
  },

  /** What was done in a job, or refused in a workspace before there was a job. Newest first. */
  async readAudit(of: { jobId: string } | { teamId: string }, { limit }: { limit: number }): Promise<AuditEntry[]> {
    const { Items = [] } = await documents.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": partitionOf(of) },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit,
      }),
    );
    return readableRows(unreadable)(Items, (item) => AuditEntry.parse(item));
  },
});
