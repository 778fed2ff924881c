import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../jobs/errors.ts";

/** Below this a rewrite is not worth its time. */
const LEAST_WASTE_BYTES = 4_000_000;

/**
 * Append-only file of what must survive a restart, one JSON entry a line. An entry is in the file before the API
 * call that made it is answered, so a killed process loses nothing that a client was told. Entries with the same key
 * replace each other; the file is rewritten without the replaced ones at start and when it has doubled.
 */
export type EntryLog<E extends { key: string }> = { entries: E[]; append(entry: E): void };

export function openEntryLog<E extends { key: string }>(folder: string | undefined, name: string): EntryLog<E> {
  if (folder === undefined) return { entries: [], append: () => {} };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  const entries = newest(readLines<E>(file));
  let leastSize = rewrite(file, entries);
  return {
    entries,
    append(entry) {
      const { size } = statSync(file);
      try {
        appendFileSync(file, `${JSON.stringify(entry)}\n`);
      } catch (cause) {
        // Half a line of a full disk would damage the next one.
        truncateSync(file, size);
        throw cause;
      }
      // A card is replaced a hundred times: most of a grown file is not shown any more.
      if (size > 2 * leastSize + LEAST_WASTE_BYTES) leastSize = rewriteWhenRoom(file, size);
    },
  };
}

const newest = <E extends { key: string }>(entries: E[]) => [
  ...new Map(entries.map((entry) => [entry.key, entry])).values(),
];

/** Gives its size. A file that another program could read half of is never there. */
function rewrite(file: string, entries: readonly object[]): number {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return Buffer.byteLength(text);
}

/** Nothing depends on it: on a full disk the file stays as it is until it has grown as much again. */
function rewriteWhenRoom(file: string, size: number): number {
  try {
    return rewrite(file, newest(readLines<{ key: string }>(file)));
  } catch {
    rmSync(`${file}.new`, { force: true });
    return size;
  }
}

function readLines<E>(file: string): E[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  const torn = lines.pop();
  const entries = lines.map((line, index): E => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new UserError(
        `${file} is damaged in line ${index + 1}. Restore it from a backup, or move it away to start with an empty workspace.`,
        {
          cause,
        },
      );
    }
  });
  if (torn) entries.push(...whole<E>(torn));
  return entries;
}

/** The last line, when the process was killed while writing it: no client was told about it, so it may go. */
function whole<E>(line: string): E[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
