import { afterAll, beforeAll } from "vitest";
import { type Backend, IN_MEMORY, startTableOnDisk } from "./backends.ts";

/** A table for the file or the block that asks, from before its first test until after its last. */
export const ownTable = () => started(IN_MEMORY.start);

/** The same behind a server and on disk, for what reaches it by its address. */
export const ownTableOnDisk = () => started(startTableOnDisk);

function started(start: Backend["start"]): { url: string } {
  const table = { url: "" };
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ url: table.url, stop } = await start());
  });
  afterAll(() => stop?.());
  return table;
}
