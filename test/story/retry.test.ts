import { expect, it } from "vitest";
import { isAtRest } from "../../packages/jobs/states.ts";
import { ACTIONS, placeValue } from "../../packages/views/actions.ts";
import { openWorld, runOf, until } from "./world.ts";

const TWO = ["acme/orders", "acme/gateway"];

it("Retry runs the failed repository only; the other's row, branch and pull request stay as they are", async () => {
  const world = await openWorld();
  world.claude.faults.push({ kind: "refusal", category: "cyber" });
  await world.submit({}, TWO);
  const first = await world.untilAtRest();
  expect(first.runs.map(({ state }) => state).toSorted()).toEqual(["failed", "published"]);
  const [failed] = first.runs.filter(({ state }) => state === "failed");
  const [good] = first.runs.filter(({ state }) => state === "published");
  const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("Retry 1 failed")));

  await Promise.all([1, 2, 3].map(() => world.requester.click(card.ts, ACTIONS.retry)));
  const second = await world.untilJob(({ rounds }) => rounds.length === 2 && rounds.every((one) => one.finishedAt));
  expect(second.rounds[1]).toMatchObject({ kind: "retry", repositories: [failed!.repository] });
  expect(runOf(second, failed!.repository)).toMatchObject({ state: "published", round: 2 });
  expect(runOf(second, good!.repository)).toEqual(good);
  for (const repository of TWO) expect(world.forge.admin.pullRequests(repository)).toHaveLength(1);
});

it("Cancel one stops that repository and lets the other run", async () => {
  const world = await openWorld({ thinkMs: 150 });
  await world.submit({ prompt: "[bench turns=20]" }, TWO);
  await until(() => (world.claude.requests().length >= 4 ? true : undefined), 30_000);
  const card = await until(() => world.cards()[0]);
  const { jobId } = (await world.newestJob())!.job;

  await world.requester.click(card.ts, ACTIONS.cancelOne, placeValue(jobId, 0));
  const record = await world.untilJob(({ runs }) => runs.length === 2 && runs.every(({ state }) => isAtRest(state)));
  expect(record.runs.map(({ state }) => state)).toEqual(["cancelled", "unchanged"]);
  expect(runOf(record, "acme/gateway").turns).toBe(21);
  expect(runOf(record, "acme/orders").turns).toBeLessThan(21);
});
