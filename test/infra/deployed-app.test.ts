import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allAtRest } from "../../packages/local/demo/watch.ts";
import { runOf } from "../story/world.ts";
import { type Cloud, openCloud } from "./deployed/cloud.ts";
import { callsBeyond } from "./deployed/grants.ts";
import { atTheScreen } from "./deployed/person.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await openCloud({ app: true });
}, 120_000);
afterAll(() => cloud?.stop());

describe("the deployment with a GitHub App", () => {
  it("takes a signed submit to a pull request by the bot, with tokens that two functions issue", async () => {
    const person = atTheScreen(cloud);
    const jobId = await person.submit(["acme/orders"]);
    const record = await person.rows(jobId, allAtRest);
    const run = runOf(record, "acme/orders");
    expect([run.state, run.reason]).toEqual(["published", undefined]);
    expect(cloud.forge.admin.pullRequests("acme/orders")).toMatchObject([
      { author: "cody-acme[bot]", headSha: run.pullRequest!.commit },
    ]);
    await person.card(jobId, "1 of 1 done");

    const issued = cloud.calls.filter(({ action }) => action === "lambda:InvokeFunction");
    expect(issued).toEqual([
      { role: "WorkTaskRole", action: "lambda:InvokeFunction", resource: "function:ReadTokenFunction" },
      { role: "PublishTaskRole", action: "lambda:InvokeFunction", resource: "function:WriteTokenFunction" },
    ]);
    const tokens = cloud.forge.admin.tokens().flatMap((one) => (one.installation ? [one] : []));
    const ofOne = tokens.filter(({ installation }) => installation!.repositoryIds);
    expect(ofOne.map(({ installation }) => installation!.permissions)).toEqual([
      { contents: "read", metadata: "read" },
      { contents: "write", metadata: "read", pull_requests: "write" },
    ]);
    const kept = readdirSync(cloud.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/forge\.json/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    for (const { token } of tokens) expect(kept.some((file) => file.includes(token))).toBe(false);
  });

  it("never asks AWS for what its role does not allow", () => {
    expect(callsBeyond(cloud.deployed, cloud.calls)).toEqual([]);
  });
});
