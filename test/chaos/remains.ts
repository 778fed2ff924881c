import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const filesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/** What stands in folders that should be empty. */
export const leftIn = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []));

/** Processes but this one that work in or speak of a folder, by their command lines. */
export function processesOf(folder: string): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const about = [command, readFileSync(`/proc/${pid}/environ`, "utf8"), readlinkSync(`/proc/${pid}/cwd`)];
        return about.some((text) => text.includes(folder)) ? [`${pid} ${command.replaceAll("\0", " ")}`] : [];
      } catch {
        return [];
      }
    });
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** Objects of the bucket are often compressed, with their facts behind the last compressed byte. */
function contentOf(file: string): Buffer {
  const bytes = readFileSync(file);
  if (!bytes.subarray(0, 2).equals(GZIP)) return bytes;
  const footer = Number.parseInt(bytes.subarray(-8).toString(), 16);
  try {
    return gunzipSync(bytes.subarray(0, bytes.length - 8 - footer));
  } catch {
    return bytes;
  }
}

/** Files in which one of the secrets stands as it is or in base64; `known` are their own places. */
export function leaksIn(folder: string, secrets: readonly string[], known: RegExp): string[] {
  const needles = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString("base64").replace(/=+$/, "")]);
  return filesBelow(folder)
    .filter((file) => !known.test(file))
    .filter((file) => {
      const content = contentOf(file);
      return needles.some((needle) => content.includes(needle));
    });
}

/** The secrets that the stand-ins made for themselves. */
export function ownSecrets(state: string): string[] {
  const read = (name: string) => JSON.parse(readFileSync(join(state, name), "utf8"));
  const { secretAccessKey, botToken, appToken, modelKey, pageKey } = read("keys.json");
  const tokens = (read("forge/forge.json").tokens as { token: string }[]).map(({ token }) => token);
  return [secretAccessKey, botToken, appToken, modelKey, pageKey, ...tokens];
}
