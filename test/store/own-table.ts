import { afterAll, beforeAll } from "vitest";
import { startIn, temporaryFolder } from "../stand-ins/dynamodb-folder.ts";
import { type Backend, IN_MEMORY } from "./backends.ts";

/** A table for the file or the block that asks, from before its first test until after its last. */
export const ownTable = () => started(IN_MEMORY.start);

/** The same behind a server and on disk, for what reaches it by its address. */
export const ownTableOnDisk = () =>
  started(async () => {
    const open = new AsyncDisposableStack();
    const folder = open.use(await temporaryFolder());
    const { url } = open.use(await startIn(folder.path));
    return { url, stop: () => open.disposeAsync() };
  });

function started(start: Backend["start"]): { url: string } {
  const table = { url: "" };
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ url: table.url, stop } = await start());
  });
  afterAll(() => stop?.());
  return table;
}
