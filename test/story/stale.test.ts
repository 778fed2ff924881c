import { expect, it } from "vitest";
import { ACTIONS } from "../../packages/views/actions.ts";
import { openWorld, runOf, until } from "./world.ts";

const RUN = "acme/orders";

it("a later round that finds nothing any more offers to close the pull request, and a round closes it once", async () => {
  const world = await openWorld();
  await world.submit({}, [RUN]);
  const first = await world.untilAtRest();
  const { jobId } = first.job;
  const at = new Date().toISOString();
  // The scripted model takes nothing back: the rows of a round that did.
  const asked = { requestedBy: world.requester.id, requestedAt: at, startedAt: at, finishedAt: at };
  await world.store.insertRound({
    jobId,
    round: 2,
    kind: "refine",
    repositories: [RUN],
    prompt: "Take it back",
    ...asked,
  });
  const verdict = {
    ...runOf(first, RUN).verdict!,
    wereChangesNecessary: false,
    summary: "The service does not log at all any more.",
  };
  await world.store.openRun({ ...runOf(first, RUN), round: 2, state: "queued", ending: "unchanged", verdict });
  await world.store.moveRun({ jobId, round: 2, repository: RUN }, ["queued"], { state: "unchanged", patch: undefined });

  const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("is still open")));
  await world.second.click(card.ts, ACTIONS.closePullRequest);
  expect((await world.newestJob())!.rounds).toHaveLength(2);
  await Promise.all([1, 2].map(() => world.requester.click(card.ts, ACTIONS.closePullRequest)));
  const closed = await world.untilJob(({ rounds }) => rounds.length === 3 && rounds.every((one) => one.finishedAt));
  expect(runOf(closed, RUN)).toMatchObject({ state: "unchanged", round: 3, verdict, pullRequest: { closed: true } });
  expect(closed.rounds).toHaveLength(3);
  expect(world.forge.admin.pullRequests(RUN)).toMatchObject([{ state: "closed" }]);
  const shown = await until(() => world.cards().find((one) => JSON.stringify(one).includes("#1 was closed")));
  expect(JSON.stringify(shown)).not.toContain("Close PR");
  const audit = await world.store.readAudit({ jobId }, { limit: 20 });
  expect(audit.filter(({ action, result }) => action === "close" && result === "done")).toHaveLength(1);
});
