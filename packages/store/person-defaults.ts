import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type FoundDefaults, PersonDefaults } from "../jobs/team.ts";
import type { Unreadable } from "./readable.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

type Of = Pick<PersonDefaults, "teamId" | "userId">;

const keyOf = ({ teamId, userId }: Of): RowKey => ({ pk: `TEAM#${teamId}`, sk: `DEFAULTS#${userId}` });

const EITHER_WAY = { expression: "attribute_exists(#pk) OR attribute_not_exists(#pk)" };

export const createPersonDefaults = (deps: {
  documents: DynamoDBDocumentClient;
  table: string;
  unreadable?: Unreadable;
}) => {
  const writes = createWrites(deps);
  return {
    async readDefaults(of: Of): Promise<FoundDefaults> {
      const row = await writes.read(keyOf(of));
      if (!row) return undefined;
      const { data, error } = PersonDefaults.safeParse(row);
      if (error) deps.unreadable?.(`${row.pk} / ${row.sk}`, error);
      return data ?? "unreadable";
    },

    /** All of them at once; the last save stands. */
    async saveDefaults(defaults: PersonDefaults): Promise<void> {
      const absent = Object.fromEntries(Object.keys(PersonDefaults.shape).map((name) => [name, undefined]));
      const set = { ...absent, ...PersonDefaults.parse(defaults) };
      await writes.update(keyOf(defaults), { set }, EITHER_WAY);
    },
  };
};
