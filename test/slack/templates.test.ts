import { describe, expect, it } from "vitest";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { isPromptField } from "../../slack/interactions/run-prompt.ts";
import { onlyField } from "../../slack/interactions/run-repositories.ts";
import { DELETE_TEMPLATE, TEMPLATE_ACTION } from "../../slack/interactions/run-start-from.ts";
import { ownTableOnDisk } from "../store/own-table.ts";
import { wordsOf } from "./history-world.ts";
import { slackWorld } from "./slack-world.ts";

const world = slackWorld(undefined, ownTableOnDisk());

const people = () => world.workspace.slack.people;
const jobsOf = async ({ id }: Person) =>
  (await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: id }, { limit: 100 })).items;

async function form(person: Person, prompt = "") {
  await person.command(`/cody ${prompt}`.trim());
  return person.modal();
}
async function submit(person: Person, prompt: string, saveAs: string) {
  const modal = await form(person, prompt);
  await modal.fill({ repositories: ["acme/orders"], [FIELDS.saveAs]: saveAs });
  const submitted = await modal.submit();
  if ("errors" in submitted) await modal.close();
  return submitted;
}
type Modal = Awaited<ReturnType<typeof form>>;
const typed = (modal: Modal) =>
  modal.view.blocks
    .filter(({ block_id }) => isPromptField(block_id!))
    .map(({ element }) => (element as { initial_value?: string }).initial_value ?? "")
    .join("\n");
const says = (modal: Modal, words: string | RegExp) => expect.poll(() => wordsOf(modal.view)).toMatch(words);
const offered = async (modal: Modal, query = "") =>
  (await modal.suggest(TEMPLATE_ACTION, query)).map(({ value }) => value);

const deleted = async () =>
  (await world.store.readAudit({ teamId: "T0LOCAL" }, { limit: 50 })).filter(
    ({ action, result }) => action === "delete-prompt" && result === "done",
  );

