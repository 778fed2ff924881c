import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { plainRefs } from "./refs.ts";

/** A whole clone of a small repository; a larger answer is sent and forgotten. */
export const MOST_KEPT_BYTES = 256 * 1_024;
const MOST_KEPT = 200;

const packs = new Map<string, Buffer>();

/**
 * The name under which the answer to a fetch is kept: who asks for the same commits in the same way, and has the same
 * ones, gets the same pack. undefined: what else the repository has counts too.
 */
export function keptAs(bare: string, lines: readonly string[]): string | undefined {
  if (!lines.includes("command=fetch") || !lines.includes("done")) return undefined;
  if (lines.some((line) => /^(?:want-ref|deepen-not|deepen-since) /.test(line))) return undefined;
  const wants = lines.flatMap((line) => (line.startsWith("want ") ? [line.slice("want ".length)] : []));
  const isHere = (sha: string) =>
    statSync(join(bare, "objects", sha.slice(0, 2), sha.slice(2)), { throwIfNoEntry: false }) !== undefined;
  // A tag comes along with what it stands for.
  if (!wants.every(isHere) || !plainRefs(bare)) return undefined;
  const config = readFileSync(join(bare, "config"), "latin1");
  return hash("sha256", JSON.stringify([config, lines]));
}

export const keptPack = (name: string): Buffer | undefined => packs.get(name);

export function keepPack(name: string, bytes: Buffer) {
  packs.set(name, bytes);
  const [oldest] = packs.keys();
  if (packs.size > MOST_KEPT) packs.delete(oldest!);
}
