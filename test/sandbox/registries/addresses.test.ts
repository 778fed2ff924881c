import dns from "node:dns/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { destinations } from "../../../packages/sandbox/proxy/destinations.ts";
import { PROXY_LIMITS } from "../../../packages/sandbox/proxy/outside.ts";
import { REGISTRY_LIMITS, registryHistory } from "../../../packages/sandbox/registries/history.ts";
import { rulesOf } from "../../../packages/sandbox/registries/rules.ts";
import { startRegistryProxy } from "../../../packages/sandbox/registries/server.ts";
import { get, type StandIn, startStandIn, statusOf } from "./stand-in.ts";

/** What the name servers of an attacker answer, one after the other. */
const names = { answers: [] as string[][], asked: 0 };
const resolver = vi.spyOn(dns, "lookup").mockImplementation((async () => {
  const addresses = names.answers[Math.min(names.asked++, names.answers.length - 1)] ?? [];
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}) as unknown as typeof dns.lookup);

let standIn: StandIn;
beforeAll(async () => {
  standIn = await startStandIn();
});
beforeEach(() => {
  standIn.forget();
  names.asked = 0;
});
afterAll(async () => {
  resolver.mockRestore();
  await standIn[Symbol.asyncDispose]();
});

const HERE = "127.0.0.1";
/** Asks for something that the stand-in would answer, if anything led there. */
async function asked(answers: string[][], policy = destinations()) {
  names.answers = answers;
  const host = `own.example:${standIn.port}`;
  const rules = rulesOf([], [{ ecosystem: "npm", host, path: "/", names: [] }], new Map());
  const history = registryHistory(REGISTRY_LIMITS);
  const limits = { ...PROXY_LIMITS, connectTimeoutMs: 200 };
  await using proxy = await startRegistryProxy({ host: HERE, port: 0 }, { rules, history, policy, limits });
  return { status: statusOf(await get(proxy, host, "/x")), refusals: [...proxy.refusals].join() };
}
const only = (...open: string[]) => ({
  refuses: () => undefined,
  refusesAddress: (_: unknown, address: string) => (open.includes(address) ? undefined : `${address} is closed.`),
});

describe("a listed name", () => {
  test("is asked where it leads, by the address that was checked: what it means a moment later does not count", async () => {
    expect((await asked([[HERE], ["127.0.0.2"]], only(HERE))).status).toBe(200);
    expect([names.asked, standIn.arrived()]).toEqual([1, expect.stringContaining("GET /x")]);
  });

  test.for([
    ["this machine beside the internet", ["192.0.78.9", HERE]],
    ["the internet beside this machine", [HERE, "192.0.78.9"]],
    ["this machine in IPv6", ["2606:4700::1", "::1"]],
    ["this machine mapped into IPv6", ["::ffff:127.0.0.1"]],
    ["the service for machines of a cloud", ["192.0.78.9", "169.254.169.254"]],
  ] as const)("that leads to %s is not asked", async ([_, answer]) => {
    // As a registry of the deployment may, on a port of its own.
    const policy = destinations([{ host: "own.example", port: standIn.port }]);
    const { status, refusals } = await asked([[...answer]], policy);
    expect([status, refusals]).toEqual([403, expect.stringContaining("is no address of the internet")]);
    expect(standIn.arrived()).toBe("");
  });

  test("that leads elsewhere on the next connection is checked again", async () => {
    expect((await asked([["127.0.0.2"], [HERE]], only(HERE))).refusals).toContain("127.0.0.2 is closed.");
    expect(standIn.arrived()).toBe("");
  });
});
