import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { Home } from "../jobs/team.ts";
import { expiring } from "./expiry.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** A look further ahead than clocks differ was written before the clock was set back. */
const AHEAD_MS = 60_000;

const PREFIX = "HOME#";
const partitionOf = (teamId: string) => `TEAM#${teamId}`;
const keyOf = ({ teamId, userId }: Pick<Home, "teamId" | "userId">): RowKey => ({
  pk: partitionOf(teamId),
  sk: `${PREFIX}${userId}`,
});

export const createHomes = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const { documents, table } = deps;
  const writes = createWrites(deps);
  return {
    /** What the person looked at last stands. */
    async keepHome(home: Home): Promise<void> {
      const set = { ...Home.parse(home), ...expiring(new Date(home.lookedAt), "day") };
      // Times in this form sort as text.
      const isNewer = {
        expression: "attribute_not_exists(#lookedAt) OR #lookedAt <= :at OR #lookedAt > :ahead",
        values: { at: home.lookedAt, ahead: new Date(Date.parse(home.lookedAt) + AHEAD_MS).toISOString() },
      };
      await writes.update(keyOf(home), { set }, isNewer);
    },

    /** Shown anew, unless the person has looked at something else meanwhile. */
    async keepShown(home: Home, shown: Pick<Home, "hash" | "digest" | "shownAt">): Promise<void> {
      await writes.update(
        keyOf(home),
        { set: shown },
        { expression: "#hash = :before", values: { before: home.hash } },
      );
    },

    /** Home tabs of the people who looked since then; who looked last comes first. */
    async homesOfTeam(teamId: string, since: Date): Promise<Home[]> {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
          ExpressionAttributeValues: { ":pk": partitionOf(teamId), ":prefix": PREFIX },
        }),
      );
      return Items.map((item) => Home.parse(item))
        .filter(({ lookedAt }) => Date.parse(lookedAt) >= since.getTime())
        .toSorted((a, b) => b.lookedAt.localeCompare(a.lookedAt));
    },
  };
};
