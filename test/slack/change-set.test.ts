import { describe, expect, it } from "vitest";
import { showJob } from "../../packages/notify/thread.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { MERGE_FIELDS } from "../../packages/views/merge-form.ts";
import { aPatch, aPullRequest, aStatus, aVerdict } from "../builders.ts";
import { historyWorld, modalSaying } from "./history-world.ts";

const world = historyWorld();
const [ORDERS, SHOP] = ["acme/orders", "acme/shop"];
const merged = {
  verdict: aVerdict(),
  patch: aPatch(),
  ending: "changed" as const,
  pullRequest: { ...aPullRequest("acme/x", 1), nodeId: "n1" },
  pullRequestStatus: aStatus({ checks: "pending", checksRunning: true, head: "aaa" }),
};

/** A job with a pull request in two repositories, and its card. */
async function two() {
  const { jobId } = await world.job({ prompt: "Merge us" }, ["published", "published"], merged);
  await showJob(world.workspace.thread, jobId);
  const { ts } = (await world.store.readJob(jobId))!.card!;
  const asks = async () => (await world.store.readJob(jobId))!.asks ?? [];
  const form = async () => {
    await world.requester.click(ts!, ACTIONS.merge);
    return modalSaying(world.requester, "checks run");
  };
  const audit = async () =>
    (await world.store.readAudit({ jobId }, { limit: 9 })).map(({ action, result, by }) => [action, result, by]);
  return { jobId, ts: ts!, asks, form, audit };
}

it("the button of a single one asks for the commit that its card has shown, and for no newer one", async () => {
  const { jobId } = await world.job({ prompt: "Merge me" }, ["published"], merged);
  await showJob(world.workspace.thread, jobId);
  const { ts } = (await world.store.readJob(jobId))!.card!;
  const asks = async () => (await world.store.readJob(jobId))!.asks ?? [];
  const watch = { jobId, repository: ORDERS!, number: 1, nodeId: "n1", movedAt: "", version: "" };
  await world.store.keepPullRequestStatus(watch, aStatus({ head: "bbb" }));
  await world.requester.click(ts!, ACTIONS.mergeOne);
  await expect
    .poll(async () => (await world.store.readAudit({ jobId }, { limit: 9 })).map(({ result }) => result))
    .toEqual(["refused"]);
  expect(await asks()).toEqual([]);
  await showJob(world.workspace.thread, jobId);
  await world.requester.click(ts!, ACTIONS.mergeOne);
  await expect.poll(asks).toMatchObject([{ repository: ORDERS, head: "bbb" }]);
});

describe("the merge form", () => {
  it("asks for what is ticked in the order that is written, with the commits that it has shown, and takes it back", async () => {
    const { jobId, ts, asks, form, audit } = await two();
    const modal = await form();
    await modal.fill({ [MERGE_FIELDS.order]: "ordered", [MERGE_FIELDS.numbers]: "2, 2" });
    expect(await modal.submit()).toMatchObject({ errors: { [MERGE_FIELDS.pulls]: expect.stringContaining("1, 2") } });
    await modal.fill({ [MERGE_FIELDS.numbers]: "2, 1" });
    expect(await modal.submit()).not.toHaveProperty("errors");
    expect(await asks()).toMatchObject([
      { repository: ORDERS, after: [SHOP], head: "aaa", by: world.requester.id, state: "waiting", kind: "merge" },
      { repository: SHOP, after: [], head: "aaa" },
    ]);
    await expect.poll(audit).toContainEqual(["merge", "done", world.requester.id]);
    await showJob(world.workspace.thread, jobId);
    const card = JSON.stringify(world.workspace.slack.workspace.message("C0CODY", ts));
    expect(card).toContain("Merges when green: ");
    expect(card).toContain("one after another");
    expect(card).toContain("0 of 2 merged, 2 wait for checks");
    await world.requester.click(ts, ACTIONS.stopMerge);
    await expect
      .poll(async () => (await asks()).map(({ stop }) => stop?.by))
      .toEqual([world.requester.id, world.requester.id]);
  });

  it("refuses what has got a newer commit meanwhile, and a person whom GitHub does not let write everywhere", async () => {
    const { jobId, asks, form, audit } = await two();
    const modal = await form();
    const watch = { jobId, repository: SHOP!, number: 1, nodeId: "n1", movedAt: "", version: "" };
    await world.store.keepPullRequestStatus(watch, aStatus({ head: "bbb" }));
    const moved = expect.stringContaining("acme/shop has got a newer commit");
    expect(await modal.submit()).toMatchObject({ errors: { [MERGE_FIELDS.pulls]: moved } });
    world.deps.repositories.loginOf = () => "ada";
    world.deps.repositories.lacksRights = async (name) =>
      name === SHOP ? "You (ada on GitHub) may not write to acme/shop." : undefined;
    await modal.close();
    const again = await form();
    const refused = expect.stringContaining("may not write to acme/shop");
    expect(await again.submit()).toMatchObject({ errors: { [MERGE_FIELDS.pulls]: refused } });
    expect(await asks()).toEqual([]);
    await expect.poll(audit).toContainEqual(["merge", "refused", world.requester.id]);
    // Where they may, they need not be who started the job.
    world.deps.repositories.lacksRights = async () => undefined;
    expect(await again.submit()).not.toHaveProperty("errors");
    expect(await asks()).toMatchObject([{ login: "ada" }, { login: "ada" }]);
  });
});
