import { expect, it } from "vitest";
import { showJob } from "../../packages/notify/thread.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { lookActionId, lookValue } from "../../packages/views/history/places.ts";
import { FOLLOW_UP_FIELDS } from "../../slack/interactions/follow-up.ts";
import { FIELDS } from "../../slack/interactions/run-fields.ts";
import { aPatch, aVerdict } from "../builders.ts";
import { historyWorld, homeAfter, modalSaying } from "./history-world.ts";

const world = historyWorld();
const change = { verdict: aVerdict(), patch: aPatch(), ending: "changed" as const };
const roundsOf = async (jobId: string) =>
  (await world.store.readJob(jobId))!.rounds.map(({ kind, prompt, repositories }) => [kind, prompt, ...repositories]);

/** The job's details, from its card. */
async function detailsOf(jobId: string) {
  await showJob(world.workspace.thread, jobId);
  const { ts } = (await world.store.readJob(jobId))!.card!;
  await world.requester.click(ts!, lookActionId("job"), lookValue({ kind: "job", jobId }));
  return world.requester.modal();
}

it("a change is reviewed and approved from Home, which links the card", async () => {
  const { requester } = world;
  const { jobId } = await world.job({ prompt: "Decide me" }, ["awaiting-approval", "awaiting-approval"], change);
  await showJob(world.workspace.thread, jobId);
  await homeAfter(requester, () => requester.openHome());
  const { permalink } = (await world.store.readJob(jobId))!.card!;
  expect(permalink).toMatch(/^http.*\/archives\/C0CODY\/p\d+$/);
  expect(JSON.stringify(world.workspace.slack.workspace.home(requester.id))).toContain(`<${permalink}|Open its card>`);
  await requester.clickHome(ACTIONS.reviewAll);
  const modal = await modalSaying(requester, "Approve all 2");
  await modal.click(ACTIONS.approveAll);
  await modalSaying(requester, /Approved by/);
  expect((await roundsOf(jobId)).at(-1)).toEqual(["publish", undefined, "acme/orders", "acme/shop"]);
});

it("one that waits alone is approved or rejected from Home at once; a refusal opens as a sentence", async () => {
  const { requester, second } = world;
  const { jobId } = await world.job(
    { prompt: "Only one", repositories: ["acme/orders"] },
    ["awaiting-approval"],
    change,
  );
  await homeAfter(second, () => second.openHome());
  world.deps.settings.admins = [];
  await second.clickHome(ACTIONS.approve);
  await modalSaying(second, "Only the person who asked for this job");
  await homeAfter(requester, () => requester.openHome());
  await requester.clickHome(ACTIONS.reject);
  await expect.poll(async () => (await world.store.readJob(jobId))!.runs[0]!.rejection?.by).toBe(requester.id);
});

it("details answer what the job asks, and show what came of it", async () => {
  const { jobId } = await world.job({ prompt: "Ask me" }, ["failed", "unchanged"]);
  const modal = await detailsOf(jobId);
  await modalSaying(world.requester, "Retry 1 failed");
  await modal.click(ACTIONS.retry);
  await modalSaying(world.requester, "asked to run again");
  expect((await roundsOf(jobId)).at(-1)).toEqual(["retry", undefined, "acme/orders"]);
});

it("a follow-up is asked for in a form above the details, once", async () => {
  const { requester } = world;
  const { jobId } = await world.job({ prompt: "Go on" }, ["unchanged", "working"]);
  const modal = await detailsOf(jobId);
  await modalSaying(requester, "Follow up");
  await modal.click(ACTIONS.followUp);
  await modalSaying(requester, "What Cody should do next");
  await modal.fill({ [FOLLOW_UP_FIELDS.prompt]: "  " });
  expect(await modal.submit()).toEqual({ errors: { [FOLLOW_UP_FIELDS.prompt]: expect.stringContaining("empty") } });
  await modal.fill({
    [FOLLOW_UP_FIELDS.prompt]: "Also the changelog.",
    [FOLLOW_UP_FIELDS.repositories]: ["acme/orders", "acme/shop"],
  });
  expect(JSON.stringify(modal.view.blocks).match(/Begins when it has ended/g)).toHaveLength(1);
  await modal.submit();
  const rounds = (await world.store.readJob(jobId))!.rounds.slice(-2);
  expect(rounds).toMatchObject([
    { kind: "refine", prompt: "Also the changelog.", repositories: ["acme/orders"] },
    { kind: "refine", prompt: "Also the changelog.", repositories: ["acme/shop"], queued: true },
  ]);
});

it("run again with changes opens the form as it was filled in", async () => {
  const options = { delivery: "draft-pr" as const, model: "claude-sonnet-5-5", capUsd: 7, verifyCommand: "make test" };
  const { jobId } = await world.job({ prompt: "Do it again", options }, ["published", "unchanged"]);
  const modal = await detailsOf(jobId);
  await modalSaying(world.requester, "Run again with changes");
  await modal.click(ACTIONS.runAgain);
  await modalSaying(world.requester, "Cost limit in US dollars");
  const shown = JSON.stringify(modal.view.blocks);
  for (const words of ["acme/orders", "acme/shop", "make test", '"initial_value":"7"', "draft-pr"])
    expect(shown).toContain(words);
  expect(shown).toContain(FIELDS.verifyCommand);
});
