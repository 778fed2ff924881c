import type { ViewOutput } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { createSlackClient } from "../../packages/notify/client.ts";
import { estimateOf, type PastCosts, priced } from "../../slack/estimate.ts";
import { asModal, choiceIn } from "../../slack/interactions/run-choice.ts";
import { createRunForm } from "../../slack/interactions/run-form.ts";
import { aJob, aStartedRun } from "../builders.ts";
import { connect, depsOver, openStore, openWorkspace } from "./world.ts";

const MODEL = "claude-sonnet-5-5";
const OTHER = "claude-haiku-5-5";
const costs = (ofModel: number[], ofOther: number[] = []): PastCosts => [
  ...ofModel.map((usd) => ({ model: MODEL, usd })),
  ...ofOther.map((usd) => ({ model: OTHER, usd })),
];
const choice = { repositories: 3, model: MODEL, capUsd: 5 };

describe("the estimate", () => {
  it("is the typical cost of a repository times the repositories, of the chosen model when it has run often enough", () => {
    expect(estimateOf(costs([0.5, 0.6, 0.7], [9]), choice)).toBe(
      `About $1.80 for 3 repositories, by the median of the last 3 runs with ${MODEL}.`,
    );
    expect(estimateOf(costs([0.014, 0.014]), { ...choice, repositories: 2 })).toBe(
      `About $0.03 for 2 repositories, by the median of the last 2 runs with ${MODEL}.`,
    );
    expect(estimateOf(costs([0.001]), { ...choice, repositories: 2 })).toMatch(/^Under \$0.01 for 2 repositories/);
  });

  it("is what other models have cost times the price beside theirs, where the chosen one has not run often", () => {
    const sentence = estimateOf(costs([], [0.1, 0.2, 0.3]), { ...choice, repositories: 1 });
    expect(sentence).toMatch(
      /^About \$3\.64 for 1 repository, by the median of the last 3 runs and the price of claude-s/,
    );
    expect(estimateOf(costs([], [0.1]), { ...choice, repositories: 1, model: "claude-next" })).toMatch(/^No estimate/);
  });

  it("stands beside each model too, where it is known", () => {
    const models = [MODEL, OTHER, "claude-next"].map((id) => ({ id, label: id, group: "All", price: "as listed" }));
    expect(priced(models, costs([0.4, 0.5])).map(({ price }) => price)).toEqual([
      "About $0.50 a repository for a job like the last ones",
      "About $0.03 a repository for a job like the last ones",
      "as listed",
    ]);
    expect(priced(models, [])).toEqual(models);
  });

  it("says when it is above the cost limit, and when there is nothing to make it from", () => {
    expect(estimateOf(costs([4]), choice)).toMatch(/About \$12\.00.*more than the cost limit of \$5\.00\./);
    expect(estimateOf(costs([]), choice)).toMatch(/^No estimate yet/);
    expect(estimateOf(costs([1]), { ...choice, repositories: 0 })).toBe("");
    expect(estimateOf(costs([1]), { ...choice, repositories: 1 })).toMatch(/by the only run so far with claude-sonnet/);
  });

  it("follows the choice in the form, which keeps everything else as the person has it", async () => {
    const { store } = openStore();
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
      await expect.poll(shown).toContain("About $0.25 for 1 repository");
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
      await expect.poll(shown).toContain("About $0.50 for 2 repositories");
      expect(shown()).toContain("more than the cost limit of $0.30");
      expect(await modal.submit()).toEqual({ closed: true });
      const { items } = await store.jobsOfUser({ teamId: "T0LOCAL", userId: requester.id }, { limit: 1 });
      expect(items[0]).toMatchObject({
        prompt: "Raise log4j-core to at least 2.17.1",
        repositories: ["acme/orders", "acme/shop"],
        options: { verifyCommand: "npm test", capUsd: 0.3 },
      });
      expect(workspace.refused).toEqual([]);

      // Where two follow one form, the one that began first may end last.
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

      // Two processes follow two clicks in the same form: the newest is shown, whichever comes first to Slack.
      for (const order of [
        ["100.1", "100.2"],
        ["200.2", "200.1"],
      ]) {
        await requester.command("/cody");
        const open = (await requester.modal()).view as unknown as ViewOutput;
        for (const clickedAt of order) {
          const names = clickedAt.endsWith("2") ? ["acme/orders", "acme/shop"] : ["acme/orders"];
          const one = { id: open.id, hash: open.hash, view: asModal(open), clickedAt };
          await createRunForm(deps).follow(client, who, one, { ...choiceIn({}), names, model: "claude-sonnet-5-5" });
        }
        expect(shown()).toContain("2 repositories");
        await modal.close();
      }
      workspace.refused.length = 0;

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
    }
  });
});
