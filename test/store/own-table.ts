import { afterAll, beforeAll } from "vitest";
import { startIn, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";

/** A table on disk for the file or the block that asks, from before its first test until after its last. */
export function ownTable(): { url: string } {
  const table = { url: "" };
  const open = new AsyncDisposableStack();
  beforeAll(async () => {
    const folder = open.use(await temporaryFolder());
    table.url = open.use(await startIn(folder.path)).url;
  });
  afterAll(() => open.disposeAsync());
  return table;
}
