import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { PersonDefaults } from "../jobs/team.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

type Of = Pick<PersonDefaults, "teamId" | "userId">;

const keyOf = ({ teamId, userId }: Of): RowKey => ({ pk: `TEAM#${teamId}`, sk: `DEFAULTS#${userId}` });

const EITHER_WAY = { expression: "attribute_exists(#pk) OR attribute_not_exists(#pk)" };

export const createPersonDefaults = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const writes = createWrites(deps);
  return {
    async readDefaults(of: Of): Promise<PersonDefaults | undefined> {
      const row = await writes.read(keyOf(of));
      return row && PersonDefaults.parse(row);
    },

    /** All of them at once; the last save stands. */
    async saveDefaults(defaults: PersonDefaults): Promise<void> {
      const absent = { model: undefined, delivery: undefined, capUsd: undefined, tellDirectly: undefined };
      const set = { ...absent, ...PersonDefaults.parse(defaults) };
      await writes.update(keyOf(defaults), { set }, EITHER_WAY);
    },
  };
};
