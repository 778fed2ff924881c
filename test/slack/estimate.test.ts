import type { ViewOutput } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { createSlackClient } from "../../packages/notify/client.ts";
import { estimateOf, type PastCosts } from "../../slack/estimate.ts";
import { asModal, choiceIn, createRunForm } from "../../slack/interactions/run-form.ts";
import { aJob, aStartedRun } from "../builders.ts";
import { connect, depsOver, openStore, openWorkspace } from "./world.ts";

const MODEL = "claude-sonnet-5-5";
const costs = (all: number[], ofModel: number[] = []): PastCosts => ({ all, byModel: new Map([[MODEL, ofModel]]) });
const choice = { repositories: 3, model: MODEL, capUsd: 5 };

describe("the estimate", () => {
  it("is the typical cost of a repository times the repositories, of the chosen model when it has run often enough", () => {
    expect(estimateOf(costs([0.1, 0.2, 9], [0.5, 0.6]), choice)).toBe(
      "About $0.60: 3 repositories at $0.20, the median of the last 3 runs.",
    );
    expect(estimateOf(costs([0.1, 0.2, 9], [0.5, 0.6, 0.7]), { ...choice, repositories: 1 })).toBe(
      `About $0.60: 1 repository at $0.60, the median of the last 3 runs with ${MODEL}.`,
    );
  });

  it("says when it is above the cost limit, and when there is nothing to make it from", () => {
    expect(estimateOf(costs([4]), choice)).toMatch(/About \$12\.00.*more than the cost limit of \$5\.00\./);
    expect(estimateOf(costs([]), choice)).toMatch(/^No estimate yet/);
    expect(estimateOf(costs([1]), { ...choice, repositories: 0 })).toBe("");
    expect(estimateOf(costs([1]), { ...choice, repositories: 1 })).toMatch(/the median of the last 1 run\.$/);
  });

  it("follows the choice in the form, which keeps everything else as the person has it", async () => {
    const opened = await openStore();
    const { store } = opened;
    const job = aJob({ teamId: "T0LOCAL", userId: "U0SECOND", repositories: ["acme/orders"] });
    await store.insertJob(job);
    await store.openRun({
      ...aStartedRun({ repository: "acme/orders", state: "published", spendUsd: 0.25 }),
      teamId: "T0LOCAL",
    });
    const workspace = await openWorkspace(store);
    const deps = depsOver(store);
    const rights = Promise.withResolvers<undefined>();
    const app = await connect(workspace, deps);
    try {
      const { requester } = workspace.slack.people;
      await requester.command("/cody Raise log4j-core to at least 2.17.1");
      const modal = await requester.modal();
      const shown = () => JSON.stringify(modal.view.blocks.find(({ block_id }) => block_id === "estimate"));
      await modal.fill({ "verify-command": "npm test", cap: "0.3" });
      await modal.fill({ repositories: ["acme/orders"] });
      await expect.poll(shown).toContain("About $0.25: 1 repository");
      // Another process answers a click of the same form; the next one comes here again.
      const { id, hash, state } = modal.view;
      const client = createSlackClient("xoxb-local", { slackApiUrl: workspace.slack.apiUrl });
      const open = { id, hash, view: asModal(modal.view as unknown as ViewOutput) };
      await createRunForm(deps).follow(
        client,
        { teamId: "T0LOCAL", userId: requester.id },
        open,
        choiceIn(state.values),
      );
      await modal.fill({ repositories: ["acme/orders", "acme/shop"] });
      await expect.poll(shown).toContain("About $0.50: 2 repositories at $0.25");
      expect(shown()).toContain("more than the cost limit of $0.30");
      expect(await modal.submit()).toEqual({ closed: true });
      const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
      expect(items[0]).toMatchObject({
        prompt: "Raise log4j-core to at least 2.17.1",
        repositories: ["acme/orders", "acme/shop"],
        options: { verifyCommand: "npm test", capUsd: 0.3 },
      });
      expect(workspace.refused).toEqual([]);

      // Of two that follow one form, the one that began first may end last.
      await requester.command("/cody");
      const form = createRunForm(deps);
      const who = { teamId: "T0LOCAL", userId: requester.id };
      const begun = (await requester.modal()).view as unknown as ViewOutput;
      const following = (names: string[]) => {
        const choice = { ...choiceIn({}), names, model: "claude-sonnet-5-5" };
        return form.follow(client, who, { id: begun.id, hash: begun.hash, view: asModal(begun) }, choice);
      };
      const slow = Promise.withResolvers<undefined>();
      deps.repositories.lacksRights = () => slow.promise;
      const older = following(["acme/orders"]);
      deps.repositories.lacksRights = async () => undefined;
      await following(["acme/orders", "acme/shop"]);
      slow.resolve(undefined);
      await older;
      expect(shown()).toContain("2 repositories");
      await modal.close();

      // A form that is closed before its estimate is there is no failure: an alarm looks for those.
      deps.repositories.lacksRights = () => rights.promise;
      await requester.command("/cody");
      await (await requester.modal()).fill({ repositories: ["acme/orders"] });
      await modal.close();
      rights.resolve(undefined);
      await expect.poll(() => workspace.refused).toEqual(["slack refused views.update: not_found"]);
      await expect(app.stop()).resolves.toBeUndefined();
      expect(workspace.logged).toEqual([]);
    } finally {
      await app.stop();
      await workspace.slack.stop();
      await opened.close();
    }
  });
});
