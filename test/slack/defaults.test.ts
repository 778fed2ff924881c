import { describe, expect, it } from "vitest";
import { DEFAULTS_ACTIONS, DEFAULTS_FIELDS } from "../../packages/views/defaults-form.ts";
import { SETTINGS_ACTIONS, SETTINGS_FIELDS } from "../../packages/views/settings-form.ts";
import { CHOICE_FIELD } from "../../slack/interactions/repository-settings.ts";
import { ownTableOnDisk } from "../store/own-table.ts";
import { historyWorld, homeAfter, modalSaying } from "./history-world.ts";

const world = historyWorld(ownTableOnDisk());
const { model, effort, delivery, capUsd, tellDirectly } = DEFAULTS_FIELDS;

async function openDefaults() {
  await world.requester.clickHome(DEFAULTS_ACTIONS.open);
  return modalSaying(world.requester, /Cost limit/);
}
async function submitted(prompt: string) {
  await world.requester.command(`/cody ${prompt}`);
  const modal = await world.requester.modal();
  await modal.fill({ repositories: ["acme/orders"] });
  expect(await modal.submit()).toEqual({ closed: true });
  const { items } = await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: "U0REQUESTER" }, { limit: 50 });
  return items.find((job) => job.prompt === prompt)!;
}

describe("a person's own defaults", () => {
  it("are set in Home, which says them, and the form opens with them", async () => {
    const { requester } = world;
    expect(await homeAfter(requester, () => requester.openHome())).toContain(
      "Your form opens with the defaults of this deployment.",
    );
    world.deps.settings.models = [
      ...world.deps.settings.models,
      { id: "claude-haiku-4-5", label: "Haiku 4.5", group: "Earlier models" },
    ];
    const modal = await openDefaults();
    await modal.fill({ [capUsd]: "0" });
    await modal.fill({ [model]: "claude-haiku-4-5", [effort]: "max" });
    expect(await modal.submit()).toEqual({
      errors: {
        [capUsd]: "The cost limit must be above $0.",
        [effort]: "claude-haiku-4-5 takes no effort: leave it open, or choose another model.",
      },
    });
    await modal.fill({
      [effort]: "low",
      [capUsd]: "12.5",
      [delivery]: "review-first",
      [model]: "claude-haiku-5-5",
      [tellDirectly]: ["yes"],
    });
    const home = await homeAfter(requester, () => modal.submit());
    expect(home).toContain(
      "Your form opens with claude-haiku-5-5, effort low, “Ask first”, a cost limit of $12.50 and direct messages when a job is done.",
    );
    expect((await submitted("With my defaults")).options).toEqual({
      model: "claude-haiku-5-5",
      effort: "low",
      delivery: "review-first",
      capUsd: 12.5,
      tellDirectly: true,
    });

    // The model goes: the form opens with the deployment's, and says so.
    world.deps.settings.models = [{ id: "claude-sonnet-5-5", label: "Sonnet 5.5", group: "Recommended" }];
    await requester.command("/cody Another one");
    const form = await requester.modal();
    expect(JSON.stringify(form.view.blocks)).toContain(
      "claude-haiku-5-5 is not offered any more; claude-sonnet-5-5 stands in its place.",
    );
    await form.close();
    const again = await openDefaults();
    expect(JSON.stringify(again.view.blocks)).toContain(
      "claude-haiku-5-5 is not offered any more: choose another one.",
    );
    await again.fill({ [model]: "claude-sonnet-5-5", [effort]: null, [capUsd]: null, [tellDirectly]: [] });
    expect(await homeAfter(requester, () => again.submit())).toContain(
      "Your form opens with claude-sonnet-5-5 and “Ask first”.",
    );
    expect((await submitted("With fewer")).options).toEqual({
      model: "claude-sonnet-5-5",
      delivery: "review-first",
      capUsd: 5,
    });
    expect(world.workspace.refused).toEqual([]);
  });

  it("that the table gives too late, or not at all, leave the form with the deployment's, and it says so", async () => {
    const { store } = world.deps;
    const never = new Promise<never>(() => {});
    for (const readDefaults of [async () => Promise.reject(new Error("the table is away")), () => never]) {
      world.deps.store = { ...store, readDefaults };
      await world.requester.command("/cody Raise log4j");
      const modal = await world.requester.modal();
      expect(JSON.stringify(modal.view.blocks)).toContain("Your own defaults could not be read just now");
      await modal.close();
    }
    world.deps.store = store;
  });

  it("of another release count as none: Home and the form say so, and saving them anew sets it right", async () => {
    const { requester } = world;
    const of = { teamId: "T0LOCAL", userId: "U0REQUESTER" };
    await world.put({ pk: "TEAM#T0LOCAL", sk: "DEFAULTS#U0REQUESTER", ...of, delivery: "by-pigeon", savedAt: "soon" });
    expect(await homeAfter(requester, () => requester.openHome())).toContain(
      "Your form opens with the defaults of this deployment: your own could not be read; save them anew.",
    );
    await requester.command("/cody Raise log4j");
    const form = await requester.modal();
    expect(JSON.stringify(form.view.blocks)).toContain("Save yours anew in Home.");
    await form.close();
    const modal = await openDefaults();
    expect(JSON.stringify(modal.view.blocks)).toContain("what you save now takes its place");
    await modal.fill({ [capUsd]: "7" });
    expect(await homeAfter(requester, () => modal.submit())).toContain("Your form opens with a cost limit of $7.00.");
  });
});

describe("settings of a repository from Home", () => {
  it("open for one without a job, for people who may write to it", async () => {
    const { requester } = world;
    await homeAfter(requester, () => requester.openHome());
    await requester.clickHome(SETTINGS_ACTIONS.choose);
    const modal = await requester.modal();
    await modal.fill({ [CHOICE_FIELD]: "acme/mail" });
    expect(await modal.submit()).toEqual({
      errors: { [CHOICE_FIELD]: expect.stringMatching(/does not know your GitHub login/) },
    });
    world.deps.repositories.loginOf = () => "octocat";
    expect(await modal.submit()).toHaveProperty("view");
    const settings = await requester.modal();
    await settings.fill({ [SETTINGS_FIELDS.check]: "make check" });
    expect(await settings.submit()).toEqual({ closed: true });
    expect(await world.store.readSettings({ teamId: "T0LOCAL", repository: "acme/mail" })).toMatchObject({
      settings: { check: "make check" },
      savedBy: "U0REQUESTER",
    });
    expect(world.workspace.refused).toEqual([]);
  });
});
