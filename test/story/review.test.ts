import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { openWorld, runOf, until, type World } from "./world.ts";

const TWO = ["acme/orders", "acme/gateway"];

async function shownTo(person: Person, words: string) {
  const modal = await person.modal();
  return until(() => {
    const text = blockLines(modal.view.blocks).join("\n");
    return text.includes(words) ? text : undefined;
  });
}

const untilRound = (world: World, round: number) =>
  world.untilJob(({ rounds }) => rounds.length === round && rounds.every((one) => one.finishedAt));

it("a reviewer sees hunks, verdict and evidence; what is refined waits again; Approve all publishes everything once", async () => {
  const world = await openWorld();
  await world.submit({ delivery: "review-first" }, [...TWO, "acme/ledger"]);
  await world.untilAtRest();
  const card = await until(() => world.cards().find((one) => JSON.stringify(one).includes("Review 2 changes")));

  await world.second.click(card.ts, ACTIONS.reviewAll);
  const seen = await shownTo(world.second, "[Approve all 2]");
  expect(seen).toMatch(/1\. acme\/orders[\s\S]*pom\.xml[\s\S]*\n\+.*2\.17\.1[\s\S]*\[Approve\] \[Reject\]/);
  expect(seen).toMatch(/2\. acme\/gateway[\s\S]*package\.json[\s\S]*\n\+/);
  expect(seen).not.toContain("acme/ledger");
  await (await world.second.modal()).click(ACTIONS.approveAll);
  await shownTo(world.second, "Only the person who asked");
  expect((await world.newestJob())!.rounds).toHaveLength(1);

  world.requester.say("acme/orders: raise log4j-core to at least 2.20.0", { threadTs: card.ts });
  expect(runOf(await untilRound(world, 2), "acme/orders").state).toBe("awaiting-approval");
  const again = ["refined in 1 repository", "Review 2 changes"];
  await until(() => world.cards().find((one) => again.every((words) => JSON.stringify(one).includes(words))));
  await world.requester.click(card.ts, ACTIONS.reviewAll);
  await shownTo(world.requester, "[Approve all 2]");
  const modal = await world.requester.modal();
  await Promise.all([modal.click(ACTIONS.approveAll), world.requester.click(card.ts, ACTIONS.approveAll)]);
  const decided = await shownTo(world.requester, "Approved by");
  expect(decided).toContain(`Approved by @${world.requester.id}`);
  expect(decided).not.toContain("[Approve");

  const record = await untilRound(world, 3);
  expect(record.runs.map(({ state }) => state)).toEqual(["published", "published", "unchanged"]);
  expect(record.rounds[2]).toMatchObject({ kind: "publish", repositories: TWO, requestedBy: world.requester.id });
  for (const repository of TWO) expect(world.forge.admin.pullRequests(repository)).toHaveLength(1);
  const { commit } = runOf(record, "acme/orders").pullRequest!;
  const published = ["-C", world.forge.admin.gitFolder("acme/orders"), "show", `${commit}:pom.xml`];
  expect(execFileSync("git", published).toString()).toContain("2.20.0");
  await until(() => world.cards().find((one) => JSON.stringify(one).includes("approved in 2 repositories by")));
});
