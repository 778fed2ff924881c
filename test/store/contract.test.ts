import { afterAll, beforeAll, describe } from "vitest";
import { ALL_BACKENDS, IN_MEMORY } from "./backends.ts";
import { campaignsContract } from "./campaigns-contract.ts";
import { listsContract } from "./lists-contract.ts";
import { lostAnswersContract } from "./lost-answers-contract.ts";
import { messageRowsContract } from "./message-rows-contract.ts";
import { pausesContract } from "./pauses-contract.ts";
import { rowsContract } from "./rows-contract.ts";
import { schedulesContract } from "./schedules-contract.ts";

/** One start of each for all that it must answer alike: Java alone takes seconds. */
describe.each(ALL_BACKENDS)("the store on $name", ({ name, missing, start }) => {
  describe.skipIf(missing)("when it is there (needs what it runs on, DynamoDB Local Java)", () => {
    const table = { url: "" };
    let stop: () => Promise<void>;
    beforeAll(async () => {
      ({ url: table.url, stop } = await start());
    });
    afterAll(() => stop?.());

    if (name !== IN_MEMORY.name) pausesContract(table);
    rowsContract(table);
    listsContract(table);
    schedulesContract(table);
    campaignsContract(table);
    messageRowsContract(table);
    if (name !== IN_MEMORY.name) lostAnswersContract(table);
  });
});
