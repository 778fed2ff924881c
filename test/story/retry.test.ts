import { expect, it } from "vitest";
import { ACTIONS } from "../../packages/views/actions.ts";
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
