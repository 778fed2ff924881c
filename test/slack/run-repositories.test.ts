import { expect, it } from "vitest";
import { FIELDS } from "../../slack/interactions/run-fields.ts";
import { onlyField } from "../../slack/interactions/run-repositories.ts";
import { AT, aPullRequest, aStartedRun } from "../builders.ts";
import { wordsOf } from "./history-world.ts";
import { connect, depsOver, openStore, openWorkspace } from "./world.ts";

it("the form shows what will run in each repository, takes another check for one, and chooses those that the text names", async () => {
  const { store } = openStore();
  const workspace = await openWorkspace(store);
  const deps = depsOver(store);
  const row = { teamId: "T0LOCAL", repository: "acme/shop", savedBy: "U9", savedAt: AT };
  await store.saveSettings({ ...row, settings: { check: "make check" } }, undefined);
  const pullRequest = { ...aPullRequest("acme/shop", 12), draft: false };
  await store.openRun(aStartedRun({ teamId: "T0LOCAL", repository: "acme/shop", state: "published", pullRequest }));
  deps.repositories.look = async (name) =>
    name === "acme/docs"
      ? undefined
      : {
          suggested: { check: { command: "npm test", from: "package.json" } },
          note: ".cody.yml, line 2: no.",
          pullRequests: { 12: "open" },
        };
  const app = await connect(workspace, deps);
  try {
    const { requester } = workspace.slack.people;
    await requester.command("/cody Raise log4j in acme/orders and acme/shop please");
    const modal = await requester.modal();
    expect(JSON.stringify(modal.view.blocks)).toMatch(/initial_options.*acme\/orders.*acme\/shop/);

    const says = (words: RegExp) => expect.poll(() => wordsOf(modal.view)).toMatch(words);
    await says(/Cody's <https:\/\/\S+acme\/shop\/pull\/12\|#12> is open there: follow up in its thread to add to it/);
    expect(wordsOf(modal.view).match(/is open there/g)).toHaveLength(1);
    await says(/No estimate yet[\s\S]*acme\/orders: Check npm test[\s\S]*acme\/shop: Check make check/);
    await modal.fill({ repositories: ["acme/orders"] });
    await expect.poll(() => wordsOf(modal.view)).not.toMatch(/Check of/);
    await says(/acme\/orders: Check npm test \(suggested by package\.json\)\. \.cody\.yml, line 2: no\./);

    await modal.fill({
      repositories: ["acme/orders", "acme/shop", "acme/docs"],
      [FIELDS.verifyCommand]: "npm run all",
    });
    await says(/acme\/shop: Check make check \(saved for this repository\)/);
    await says(/acme\/docs: what its files say about setup and check is read when the job starts/);
    await modal.fill({
      [onlyField("check", "acme/shop")]: "make —all",
      [onlyField("setup", "acme/docs")]: "make deps",
    });
    expect(await modal.submit()).toMatchObject({
      errors: { [onlyField("check", "acme/shop")]: expect.stringMatching(/Paste this instead: make --all/) },
    });
    await modal.fill({ [onlyField("check", "acme/shop")]: "make all" });
    expect(await modal.submit()).toEqual({ closed: true });
    const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
    expect(items[0]!.options).toMatchObject({
      verifyCommand: "npm run all",
      byRepository: { "acme/shop": { check: "make all" }, "acme/docs": { setup: "make deps" } },
    });
    expect([workspace.refused, workspace.logged]).toEqual([[], []]);
  } finally {
    await app.stop();
    await workspace.slack.stop();
  }
});
