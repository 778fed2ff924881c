import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { SavedSettings } from "../jobs/team.ts";
import type { RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

type Of = Pick<SavedSettings, "teamId" | "repository">;

/** GitHub compares names without case. */
const keyOf = ({ teamId, repository }: Of): RowKey => ({
  pk: `TEAM#${teamId}`,
  sk: `SETTINGS#${repository.toLowerCase()}`,
});

export const createSavedSettings = (deps: { documents: DynamoDBDocumentClient; table: string }) => {
  const writes = createWrites(deps);
  return {
    async readSettings(of: Of): Promise<SavedSettings | undefined> {
      const row = await writes.read(keyOf(of));
      return row && SavedSettings.parse(row);
    },

    /** `before`: when those were saved that the person saw. Else what another person saved since, and nothing is written. */
    async saveSettings(saved: SavedSettings, before: string | undefined): Promise<"saved" | SavedSettings> {
      const isAsSeen =
        before === undefined
          ? { expression: "attribute_not_exists(#savedAt)" }
          : { expression: "#savedAt = :before", values: { before } };
      const result = await writes.update(keyOf(saved), { set: SavedSettings.parse(saved) }, isAsSeen);
      return result.written ? "saved" : SavedSettings.parse(result.found);
    },
  };
};
