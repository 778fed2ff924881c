import { zipSync } from "fflate";

export type ZipEntry = { name: string; bytes: Uint8Array };

/** The first day that a zip can name, in whatever time zone we run: the same files give the same bytes. */
const DATE = new Date(1980, 0, 1);

/** One archive of files at its root. Callers stay far below the 4 GB of the format. */
export const zipOf = (entries: readonly ZipEntry[]): Uint8Array =>
  zipSync(Object.fromEntries(entries.map(({ name, bytes }) => [name, [bytes, { mtime: DATE }]])));
