import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { JobId } from "../jobs/ids.ts";
import { dueAt, Schedule, type ScheduleChange } from "../jobs/schedule.ts";
import { expiring, STAYS } from "./expiry.ts";
import { createOpenRows } from "./open-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { OFF_THE_LIST, type Row, type RowKey } from "./rows.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

/** As it was read: `version` tells whether it has changed since. */
export type StoredSchedule = Schedule & { version: string };

/** In the index `open`, beside the sweeper's list: `openSince` is when it is due. */
export const SCHEDULES = "schedule";
const PREFIX = "SCHEDULE#";
const RUN = "RUN#";

type Of = Pick<Schedule, "teamId" | "scheduleId">;
const partitionOf = (teamId: string) => `TEAM#${teamId}`;
const keyOf = ({ teamId, scheduleId }: Of): RowKey => ({ pk: partitionOf(teamId), sk: `${PREFIX}${scheduleId}` });

const scheduleIn = (row: Row | undefined): StoredSchedule | undefined =>
  row && row.deletedAt === undefined ? { ...Schedule.parse(row), version: String(row.version) } : undefined;

const onTheList = (schedule: Parameters<typeof dueAt>[0]) => {
  const at = dueAt(schedule);
  return at === undefined ? OFF_THE_LIST : { open: SCHEDULES, openSince: at };
};

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createSchedules = (deps: Deps) => {
  const { documents, table, now } = deps;
  const writes = createWrites(deps);
  const openRows = createOpenRows(deps);
  const readable = readableRows(deps.unreadable);

  async function rowsOf(pk: string, prefix: string): Promise<Row[]> {
    const query = {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": pk, ":prefix": prefix },
    };
    const found: Row[] = [];
    for await (const { Items = [] } of paginateQuery({ client: documents }, query)) found.push(...Items);
    return found;
  }

  return {
    /**
     * In place of what the same person scheduled of that saved job before. What that has started stays its own: an open
     * pull request is not opened twice.
     */
    async saveSchedule(schedule: Schedule): Promise<void> {
      const { lastJobs, ...rest } = Schedule.parse(schedule);
      const names = Object.keys(Schedule.shape).filter((name) => name !== "lastJobs");
      const absent = Object.fromEntries(names.map((name) => [name, undefined]));
      const anew = { deletedAt: undefined, ...STAYS };
      const set = { ...absent, ...anew, ...rest, ...onTheList(schedule) };
      await writes.update(keyOf(schedule), { set, setOnce: { lastJobs } }, EITHER_WAY);
    },

    readSchedule: async (of: Of): Promise<StoredSchedule | undefined> => scheduleIn(await writes.read(keyOf(of))),

    /** By name. */
    schedulesOfTeam: async (teamId: string): Promise<StoredSchedule[]> =>
      readable(await rowsOf(partitionOf(teamId), PREFIX), scheduleIn).toSorted(
        (a, b) => a.name.localeCompare(b.name) || a.scheduleId.localeCompare(b.scheduleId),
      ),

    /** In pages, the most overdue first. What has been looked at since the index was read is left out. */
    async *dueSchedules(): AsyncGenerator<StoredSchedule[]> {
      for await (const rows of openRows(SCHEDULES, { before: now().toISOString() })) yield readable(rows, scheduleIn);
    },

    /** undefined: it was changed or deleted since it was read, and nothing was written. */
    async changeSchedule(read: StoredSchedule, change: ScheduleChange): Promise<StoredSchedule | undefined> {
      const asRead = { expression: "#version = :before", values: { before: read.version } };
      const list = onTheList({ ...read, ...change });
      const result = await writes.update(keyOf(read), { set: { ...change, ...list } }, asRead);
      return result.written ? scheduleIn(result.row) : undefined;
    },

    /** Doing it again changes nothing. */
    async deleteSchedule(of: Of): Promise<void> {
      const at = now();
      const set = { deletedAt: at.toISOString(), ...expiring(at, "day"), ...OFF_THE_LIST };
      await writes.update(keyOf(of), { set }, { expression: "attribute_exists(#pk)" });
    },

    /** Before its job is started, so that no job is left out of the month. Repeating it is harmless. */
    async noteScheduledJob({ scheduleId, plannedAt, jobId }: { scheduleId: string; plannedAt: string; jobId: string }) {
      await writes.putIfAbsent({ pk: `${PREFIX}${scheduleId}`, sk: `${RUN}${plannedAt}`, plannedAt, jobId });
    },

    /** `month`: "2026-11". Oldest first. */
    scheduledJobIds: async (scheduleId: string, month: string): Promise<string[]> =>
      readable(await rowsOf(`${PREFIX}${scheduleId}`, `${RUN}${month}`), ({ jobId }) => JobId.parse(jobId)),
  };
};
