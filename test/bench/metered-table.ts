import { setTimeout as sleep } from "node:timers/promises";
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { INDEXES } from "../../packages/store/table.ts";
import { clientOf, memoryTable } from "../store/memory-table.ts";

type Row = Record<string, unknown>;
/** `reads` and `writes` are requests; units as AWS bills them. */
export type Spent = { reads: number; writes: number; readUnits: number; writeUnits: number };

const READ_UNIT_BYTES = 4_096;
const WRITE_UNIT_BYTES = 1_024;

/** As DynamoDB counts, to a byte or two: UTF-8 of names and values. */
const bytesOf = (row: Row | undefined) => (row ? Buffer.byteLength(JSON.stringify(row)) : 0);
const readUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));

/**
 * The table in memory with a meter: each request is counted, and takes `answerMs`. Anything but reads of keys, queries
 * of one partition and writes of one row throws, so that nothing scans it.
 */
export function meteredTable({ answerMs = 0 }: { answerMs?: number } = {}) {
  const table = memoryTable();
  const spent: Spent = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 };
  const answers = { takeMs: answerMs };
  const documents = clientOf(async (command) => {
    if (answers.takeMs > 0) await sleep(answers.takeMs);
    if (command instanceof PutCommand || command instanceof UpdateCommand) return write(command);
    const answer = table.answer(command) as { Item?: Row; Items?: Row[]; Responses?: Record<string, Row[]> };
    spent.reads += 1;
    spent.readUnits += unitsOf(command, answer);
    return answer;
  });

  function write(command: PutCommand | UpdateCommand) {
    const { pk, sk } = (command instanceof PutCommand ? command.input.Item : command.input.Key) as Row;
    const rowNow = () => (table.answer(new GetCommand({ TableName: "t", Key: { pk, sk } })) as { Item?: Row }).Item;
    const before = rowNow();
    spent.writes += 1;
    try {
      return table.answer(command);
    } finally {
      // One that its condition refuses is billed as well.
      const after = rowNow();
      const bytes = Math.max(bytesOf(before), bytesOf(after));
      spent.writeUnits += Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES)) + indexWrites(before, after);
    }
  }

  return { documents, spent, answers };
}

function unitsOf(command: unknown, { Item, Items, Responses }: { Item?: Row; Items?: Row[]; Responses?: object }) {
  if (command instanceof GetCommand) return readUnits(bytesOf(Item));
  // A projection makes no row cheaper, and the table in memory gives whole ones.
  if (command instanceof BatchGetCommand) {
    const [asked] = Object.values(command.input.RequestItems ?? {});
    const units = Object.values(Responses ?? {})
      .flat()
      .map((row) => readUnits(bytesOf(row as Row)));
    return units.reduce((sum, one) => sum + one, 0) * (asked?.ConsistentRead ? 1 : 0.5);
  }
  if (command instanceof QueryCommand) {
    const bytes = (Items ?? []).reduce((sum, row) => sum + bytesOf(row), 0);
    return readUnits(bytes) * (command.input.ConsistentRead ? 1 : 0.5);
  }
  return 0;
}

/** An index costs a write when its keys appear or go, and two when they change. */
function indexWrites(before: Row | undefined, after: Row | undefined): number {
  return Object.values(INDEXES).reduce((sum, { partition, sort }) => {
    const keyOf = (row: Row | undefined) =>
      row?.[partition] && row[sort] && JSON.stringify([row[partition], row[sort]]);
    const [old, now] = [keyOf(before), keyOf(after)];
    return sum + (old === now ? 0 : [old, now].filter(Boolean).length);
  }, 0);
}
