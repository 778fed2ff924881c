import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type FoundDefaults, PersonDefaults } from "../jobs/team.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import type { RowKey } from "./rows.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

type Of = Pick<PersonDefaults, "teamId" | "userId">;

const keyOf = ({ teamId, userId }: Of): RowKey => ({ pk: `TEAM#${teamId}`, sk: `DEFAULTS#${userId}` });

export const createPersonDefaults = (deps: {
  documents: DynamoDBDocumentClient;
  table: string;
  unreadable?: Unreadable;
}) => {
  const writes = createWrites(deps);
  const readable = readableRows(deps.unreadable);
  return {
    async readDefaults(of: Of): Promise<FoundDefaults> {
      const row = await writes.read(keyOf(of));
      if (!row) return undefined;
      const [defaults = "unreadable"] = readable([row], (one) => PersonDefaults.parse(one));
      return defaults;
    },

    /** All of them at once; the last save stands. */
    async saveDefaults(defaults: PersonDefaults): Promise<void> {
      const absent = Object.fromEntries(Object.keys(PersonDefaults.shape).map((name) => [name, undefined]));
      const set = { ...absent, ...PersonDefaults.parse(defaults) };
      await writes.update(keyOf(defaults), { set }, EITHER_WAY);
    },
  };
};
