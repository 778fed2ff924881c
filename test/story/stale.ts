import { expect } from "vitest";
import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { runOf, until, type World } from "./world.ts";

/** A later round that finds nothing any more offers to close the pull request, and a round closes it once. */
export async function closesWhatIsNeedless(world: World, before: JobRecord, repository: string) {
  const { jobId } = before.job;
  const takenBack = before.rounds.length + 1;
  const at = new Date().toISOString();
  // The scripted model takes nothing back: the rows of a round that did.
  const asked = { requestedBy: world.requester.id, requestedAt: at, startedAt: at, finishedAt: at };
  await world.store.insertRound({
    jobId,
    round: takenBack,
    kind: "refine",
    repositories: [repository],
    prompt: "Take it back",
    ...asked,
  });
  const verdict = {
    ...runOf(before, repository).verdict!,
    wereChangesNecessary: false,
    summary: "The service does not log at all any more.",
  };
  await world.store.openRun({
    ...runOf(before, repository),
    round: takenBack,
    state: "queued",
    ending: "unchanged",
    verdict,
  });
  await world.store.moveRun({ jobId, round: takenBack, repository }, ["queued"], {
    state: "unchanged",
    patch: undefined,
  });

  const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("is still open")));
  await world.second.click(card.ts, ACTIONS.closePullRequest);
  expect((await world.newestJob())!.rounds).toHaveLength(takenBack);
  await Promise.all([1, 2].map(() => world.requester.click(card.ts, ACTIONS.closePullRequest)));
  const closed = await world.untilJob(
    ({ rounds }) => rounds.length === takenBack + 1 && rounds.every((one) => one.finishedAt),
  );
  expect(runOf(closed, repository)).toMatchObject({
    state: "unchanged",
    round: takenBack + 1,
    verdict,
    pullRequest: { closed: true },
  });
  expect(closed.rounds).toHaveLength(takenBack + 1);
  expect(world.forge.admin.pullRequests(repository)).toMatchObject([{ state: "closed" }]);
  const shown = await until(() => world.cards().find((one) => JSON.stringify(one).includes("#1 was closed")));
  expect(JSON.stringify(shown)).not.toContain("Close PR");
  const audit = await world.store.readAudit({ jobId }, { limit: 20 });
  expect(audit.filter(({ action, result }) => action === "close" && result === "done")).toHaveLength(1);
}
