import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { CAMPAIGNS } from "./campaigns.ts";
import { createOpenRows } from "./open-rows.ts";
import type { RowKey } from "./rows.ts";
import { SCHEDULES } from "./schedules.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

const KEY: RowKey = { pk: "LOOK#schedule", sk: "LOOK" };

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date };

/** Row `LOOK#schedule / LOOK`: when all schedules and campaigns that were due were looked at, and nothing failed. */
export const createDueLooks = (deps: Deps) => {
  const { now } = deps;
  const writes = createWrites(deps);
  const openRows = createOpenRows(deps);
  const firstOf = async (list: string, before: string) => {
    for await (const [row] of openRows(list, { before, limit: 1 })) return row;
    return undefined;
  };

  const noteLook = async (): Promise<void> => {
    await writes.update(KEY, { set: { at: now().toISOString() } }, EITHER_WAY);
  };

  return {
    noteLook,

    /**
     * What should have been looked at before `by`, one of it. A campaign is due as long as it goes on, so it is late only
     * when no look was good since.
     */
    async overdue(by: Date): Promise<string | undefined> {
      const before = by.toISOString();
      const late = await firstOf(SCHEDULES, before);
      if (late) return `${late.pk} / ${late.sk}`;
      const campaign = await firstOf(CAMPAIGNS, before);
      if (!campaign) return undefined;
      const looked = await writes.read(KEY);
      // An earlier release has noted none: it is waited for from now on.
      if (!looked) await noteLook();
      return looked && String(looked.at) < before ? `${campaign.pk} / ${campaign.sk}` : undefined;
    },
  };
};
