import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import { findToolchains } from "../../packages/sandbox/toolchains/find.ts";
import { scratchFolder } from "../workspace/origin.ts";
import { OFFLINE_CLIENTS, type OfflineTime, timesOffline, tooSlow } from "./offline-clients.ts";

/** Those that start in a moment; `npm run upgrades` has all of them. */
const QUICK = OFFLINE_CLIENTS.filter(({ client }) =>
  ["npm", "pnpm", "yarn", "pip", "uv", "go", "cargo"].includes(client),
);

describe("without network a package manager fails about as fast as it starts", () => {
  let times: OfflineTime[] = [];
  beforeAll(async () => {
    const sandbox = await probeSandbox({ unsafe: true, toolchains: findToolchains(process.env) });
    times = await timesOffline(sandbox, join(await scratchFolder(), "offline"), QUICK);
  });

  it.for(QUICK)("$client (needs $program)", ({ client }, { skip }) => {
    const time = times.find((one) => one.client === client);
    if (!time) return skip(`commands find no ${client} here`);
    expect(tooSlow(time)).toBeUndefined();
  });
});
