import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../jobs/errors.ts";

const random = () => randomBytes(20).toString("hex");

const OwnKeys = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  botToken: z.string(),
  appToken: z.string(),
  modelKey: z.string(),
  /** Lets a browser see the pages. */
  pageKey: z.string(),
});
/** What opens the stand-ins of one state folder. The forge keeps its tokens itself. */
export type OwnKeys = z.infer<typeof OwnKeys>;

const newKeys = (): OwnKeys => ({
  accessKeyId: `local${randomBytes(8).toString("hex")}`,
  secretAccessKey: random(),
  botToken: `xoxb-local-${random()}`,
  appToken: `xapp-local-${random()}`,
  modelKey: `sk-ant-scripted-${random()}`,
  pageKey: random(),
});

/** The keys of a state folder: made when it is new, the same from then on, readable by their owner only. */
export function ownKeys(folder: string): OwnKeys {
  const file = join(folder, "keys.json");
  const stored = existsSync(file) ? read(file) : {};
  const keys = { ...newKeys(), ...stored };
  if (!OwnKeys.safeParse(stored).success) write(file, keys);
  return keys;
}

function read(file: string): Partial<OwnKeys> {
  try {
    // JSON has no undefined.
    return OwnKeys.partial().parse(JSON.parse(readFileSync(file, "utf8"))) as Partial<OwnKeys>;
  } catch (cause) {
    throw new UserError(`${file} is damaged. Delete it: the stand-ins then make themselves new keys.`, { cause });
  }
}

function write(file: string, keys: OwnKeys) {
  const handle = openSync(`${file}.new`, "w", 0o600);
  try {
    writeSync(handle, `${JSON.stringify(keys, null, 1)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.new`, file);
}
