import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { Template } from "../jobs/team.ts";
import { expiring, STAYS } from "./expiry.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import type { Row, RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

const PREFIX = "TEMPLATE#";
const partitionOf = (teamId: string) => `TEAM#${teamId}`;
const keyOf = ({ teamId, name }: { teamId: string; name: string }): RowKey => ({
  pk: partitionOf(teamId),
  sk: `${PREFIX}${name.toLowerCase()}`,
});
const templateIn = (row: Row | undefined) => (row && row.deletedAt === undefined ? Template.parse(row) : undefined);

/** Who may change a saved job: the person who saved it, and with `anybodys` an admin. */
type By = { by: string; anybodys: boolean };

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createTemplates = (deps: Deps) => {
  const { documents, table, now, unreadable } = deps;
  const readable = readableRows(unreadable);
  const writes = createWrites(deps);

  return {
    /** In place of one of the same name. Else whose name that is, and nothing was written. */
    async saveTemplate(template: Template, { anybodys }: { anybodys: boolean }): Promise<"saved" | Template> {
      const set = { ...Template.parse(template), deletedAt: undefined, ...STAYS };
      const isFree = "attribute_not_exists(#pk) OR attribute_exists(#deletedAt) OR #savedBy = :by";
      const result = await writes.update(
        keyOf(template),
        { set },
        { expression: anybodys ? `${isFree} OR attribute_exists(#pk)` : isFree, values: { by: template.savedBy } },
      );
      return result.written ? "saved" : Template.parse(result.found);
    },

    readTemplate: async (of: { teamId: string; name: string }): Promise<Template | undefined> =>
      templateIn(await writes.read(keyOf(of))),

    /** By name. */
    async templatesOfTeam(teamId: string): Promise<Template[]> {
      const found: Template[] = [];
      const query = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": partitionOf(teamId), ":prefix": PREFIX },
      };
      for await (const { Items = [] } of paginateQuery({ client: documents }, query))
        found.push(...readable(Items, templateIn));
      return found;
    },

    /** undefined: there is none, or it is not theirs to delete. Doing it again changes nothing. */
    async deleteTemplate(of: { teamId: string; name: string }, { by, anybodys }: By): Promise<Template | undefined> {
      const at = now();
      const set = { deletedAt: at.toISOString(), ...expiring(at, "day") };
      const isTheirs = `attribute_exists(#pk) AND attribute_not_exists(#deletedAt)${anybodys ? "" : " AND #savedBy = :by"}`;
      const result = await writes.update(
        keyOf(of),
        { set },
        { expression: isTheirs, ...(!anybodys && { values: { by } }) },
      );
      return result.written ? Template.parse(result.row) : undefined;
    },
  };
};
