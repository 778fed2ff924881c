import type { Row } from "./rows.ts";

/** Told of a row of a later release, or one written by hand, that a list leaves out. */
export type Unreadable = (row: string, error: unknown) => void;

/**
 * What a list of many jobs' rows holds. One that cannot be read is named and left out: it belongs to one job, and no
 * other job waits for it.
 */
export const readableRows =
  (unreadable: Unreadable | undefined) =>
  <T>(rows: readonly Row[], read: (row: Row) => T | undefined): T[] =>
    rows.flatMap((row) => {
      try {
        return read(row) ?? [];
      } catch (error) {
        unreadable?.(`${row.pk} / ${row.sk}`, error);
        return [];
      }
    });
