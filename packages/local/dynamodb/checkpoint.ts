import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { replaceFile } from "../aws/durable.ts";

/** How far a consumer of the stream has come, in a small file of its own. "": nothing yet. */
export const createCheckpoint = (file: string) => ({
  read: async () => (existsSync(file) ? (await readFile(file, "utf8")).trim() : ""),
  save: (sequence: string) => replaceFile(file, [Buffer.from(`${sequence}\n`)]),
});
export type Checkpoint = ReturnType<typeof createCheckpoint>;
