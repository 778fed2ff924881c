import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { createChangeSet } from "../../functions/change-set.ts";
import { createWatch } from "../../functions/watch.ts";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { ACTIONS } from "../../packages/views/actions.ts";
import { MERGE_FIELDS, MERGE_MODAL } from "../../packages/views/merge-form.ts";
import { openWorld, until } from "./world.ts";

const BOTH = ["acme/orders", "acme/gateway"];

it("a set is merged when green in the order that a person writes, each text says how the other stands, and all of it is reverted", async () => {
  const world = await openWorld();
  await world.submit({ check: "test -s README.md" }, BOTH);
  const { job } = await world.untilAtRest();
  const { acts, placeOf, pullRequests, gitFolder, plan } = world.forge.admin;
  const treeOf = (name: string) => execFileSync("git", ["-C", gitFolder(name), "rev-parse", "main^{tree}"]).toString();
  const before = BOTH.map(treeOf);
  const card = () => world.cards()[0]!;
  const saying = (words: string) => until(() => blockLines(card().blocks!).join("\n").includes(words));
  const asks = async () => (await world.store.readJob(job.jobId))!.asks ?? [];
  let ahead = 0;
  /** The watcher and the function of Publish's zone, minutes later. */
  const minutesLater = async () => {
    ahead += 61_000;
    const now = () => Date.now() + ahead;
    await createWatch(world.env, now)();
    await createChangeSet(world.env, now)();
  };

  for (const name of BOTH) await acts.setCheck(placeOf(name, 1), { name: "build", outcome: null });
  await createWatch(world.env)();
  await saying("0 of 2 merged, 2 wait for checks");
  await world.requester.click(card().ts, ACTIONS.merge);
  const form = await until(async () => {
    const modal = await world.requester.modal();
    return modal.view.callback_id === MERGE_MODAL && modal;
  });
  await form.fill({ [MERGE_FIELDS.order]: "ordered", [MERGE_FIELDS.numbers]: "2, 1" });
  expect(await form.submit()).not.toHaveProperty("errors");
  await saying("one after another");

  // The later one is green first, and waits; GitHub is away for a while when the earlier one is.
  await acts.setCheck(placeOf("acme/orders", 1), { name: "build", outcome: "success" });
  await minutesLater();
  expect((await asks()).map(({ state }) => state)).toEqual(["waiting", "waiting"]);
  await acts.setCheck(placeOf("acme/gateway", 1), { name: "build", outcome: "success" });
  plan({ method: "PUT", path: /\/merge$/, kind: "status", status: 503 });
  await until(async () => {
    await minutesLater();
    return (await asks()).every(({ state }) => state === "done");
  });
  const [first, second] = ["acme/gateway", "acme/orders"].map((name) => pullRequests(name)[0]!.mergedAt!);
  expect(first! < second!).toBe(true);
  await minutesLater();
  await saying("2 of 2 merged");
  expect(pullRequests("acme/orders")[0]!.body).toContain("[acme/gateway#1](<");

  await world.requester.click(card().ts, ACTIONS.revertSet);
  await until(async () => {
    await minutesLater();
    return (await asks()).filter(({ revert }) => revert).length === 2;
  });
  await saying("Reverting");
  for (const name of BOTH) {
    const revert = pullRequests(name)[1]!;
    expect(revert).toMatchObject({ state: "open", headBranch: `cody/${job.jobId}-revert-1` });
    await world.forge.admin.merge(name, revert.number);
  }
  expect(BOTH.map(treeOf)).toEqual(before);
});
