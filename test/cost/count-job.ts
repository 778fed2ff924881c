import type { JobRecord } from "../../packages/jobs/job-record.ts";
import type { StreamRecord } from "../../packages/stand-ins/dynamodb/stream-record.ts";
import { INDEXES } from "../../packages/store/table.ts";
import type { Counts } from "./bill.ts";

/** What one job left behind on stand-ins. */
export type Traces = {
  record: JobRecord;
  /** Names of the states that its execution entered. */
  entered: string[];
  /** Changes of its rows, oldest first. */
  writes: StreamRecord[];
  objectBytes: number[];
  /** What Slack sent to the app. */
  slackRequests: number;
  /** What its tasks printed. */
  taskLogBytes: number;
  /** All requests to the model together. */
  sentBytes: number;
};

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;
/** The runner looks for a cancel every 5 s and before each turn, and reads the job's rows for its cost limit. */
const READS_A_TURN = 5;
/** What Step Functions logs about a transition, data and all. */
const LOG_BYTES_A_TRANSITION = 1_500;
/** START, END and REPORT of one call, and a line of its own. */
const LOG_BYTES_A_CALL = 700;

/** What AWS would have been asked for, per repository of the job. */
export function countJob({
  record,
  entered,
  writes,
  objectBytes,
  slackRequests,
  taskLogBytes,
  sentBytes,
}: Traces): Counts {
  const turns = sum(record.runs, (run) => run.turns);
  const ofMachine = entered.filter((name) => ["Plan", "Decide", "Finish"].includes(name)).length;
  // Each changed row calls dispatch or notify, or both: batches make it fewer.
  const calls = ofMachine + 2 * writes.length;
  const size = (one: StreamRecord) => one.dynamodb.SizeBytes;
  const rows = [...new Map(writes.map((one) => [JSON.stringify(one.dynamodb.Keys), one])).values()];
  const total: Counts = {
    turns,
    transitions: entered.length,
    calls,
    slackRequests,
    writeUnits: sum(writes, (one) => Math.ceil(size(one) / WRITE_UNIT_BYTES)) + indexWrites(writes),
    readUnits: (turns * READS_A_TURN + calls) * Math.ceil(sum(rows, size) / READ_UNIT_BYTES),
    puts: objectBytes.length,
    gets: objectBytes.length,
    objectBytes: sum(objectBytes, (bytes) => bytes),
    rowBytes: sum(rows, size),
    logBytes: taskLogBytes + entered.length * LOG_BYTES_A_TRANSITION + calls * LOG_BYTES_A_CALL,
    sentBytes,
  };
  const each = Object.entries(total).map(([name, count]) => [name, count / record.runs.length]);
  return Object.fromEntries(each) as Counts;
}

/**
 * An index costs a write when its keys appear or go, two when they change, and none else: all of them project keys only.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
function indexWrites(writes: StreamRecord[]): number {
  const before = new Map<string, Record<string, string>>();
  return sum(writes, ({ dynamodb: { Keys, NewImage = {} } }) => {
    const row = JSON.stringify(Keys);
    const old = before.get(row) ?? {};
    const now = Object.fromEntries(
      Object.entries(INDEXES).flatMap(([name, { partition, sort }]) =>
        NewImage[partition] && NewImage[sort] ? [[name, JSON.stringify([NewImage[partition], NewImage[sort]])]] : [],
      ),
    );
    before.set(row, now);
    return sum(Object.keys(INDEXES), (name) =>
      old[name] === now[name] ? 0 : [old[name], now[name]].filter(Boolean).length,
    );
  });
}

const sum = <T>(all: readonly T[], of: (one: T) => number) => all.reduce((total, one) => total + of(one), 0);
