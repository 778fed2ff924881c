import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { hasAskEnded, SetAsk } from "../jobs/set-ask.ts";
import { createIndexPages } from "./index-pages.ts";
import { createOpenRows } from "./open-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { jobPartition, OFF_THE_LIST, type RowKey } from "./rows.ts";
import { createWrites } from "./writes.ts";

/** In the index `open`, beside the sweeper's list and the watches. */
export const SET_WORK = "set-ask";

export type AskRef = Pick<SetAsk, "jobId" | "repository" | "kind" | "at">;

const keyOf = ({ jobId, repository, kind }: Omit<AskRef, "at">): RowKey => ({
  pk: jobPartition(jobId),
  sk: `ASK#${kind}#${repository}`,
});

/** The very request, and no later one in its place. */
const stillOpen = ({ at }: AskRef) => ({
  expression: "#at = :at AND attribute_exists(#open)",
  values: { at },
});

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createSetAsks = (deps: Deps) => {
  const { now } = deps;
  const writes = createWrites(deps);
  const page = createIndexPages(deps);
  const openRows = createOpenRows(deps);
  const readable = readableRows(deps.unreadable);

  return {
    /** What stands when the same is asked already, and has not ended. */
    async insertAsk(ask: SetAsk): Promise<"created" | SetAsk> {
      const row = { ...keyOf(ask), ...SetAsk.parse(ask), open: SET_WORK, openSince: ask.at };
      for (;;) {
        const put = await writes.putIfAbsent(row);
        if (put.written) return "created";
        if (!put.found) continue;
        const found = SetAsk.parse(put.found);
        if (!hasAskEnded(found)) return found;
        if ((await writes.replace(row, put.found.version)).written) return "created";
      }
    },

    /** Only while it has not ended. */
    async stopAsk(ref: AskRef, stop: { by: string }): Promise<"stopped" | "ended"> {
      const set = { stop: { ...stop, at: now().toISOString() } };
      return (await writes.update(keyOf(ref), { set }, stillOpen(ref))).written ? "stopped" : "ended";
    },

    /** How far it has come; an ending takes it off the list. Another one in its place is left alone. */
    async keepAsk(
      ref: AskRef,
      changes: Partial<Pick<SetAsk, "state" | "reason" | "said" | "tried" | "revert">>,
    ): Promise<void> {
      SetAsk.partial().parse(changes);
      const isOver = changes.state !== undefined && hasAskEnded({ state: changes.state });
      const end = isOver ? { ...OFF_THE_LIST, endedAt: now().toISOString() } : {};
      await writes.update(keyOf(ref), { set: { ...changes, ...end } }, stillOpen(ref));
    },

    /** Whether there is anything to do for a set: what is asked for, or texts that say something old. */
    async hasSetWork(): Promise<boolean> {
      return (await page("open", SET_WORK, { limit: 1 })).rows.length > 0;
    },

    /** In pages, oldest first. What has ended since the index was read is left out. */
    async *openAsks(): AsyncGenerator<SetAsk[]> {
      for await (const rows of openRows(SET_WORK))
        yield readable(
          rows.filter(({ sk }) => String(sk).startsWith("ASK#")),
          (row) => SetAsk.parse(row),
        );
    },
  };
};
