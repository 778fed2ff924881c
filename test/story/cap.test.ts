import { expect, it } from "vitest";
import { dollarsLeft, spendOf } from "../../packages/jobs/job-record.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { openWorld, runOf, until } from "./world.ts";

const RUN = "acme/orders";
const COST_LIMIT_USD = 0.05;

it("what the cost limit stopped goes on where it stopped when a person raises it, and nothing is paid twice", async () => {
  const world = await openWorld();
  await world.submit({ costLimit: COST_LIMIT_USD }, [RUN]);
  const stopped = await world.untilAtRest();
  const first = runOf(stopped, RUN);
  expect(first).toMatchObject({ ending: "partial", reason: { code: "budget" } });
  const turns = await world.records.turnsOf({ jobId: stopped.job.jobId, repository: RUN, round: 1 });
  expect(spendOf(stopped)).toBeLessThan(COST_LIMIT_USD + Math.max(...turns.map(({ costUsd }) => costUsd!)));
  // What was finished is opened as a draft.
  expect(world.forge.admin.pullRequests(RUN)).toMatchObject([{ number: 1, draft: true, state: "open" }]);

  const card = await until(() =>
    world.cards().find((one) => JSON.stringify(one).includes("Raise the cost limit to go on")),
  );
  const asked = world.claude.requests().length;
  await world.second.click(card.ts, ACTIONS.raiseCap);
  const notTheirs = await world.second.modal();
  await notTheirs.fill({ cap: "2" });
  expect(await notTheirs.submit()).toEqual({ errors: { cap: expect.stringContaining("Only the person who asked") } });
  await world.requester.click(card.ts, ACTIONS.raiseCap);
  const modal = await world.requester.modal();
  await modal.fill({ cap: "1" });
  expect(await modal.submit()).toEqual({ closed: true });

  const raised = await world.untilJob(({ rounds }) => rounds.length === 2 && rounds.every((one) => one.finishedAt));
  const run = runOf(raised, RUN);
  expect(run).toMatchObject({ state: "published", round: 2, ending: "changed" });
  expect(raised.rounds[1]).toMatchObject({ kind: "raise-cap", capUsd: 1, requestedBy: world.requester.id });

  const later = await world.records.turnsOf({ jobId: raised.job.jobId, repository: RUN, round: 2 });
  const messages = turns.flatMap(({ sent, received }) => [...sent, received]);
  const goesOn = world.claude.requests()[asked]!.body!.messages as unknown[];
  expect(goesOn).toHaveLength(messages.length + 1);
  expect(run.turns).toBe(turns.length + later.length);
  expect(run.spendUsd).toBeCloseTo(
    [...turns, ...later].reduce((sum, { costUsd }) => sum + costUsd!, 0),
    10,
  );
  expect(world.forge.admin.pullRequests(RUN)).toHaveLength(1);
  expect(dollarsLeft(raised)).toBeCloseTo(1 - run.spendUsd!, 10);
  const shown = await until(() => world.cards().find((one) => JSON.stringify(one).includes("of $1.00")));
  expect(JSON.stringify(shown)).toContain("cost limit raised to $1 by");
});
