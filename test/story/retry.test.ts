import { expect, it } from "vitest";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { wrongKey } from "../../packages/stand-ins/claude/faults.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { closesWhatIsNeedless } from "./stale.ts";
import { openWorld, runOf, until } from "./world.ts";

const TWO = ["acme/orders", "acme/gateway"];
const SENTENCE = "Claude refused our API key: invalid x-api-key. Set a valid ANTHROPIC_API_KEY, then press Retry.";

it("what asking again cannot help is one request and one sentence; Retry runs that repository only, and the other stays as it is; a later round closes what it made needless", async () => {
  const world = await openWorld();
  world.claude.faults.push(wrongKey);
  await world.submit({}, TWO);
  const first = await world.untilAtRest();
  expect(first.runs.map(({ state }) => state).toSorted()).toEqual(["failed", "published"]);
  const failed = first.runs.find(({ state }) => state === "failed")!;
  const good = first.runs.find(({ state }) => state === "published")!;
  expect(failed).toMatchObject({ attempt: 1, reason: { code: "model-key" } });
  expect(world.claude.requests()).toHaveLength(good.turns + 1);
  const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("Retry 1 failed")));
  const shown = blockLines(card.blocks!).join("\n").replaceAll(/\s+/g, " ");
  expect(shown.split(SENTENCE), "said once").toHaveLength(2);

  await Promise.all([1, 2, 3].map(() => world.requester.click(card.ts, ACTIONS.retry)));
  const second = await world.untilJob(({ rounds }) => rounds.length === 2 && rounds.every((one) => one.finishedAt));
  expect(second.rounds[1]).toMatchObject({ kind: "retry", repositories: [failed.repository] });
  expect(runOf(second, failed.repository)).toMatchObject({ state: "published", round: 2 });
  // How its pull request stands may have been looked at meanwhile.
  expect({ ...runOf(second, good.repository), pullRequestStatus: undefined }).toEqual(good);
  for (const repository of TWO) expect(world.forge.admin.pullRequests(repository)).toHaveLength(1);

  await closesWhatIsNeedless(world, second, good.repository);
});
