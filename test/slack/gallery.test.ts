import { describe, expect, it } from "vitest";
import { GALLERY } from "../../packages/gallery/gallery.ts";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { isPromptField } from "../../slack/interactions/run-prompt.ts";
import { TEMPLATE_ACTION } from "../../slack/interactions/run-start-from.ts";
import { wordsOf } from "./history-world.ts";
import { slackWorld } from "./slack-world.ts";

const world = slackWorld();

const requester = () => world.workspace.slack.people.requester;
type Modal = Awaited<ReturnType<ReturnType<typeof requester>["modal"]>>;
const promptBlock = (modal: Modal) => modal.view.blocks.find(({ block_id }) => isPromptField(block_id!))!;
const promptIn = (modal: Modal) => (promptBlock(modal).element as { initial_value?: string }).initial_value;
const jobs = async () =>
  (await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: requester().id }, { limit: 1 })).items;
const pinned = GALLERY.find(({ name }) => name === "pinned-actions")!;

describe("the gallery", () => {
  it("is chosen in the form: all of the job is filled in, what the person chose stays, and empty places stop it", async () => {
    await requester().command("/cody");
    const modal = await requester().modal();
    await modal.fill({ [REPOSITORIES_ACTION]: ["acme/orders"], [FIELDS.baseBranch]: "next", [FIELDS.capUsd]: "2" });
    expect((await modal.suggest(TEMPLATE_ACTION, "")).map(({ value }) => value)).toEqual(
      GALLERY.map(({ name }) => `gallery:${name}`),
    );
    expect((await modal.suggest(TEMPLATE_ACTION, "pin git")).map(({ value }) => value)).toEqual([
      "gallery:pinned-actions",
    ]);
    await modal.fill({ [FIELDS.template]: "gallery:pinned-actions" });
    await expect.poll(() => promptIn(modal)).toBe(pinned.prompt);
    expect(wordsOf(modal.view)).toMatch(/“Pin GitHub Actions to commits”.*Fill in: pins\./);
    expect(await modal.submit()).toEqual({
      errors: { [promptBlock(modal).block_id!]: "Fill in what stands between << and >> first: pins." },
    });
    const prompt = pinned.prompt.replace(/<<pins.*>>/, "actions/checkout v4 = 1234");
    await modal.fill({ [promptBlock(modal).block_id!]: prompt, [FIELDS.saveAs]: "gallery:mine" });
    expect(await modal.submit()).toMatchObject({ errors: { [FIELDS.saveAs]: expect.stringContaining("another one") } });
    await modal.fill({ [FIELDS.saveAs]: "Pin ours" });
    expect(await modal.submit()).toEqual({ closed: true });
    const [job] = await jobs();
    expect(job).toMatchObject({
      prompt,
      repositories: ["acme/orders"],
      options: { delivery: "review-first", mayChangeCi: true, effort: "low", baseBranch: "next", capUsd: 2 },
    });
    expect(await world.store.readTemplate({ teamId: "T0LOCAL", name: "Pin ours" })).toMatchObject({ prompt });
    expect(world.workspace.refused).toEqual([]);
  });

  it("opens by /cody gallery and from Home; a job of it takes the place of the list, with the person's own defaults", async () => {
    const row = { teamId: "T0LOCAL", userId: requester().id, savedAt: "2026-11-22T12:00:00Z" };
    await world.store.saveDefaults({ ...row, model: "claude-haiku-5-5", capUsd: 3, delivery: "patch-only" });
    await requester().command("/cody gallery");
    const list = await requester().modal();
    for (const { title, promise } of GALLERY) expect(wordsOf(list.view)).toContain(`*${title}*\n${promise}`);
    expect(wordsOf(list.view)).toContain("You fill in: package, fixed version and advisory.");
    await list.click("cody-gallery-start", "readme");
    const form = await requester().modal();
    await expect.poll(() => form.view.callback_id).toBe("cody-run");
    expect(promptIn(form)).toBe(GALLERY.find(({ name }) => name === "readme")!.prompt);
    expect(wordsOf(form.view)).toContain("Fill in what stands between &lt;&lt; and &gt;&gt;: reader.");
    const chosen = JSON.stringify(form.view.state.values);
    expect(chosen).toMatch(/claude-haiku-5-5/);
    expect(chosen).toMatch(/draft-pr/);
    await form.close();

    await requester().openHome();
    await expect.poll(() => world.workspace.slack.workspace.home(requester().id)).toBeTruthy();
    await requester().clickHome(HOME_ACTIONS.gallery);
    expect((await requester().modal()).view.title).toMatchObject({ text: "Jobs to start from" });
    expect(world.workspace.refused).toEqual([]);
  });
});