describe("saved jobs", () => {
  it("keep everything: chosen in the form, all is filled in anew and can be changed before it runs", async () => {
    const { requester, second } = people();
    const long = `Raise log4j-core.\n${"Adapt every test that breaks.\n".repeat(150)}`.trim();
    const modal = await form(requester, `${long} acme/orders acme/shop`);
    await modal.fill({ repositories: ["acme/orders", "acme/shop"] });
    await says(modal, /Check of acme\/orders/);
    await modal.fill({
      [FIELDS.saveAs]: "log4j",
      [FIELDS.verifyCommand]: "npm test",
      [FIELDS.setupCommand]: "npm ci",
      [FIELDS.baseBranch]: "release/2.x",
      [FIELDS.delivery]: "review-first",
      [FIELDS.model]: "claude-haiku-5-5",
      [FIELDS.mayChangeCi]: ["yes"],
      [FIELDS.tellDirectly]: ["yes"],
      [FIELDS.effort]: "low",
      [FIELDS.capUsd]: "2.5",
      [onlyField("check", "acme/shop")]: "make check",
    });
    expect(await modal.submit()).toEqual({ closed: true });
    const [first] = await jobsOf(requester);

    const theirs = await form(second, "Something else");
    await theirs.fill({ repositories: ["acme/docs"], [FIELDS.verifyCommand]: "make all" });
    await theirs.fill({ [FIELDS.template]: "log4j" });
    await says(theirs, /“log4j”, saved by <@U0REQUESTER>/);
    expect(await theirs.submit()).toEqual({ closed: true });
    const [job] = await jobsOf(second);
    const { prompt, repositories, options } = first!;
    expect(job).toMatchObject({ prompt, repositories, options });
    expect(options).toMatchObject({
      verifyCommand: "npm test",
      delivery: "review-first",
      mayChangeCi: true,
      tellDirectly: true,
      effort: "low",
      byRepository: { "acme/shop": { check: "make check" } },
    });

    const again = await form(second);
    await again.fill({ [FIELDS.template]: "log4j" });
    await says(again, /“log4j”, saved by[\s\S]*No estimate yet[\s\S]*acme\/shop: /);
    await again.fill({ [REPOSITORIES_ACTION]: ["acme/orders"], [FIELDS.verifyCommand]: "npm —test" });
    expect(await again.submit()).toEqual({
      errors: { [`${FIELDS.verifyCommand}~1`]: expect.stringMatching(/Paste this instead: npm --test/) },
    });
    await again.fill({ [FIELDS.verifyCommand]: "npm run all", [FIELDS.delivery]: "patch-only" });
    expect(await again.submit()).toEqual({ closed: true });
    const [changed] = await jobsOf(second);
    expect(changed).toMatchObject({
      prompt,
      repositories: ["acme/orders"],
      options: { verifyCommand: "npm run all", delivery: "patch-only", capUsd: 2.5, baseBranch: "release/2.x" },
    });
    expect(changed!.options).not.toHaveProperty("byRepository");
    expect(world.workspace.refused).toEqual([]);
  });

  it("of an earlier release hold a prompt alone: the other fields stay as they are", async () => {
    const { requester } = people();
    const long = `Raise minimist.\n${"Adapt every test that breaks.\n".repeat(150)}`.trim();
    const row = { teamId: "T0LOCAL", savedBy: "U0SECOND", savedAt: "2026-11-22T12:00:00Z" };
    await world.store.saveTemplate({ ...row, name: "minimist", prompt: long }, { anybodys: false });
    const modal = await form(requester, "Something else");
    await modal.fill({ repositories: ["acme/shop"], [FIELDS.verifyCommand]: "npm test" });
    expect(await offered(modal, "MINIMIST")).toEqual(["minimist"]);
    await modal.fill({ [FIELDS.template]: "minimist" });
    await says(modal, /“minimist”, saved by/);
    expect(typed(modal)).toBe(long);
    expect(await modal.submit()).toEqual({ closed: true });
    const [job] = await jobsOf(requester);
    expect(job).toMatchObject({ prompt: long, repositories: ["acme/shop"], options: { verifyCommand: "npm test" } });
    expect(world.workspace.refused).toEqual([]);
  });

  it("name a model that is not offered any more: the form says which stands in its place", async () => {
    const { requester } = people();
    await submit(requester, "Sort the imports", "Old model");
    world.deps.settings.models = world.deps.settings.models.filter(({ id }) => id !== "claude-sonnet-5-5");
    const modal = await form(requester);
    await modal.fill({ [FIELDS.template]: "Old model" });
    await expect
      .poll(() => JSON.stringify(modal.view.blocks))
      .toMatch(/claude-sonnet-5-5 is not offered any more; claude-haiku-5-5 stands in its place/);
    expect(await modal.submit()).toEqual({ closed: true });
    const [job] = await jobsOf(requester);
    expect(job).toMatchObject({ prompt: "Sort the imports", options: { model: "claude-haiku-5-5" } });
  });

  it("are not replaced by another person: the field says so, and no job is started; one's own are", async () => {
    const { requester, second } = people();
    await submit(requester, "First words", "Audit");
    const before = await jobsOf(second);
    expect(await submit(second, "Other words", "AUDIT")).toEqual({
      errors: { [FIELDS.saveAs]: "Another person saved a job as “Audit”; choose another name." },
    });
    expect(await jobsOf(second)).toEqual(before);
    const [refusal] = await world.store.readAudit({ teamId: "T0LOCAL" }, { limit: 1 });
    expect(refusal).toMatchObject({ action: "save-prompt", result: "refused", by: "U0SECOND" });
    expect(await submit(requester, "Better words", "audit")).toEqual({ closed: true });
    expect(await world.store.readTemplate({ teamId: "T0LOCAL", name: "Audit" })).toMatchObject({
      prompt: "Better words",
    });
    world.deps.settings.admins = ["U0SECOND"];
    expect(await submit(second, "An admin's words", "Audit")).toEqual({ closed: true });
  });

  it("are deleted by the person who saved them, or an admin, once; what was typed stays", async () => {
    const { requester, second } = people();
    await submit(requester, "Tidy up", "Tidy");
    const theirs = await form(second);
    await theirs.fill({ [FIELDS.template]: "Tidy" });
    await says(theirs, /saved by/);
    expect(JSON.stringify(theirs.view.blocks)).not.toContain(DELETE_TEMPLATE);
    expect(await offered(theirs, "tidy")).toEqual(["Tidy"]);

    const own = await form(requester);
    await own.fill({ [FIELDS.template]: "Tidy" });
    await says(own, /saved by/);
    await Promise.all([own.click(DELETE_TEMPLATE), own.click(DELETE_TEMPLATE)]);
    await says(own, /“Tidy” is deleted/);
    expect(JSON.stringify(own.view.blocks)).not.toContain(DELETE_TEMPLATE);
    await expect
      .poll(async () => (await deleted()).map(({ by, sentence }) => [by, sentence]))
      .toEqual([["U0REQUESTER", "Tidy"]]);
    expect(typed(own)).toBe("Tidy up");
    expect(await offered(theirs, "tidy")).toEqual([]);
    await theirs.close();
    expect(await submit(second, "Tidy better", "tidy")).toEqual({ closed: true });
    expect(await world.store.readTemplate({ teamId: "T0LOCAL", name: "Tidy" })).toMatchObject({ savedBy: "U0SECOND" });
  });

  it("are not deleted from a form in which they were still one's own", async () => {
    const { requester, second } = people();
    await submit(requester, "Mine", "Shared");
    const own = await form(requester);
    await own.fill({ [FIELDS.template]: "Shared" });
    await says(own, /saved by/);
    world.deps.settings.admins = ["U0SECOND"];
    expect(await submit(second, "An admin's words", "Shared")).toEqual({ closed: true });
    await own.click(DELETE_TEMPLATE);
    await says(own, /Only <@U0SECOND>, who saved it, or an admin may delete “Shared”/);
    expect(await world.store.readTemplate({ teamId: "T0LOCAL", name: "Shared" })).toMatchObject({
      savedBy: "U0SECOND",
    });
    const [refusal] = await world.store.readAudit({ teamId: "T0LOCAL" }, { limit: 1 });
    expect(refusal).toMatchObject({ action: "delete-prompt", result: "refused", by: "U0REQUESTER" });
  });

  it("do not exist in another workspace", async () => {
    const theirs = {
      teamId: "T0OTHER",
      name: "Of another workspace",
      prompt: "Secret",
      savedBy: "U1",
      savedAt: "2026-11-22T12:00:00Z",
    };
    await world.store.saveTemplate(theirs, { anybodys: false });
    expect(await offered(await form(people().requester), "of another workspace")).toEqual([]);
  });
});
