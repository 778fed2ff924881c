import { createHash } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { JobId } from "../jobs/ids.ts";
import { createOpenRows } from "./open-rows.ts";
import { readableRows, type Unreadable } from "./readable.ts";
import { jobPartition, OFF_THE_LIST, type RowKey } from "./rows.ts";
import { SET_WORK } from "./set-asks.ts";
import { createWrites, EITHER_WAY } from "./writes.ts";

/** What changes within this time is written at once. */
const GATHER_MS = 60_000;

/**
 * Row `JOB#id / SECTION`: that the texts of a job's pull requests may not say any more how the others stand. `written`: a
 * digest of each section as it was written last.
 */
const SectionMark = z.object({
  jobId: JobId,
  written: z.record(z.string(), z.string()).default({}),
  version: z.string(),
});
export type SectionMark = z.infer<typeof SectionMark>;

const keyOf = (jobId: string): RowKey => ({ pk: jobPartition(jobId), sk: "SECTION" });

export const sectionDigest = (section: string) => createHash("sha256").update(section).digest("hex").slice(0, 16);

type Deps = { documents: DynamoDBDocumentClient; table: string; now: () => Date; unreadable?: Unreadable };

export const createSetSections = (deps: Deps) => {
  const { now } = deps;
  const writes = createWrites(deps);
  const openRows = createOpenRows(deps);
  const readable = readableRows(deps.unreadable);

  return {
    /** In a minute, with what else changes until then. Repeating it postpones nothing. */
    async markSections(jobId: string): Promise<void> {
      const openSince = new Date(now().getTime() + GATHER_MS).toISOString();
      await writes.update(keyOf(jobId), { set: { jobId, open: SET_WORK }, setOnce: { openSince } }, EITHER_WAY);
    },

    /** In pages, oldest first: what was due by then. */
    async *dueSections(by: Date): AsyncGenerator<SectionMark[]> {
      for await (const rows of openRows(SET_WORK, { before: by.toISOString() }))
        yield readable(
          rows.filter(({ sk }) => sk === "SECTION"),
          (row) => SectionMark.parse(row),
        );
    },

    /** Off the list, unless something has changed since it was read. */
    async keepSections({ jobId, version }: SectionMark, written: Record<string, string>): Promise<void> {
      const unchanged = { expression: "#version = :before", values: { before: version } };
      await writes.update(keyOf(jobId), { set: { written, ...OFF_THE_LIST } }, unchanged);
    },
  };
};
