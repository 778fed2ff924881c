import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { SETTINGS_ACTIONS, SETTINGS_FIELDS, settingsButton } from "../../packages/views/settings-form.ts";
import { wordsOf } from "./history-world.ts";
import { connect, depsOver, openStore, openWorkspace, type Workspace } from "./world.ts";

const { store } = openStore();
let workspace: Workspace;
let app: Awaited<ReturnType<typeof connect>>;
const logins: Record<string, string> = {};
const images = ["java21", "dotnet"];

beforeEach(async () => {
  workspace = await openWorkspace(store);
  const deps = depsOver(store);
  const repositories = {
    ...deps.repositories,
    loginOf: ({ userId }: { userId: string }) => logins[userId],
    lacksRights: async (name: string) => (name === "acme/docs" ? "You (ada) may not write to acme/docs." : undefined),
  };
  app = await connect(workspace, { ...deps, repositories, settings: { ...deps.settings, images } });
  logins[workspace.slack.people.requester.id] = "ada";
});
afterEach(async () => {
  await app.stop();
  await workspace.slack.stop();
});

const TEAM = "T0LOCAL";
const saved = async (repository: string) => store.readSettings({ teamId: TEAM, repository });

/** As the history of a repository has it. */
async function formOf(person: Person, repository: string) {
  const message = workspace.slack.workspace.post("C0CODY", {
    user: "U0CODYBOT",
    text: "A card",
    blocks: [{ type: "actions", block_id: "b", elements: [settingsButton(repository)] }],
  });
  await person.click(message.ts, SETTINGS_ACTIONS.open);
  const modal = await person.modal();
  await expect.poll(() => modal.view.blocks.length).toBeGreaterThan(5);
  return modal;
}

describe("settings of a repository in Slack", () => {
  it("are saved by a person who may write to it, shown to the next one, and kept in the audit", async () => {
    const { requester } = workspace.slack.people;
    const modal = await formOf(requester, "acme/orders");
    expect(wordsOf(modal.view)).toMatch(/Nothing is saved yet/);
    await modal.fill({
      [SETTINGS_FIELDS.check]: "mvn -q verify",
      [SETTINGS_FIELDS.setup]: "none",
      [SETTINGS_FIELDS.reviewers]: "@octocat, acme/platform",
      [SETTINGS_FIELDS.labels]: "java, dependencies",
      [SETTINGS_FIELDS.protectedPaths]: "migrations/\n\n*.sql",
      [SETTINGS_FIELDS.minutes]: "12.5",
    });
    expect(await modal.submit()).not.toHaveProperty("errors");
    expect((await saved("ACME/Orders"))?.settings).toEqual({
      check: "mvn -q verify",
      setup: "none",
      reviewers: ["octocat", "acme/platform"],
      labels: ["java", "dependencies"],
      protectedPaths: ["migrations/", "*.sql"],
      limits: { minutes: 12.5 },
    });
    const [entry] = await store.readAudit({ teamId: TEAM }, { limit: 1 });
    expect(entry).toMatchObject({ action: "save-settings", result: "done", repositories: ["acme/orders"] });

    const again = await formOf(requester, "acme/orders");
    expect(JSON.stringify(again.view.blocks)).toContain('"initial_value":"octocat, acme/platform"');
    await again.fill({ [SETTINGS_FIELDS.check]: "" });
    await again.submit();
    expect((await saved("acme/orders"))?.settings.check).toBeUndefined();
  });

  it("are refused to a person who may not write, or of whom that is not known; and nothing is overwritten unseen", async () => {
    const { requester, second } = workspace.slack.people;
    const refused = async (person: Person, repository: string) => {
      const modal = await formOf(person, repository);
      const answer = await modal.submit();
      await modal.close();
      return "errors" in answer ? answer.errors[SETTINGS_FIELDS.check] : undefined;
    };
    expect(await refused(requester, "acme/docs")).toMatch(/may not write to acme\/docs/);
    expect(await refused(second, "acme/shop")).toMatch(/does not know your GitHub login/);
    expect(await refused(requester, "other/shop")).toMatch(/not one of the repositories/);
    expect(await saved("acme/shop")).toBeUndefined();

    const slow = await formOf(requester, "acme/api");
    const row = { teamId: TEAM, repository: "acme/api", savedBy: "U9", savedAt: "2026-11-28T00:00:00.000Z" };
    await store.saveSettings({ ...row, settings: { check: "make" } }, undefined);
    expect(await slow.submit()).toMatchObject({
      errors: { [SETTINGS_FIELDS.check]: expect.stringMatching(/Another person has saved other settings/) },
    });
    expect((await saved("acme/api"))?.settings).toEqual({ check: "make" });
  });

  it("all errors come at once, each beside its field", async () => {
    const modal = await formOf(workspace.slack.people.requester, "acme/orders");
    await modal.fill({
      [SETTINGS_FIELDS.check]: "npm run test —all",
      [SETTINGS_FIELDS.baseBranch]: "a..b",
      [SETTINGS_FIELDS.protectedPaths]: "!src",
      [SETTINGS_FIELDS.turns]: "-3",
    });
    expect(Object.keys(((await modal.submit()) as { errors: object }).errors).toSorted()).toEqual(
      [
        SETTINGS_FIELDS.baseBranch,
        SETTINGS_FIELDS.check,
        SETTINGS_FIELDS.protectedPaths,
        SETTINGS_FIELDS.turns,
      ].toSorted(),
    );
  });

  it("an image is one of the deployment's, and toolchains are named", async () => {
    const { requester } = workspace.slack.people;
    const repository = "acme/orders";
    const modal = await formOf(requester, repository);
    await modal.fill({ [SETTINGS_FIELDS.image]: "java21", [SETTINGS_FIELDS.toolchains]: "Java@21,  maven" });
    expect(await modal.submit()).not.toHaveProperty("errors");
    expect((await saved(repository))?.settings).toMatchObject({ image: "java21", toolchains: ["java@21", "maven"] });
    const again = await formOf(requester, repository);
    await again.fill({ [SETTINGS_FIELDS.toolchains]: "java 21!" });
    expect(await again.submit()).toEqual({
      errors: { [SETTINGS_FIELDS.toolchains]: '"21!": Name a toolchain as java or node@22.' },
    });
    await again.close();
    images.splice(0, 1);
    const later = await formOf(requester, repository);
    expect(JSON.stringify(later.view.blocks)).toContain("The image java21 is not offered any more.");
    await later.close();
  });
});
