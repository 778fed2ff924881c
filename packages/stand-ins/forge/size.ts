import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ForgeRepository } from "./state.ts";

/** KB of a repository's objects, or what a test says that they are. */
export function sizeKbOf(bare: string, { sizeKb }: ForgeRepository): number {
  if (sizeKb !== undefined) return sizeKb;
  const files = readdirSync(join(bare, "objects"), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const bytes = files.reduce(
    (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return Math.ceil(bytes / 1024);
}
