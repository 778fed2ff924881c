import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { UserError } from "../../jobs/errors.ts";

/** How far a consumer of the stream has come, in a small file of its own. "": nothing yet. */
export const createCheckpoint = (file: string) => ({
  async read(): Promise<string> {
    const text = existsSync(file) ? (await readFile(file, "utf8")).replaceAll("\0", "").trim() : "";
    if (/^\d*$/.test(text)) return text;
    throw new UserError(
      `${file} is damaged. Move it away: everything is then delivered once more, which does no harm.`,
    );
  },
  /** Not forced to the disk: after a power cut an older one or zeros stand here, and some is delivered once more. */
  async save(sequence: string): Promise<void> {
    await writeFile(`${file}.next`, `${sequence}\n`);
    await rename(`${file}.next`, file);
  },
});
export type Checkpoint = ReturnType<typeof createCheckpoint>;
