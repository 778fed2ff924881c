import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../jobs/user-error.ts";

/**
 * Append-only file of what must survive a restart, one JSON entry a line. An entry is in the file before the API
 * call that made it is answered, so a killed process loses nothing that anyone was told. Entries with the same key
 * replace each other; the file is rewritten without the replaced ones at start.
 */
export type Journal<E extends { key: string }> = { entries: E[]; append(entry: E): void };

export function openJournal<E extends { key: string }>(folder: string | undefined, name: string): Journal<E> {
  if (folder === undefined) return { entries: [], append: () => {} };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  const entries = [...new Map(readLines<E>(file).map((entry) => [entry.key, entry])).values()];
  writeFileSync(`${file}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  renameSync(`${file}.new`, file);
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
    },
  };
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

/** The last line, when the process was killed while writing it: nobody was told about it, so it may go. */
function whole<E>(line: string): E[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
