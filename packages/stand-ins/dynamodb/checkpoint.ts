import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { UserError } from "../../jobs/errors.ts";
import { replaceFile } from "../aws/durable.ts";

/** How far a consumer of the stream has come, in a small file of its own. "": nothing yet. */
export const createCheckpoint = (file: string) => ({
  async read(): Promise<string> {
    const text = existsSync(file) ? (await readFile(file, "utf8")).trim() : "";
    if (/^\d*$/.test(text)) return text;
    throw new UserError(
      `${file} is damaged. Move it away: everything is then delivered once more, which does no harm.`,
    );
  },
  save: (sequence: string) => replaceFile(file, [Buffer.from(`${sequence}\n`)]),
});
export type Checkpoint = ReturnType<typeof createCheckpoint>;
