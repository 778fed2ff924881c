import { expect, it } from "vitest";
import { ACTIONS, placeValue, targetValue } from "../../packages/views/actions.ts";
import { agentManifest } from "../slack/agent-manifest.ts";
import { openWorld, runOf, until } from "./world.ts";

it("Cancel one stops that repository and lets the others run; Cancel ends the job: no new model call 10 s after, nothing is published, and the card says who did it; Slack's own stop button does the same, and its session says how the job stands", async () => {
  // So many turns that neither ends by itself, and so slow that few are needed.
  const world = await openWorld({ thinkMs: 500, slackManifest: agentManifest() });
  await world.submit({ prompt: "[bench turns=200]" }, ["acme/orders", "acme/gateway"]);
  await world.untilJob(
    ({ runs }) => runs.length === 2 && runs.every(({ state, turns }) => state === "working" && turns > 0),
  );
  const card = await until(() => world.cards()[0]);
  const { jobId } = (await world.newestJob())!.job;
  const session = (status: string) => until(() => world.cards()[0]!.agent_session?.status === status || undefined);
  await session("processing");

  await world.requester.click(card.ts, ACTIONS.cancelOne, placeValue(jobId, 0));
  const one = await world.untilJob(({ runs }) => runs.some(({ state }) => state === "cancelled"));
  expect(one.runs.map(({ state }) => state)).toEqual(["cancelled", "working"]);
  const { turns } = runOf(one, "acme/gateway");
  await world.untilJob((record) => runOf(record, "acme/gateway").turns > turns + 2);
  expect(runOf((await world.newestJob())!, "acme/orders").turns).toBe(runOf(one, "acme/orders").turns);

  await world.second.click(card.ts, ACTIONS.cancel, targetValue({ jobId }));
  expect((await world.newestJob())!.job.cancel).not.toHaveProperty("*");

  const at = Date.now();
  await world.requester.click(card.ts, ACTIONS.cancel, targetValue({ jobId }));
  const record = await world.untilAtRest();
  expect(record.runs.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  const late = world.claude.requests().filter((request) => request.at > at + 10_000);
  expect(late).toEqual([]);
  expect(world.forge.admin.pullRequests("acme/orders")).toEqual([]);
  const shown = await until(() => world.cards().find((one) => JSON.stringify(one).includes("Cancelled by")));
  expect(JSON.stringify(shown)).toContain(`<@${world.requester.id}>`);
  await session("active");

  await until(() => world.cards().find((one) => JSON.stringify(one).includes(ACTIONS.retry)));
  await world.requester.click(shown.ts, ACTIONS.retry, targetValue({ jobId }));
  await world.untilJob(({ rounds }) => rounds.length === 2);
  await session("processing");
  world.requester.stopSession(card.ts);
  const again = await world.untilAtRest();
  expect(again.runs.map(({ state, round }) => [state, round])).toEqual([
    ["cancelled", 2],
    ["cancelled", 2],
  ]);
  await session("active");
});
