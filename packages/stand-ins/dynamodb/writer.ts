import { isDeepStrictEqual } from "node:util";
import type { Engine, EngineReply } from "./engine.ts";
import type { Item } from "./item.ts";
import type { TableJournal } from "./journal.ts";
import { sizeRefusal, unavailable, withOldItem } from "./refusals.ts";
import type { Tables } from "./tables.ts";

export type WriteRequest = {
  TableName?: string;
  Key?: Item;
  Item?: Item;
  ReturnValues?: string;
  ReturnValuesOnConditionCheckFailure?: string;
};

type Deps = { engine: Engine; journal: TableJournal; tables: Tables; log: (line: string) => void };

/** Runs the write of one item in the engine, makes it durable, then answers. Calls must come one at a time. */
export const createWriter = ({ engine, journal, tables, log }: Deps) => {
  return async (operation: string, request: WriteRequest): Promise<EngineReply> => {
    const table = request.TableName ?? "";
    const key = tables.keyOf(table, request.Item ?? request.Key ?? {});
    const before = journal.items.get(table, key);
    const undo = () => engine.set(table, key, before);
    try {
      const reply = await engine.call(operation, structuredClone(request));
      if (reply.status !== 200) return withOldItem(reply, request, before);
      const change = { table, key, before, after: shownBy(reply, request) ?? (await engine.get(table, key)) };
      const refusal = sizeRefusal(change, tables);
      if (refusal) {
        await undo();
        return refusal;
      }
      // As on AWS, a write that changes nothing leaves no stream record.
      if (!isDeepStrictEqual(before, change.after)) await journal.append([change]);
      return reply;
    } catch (cause) {
      await undo();
      log(`dynamodb: ${operation} could not be stored and was undone: ${cause}`);
      return unavailable(`The write could not be stored: ${cause}`);
    }
  };
};

/** Most of our writes ask for the whole new item: then it need not be asked for again. */
const shownBy = (reply: EngineReply, { ReturnValues }: WriteRequest): Item | undefined =>
  ReturnValues === "ALL_NEW" ? JSON.parse(reply.body).Attributes : undefined;
