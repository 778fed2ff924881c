import type { App } from "@slack/bolt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import type { SlackDeps } from "../../slack/deps.ts";
import { DELETE_TEMPLATE, FIELDS, isPromptField, TEMPLATE_ACTION } from "../../slack/interactions/run-modal.ts";
import { wordsOf } from "./history-world.ts";
import { connect, depsOver, openStore, openWorkspace, type Store, type Workspace } from "./world.ts";

let opened: Awaited<ReturnType<typeof openStore>>;
let store: Store;
let workspace: Workspace;
let deps: SlackDeps;
let app: App;

beforeAll(async () => {
  opened = await openStore();
  store = opened.store;
});
afterAll(() => opened.close());
beforeEach(async () => {
  workspace = await openWorkspace(store);
  deps = depsOver(store);
  app = await connect(workspace, deps);
});
afterEach(async () => {
  await app.stop();
  await workspace.slack.stop();
});

const people = () => workspace.slack.people;
const jobsOf = async ({ id }: Person) =>
  (await store.jobsOfUser({ teamId: "T0LOCAL", userId: id }, { limit: 100 })).items;

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
  (await store.readAudit({ teamId: "T0LOCAL" }, { limit: 50 })).filter(
    ({ action, result }) => action === "delete-prompt" && result === "done",
  );

describe("saved prompts", () => {
  it("are saved with a submit and chosen in the form, whose other fields stay as they are", async () => {
    const { requester, second } = people();
    const long = `Raise log4j-core.\n${"Adapt every test that breaks.\n".repeat(150)}`.trim();
    expect(await submit(requester, "Raise minimist", "Raise minimist everywhere")).toEqual({ closed: true });
    const modal = await form(requester, long);
    await modal.fill({ repositories: ["acme/orders"], [FIELDS.saveAs]: "log4j" });
    expect(await modal.submit()).toEqual({ closed: true });

    const theirs = await form(second, "Something else");
    await theirs.fill({ repositories: ["acme/shop"], [FIELDS.verifyCommand]: "npm test" });
    expect(await offered(theirs)).toEqual(["log4j", "Raise minimist everywhere"]);
    expect(await offered(theirs, "MINIMIST")).toEqual(["Raise minimist everywhere"]);
    await theirs.fill({ [FIELDS.template]: "Raise minimist everywhere" });
    await says(theirs, /saved by <@U0REQUESTER>/);
    expect(typed(theirs)).toBe("Raise minimist");
    await theirs.fill({ [FIELDS.template]: "log4j" });
    await says(theirs, /“log4j”, saved by/);
    expect(typed(theirs)).toBe(long);
    expect(await theirs.submit()).toEqual({ closed: true });
    const [job] = await jobsOf(second);
    expect(job).toMatchObject({ prompt: long, repositories: ["acme/shop"], options: { verifyCommand: "npm test" } });
    expect(workspace.refused).toEqual([]);
  });

  it("are not replaced by another person: the field says so, and no job is started; one's own are", async () => {
    const { requester, second } = people();
    await submit(requester, "First words", "Audit");
    const before = await jobsOf(second);
    expect(await submit(second, "Other words", "AUDIT")).toEqual({
      errors: { [FIELDS.saveAs]: "Another person saved a prompt as “Audit”; choose another name." },
    });
    expect(await jobsOf(second)).toEqual(before);
    const [refusal] = await store.readAudit({ teamId: "T0LOCAL" }, { limit: 1 });
    expect(refusal).toMatchObject({ action: "save-prompt", result: "refused", by: "U0SECOND" });
    expect(await submit(requester, "Better words", "audit")).toEqual({ closed: true });
    expect(await store.readTemplate({ teamId: "T0LOCAL", name: "Audit" })).toMatchObject({ prompt: "Better words" });
    deps.settings.admins = ["U0SECOND"];
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
    expect(await store.readTemplate({ teamId: "T0LOCAL", name: "Tidy" })).toMatchObject({ savedBy: "U0SECOND" });
  });

  it("are not deleted from a form in which they were still one's own", async () => {
    const { requester, second } = people();
    await submit(requester, "Mine", "Shared");
    const own = await form(requester);
    await own.fill({ [FIELDS.template]: "Shared" });
    await says(own, /saved by/);
    deps.settings.admins = ["U0SECOND"];
    expect(await submit(second, "An admin's words", "Shared")).toEqual({ closed: true });
    await own.click(DELETE_TEMPLATE);
    await says(own, /Only <@U0SECOND>, who saved it, or an admin may delete “Shared”/);
    expect(await store.readTemplate({ teamId: "T0LOCAL", name: "Shared" })).toMatchObject({ savedBy: "U0SECOND" });
    const [refusal] = await store.readAudit({ teamId: "T0LOCAL" }, { limit: 1 });
    expect(refusal).toMatchObject({ action: "delete-prompt", result: "refused", by: "U0REQUESTER" });
  });

  it("do not exist in another workspace", async () => {
    const theirs = {
      teamId: "T0OTHER",
      name: "Secret",
      prompt: "Secret",
      savedBy: "U1",
      savedAt: "2026-11-22T12:00:00Z",
    };
    await store.saveTemplate(theirs, { anybodys: false });
    expect(await offered(await form(people().requester), "secret")).toEqual([]);
  });
});
