import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { App } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitHub } from "../../packages/github/client.ts";
import { createPersonalRights } from "../../packages/github/personal-rights.ts";
import { createRights, mayPush } from "../../packages/github/rights.ts";
import type { Person } from "../../packages/stand-ins/slack/person.ts";
import { mustBeAllowedToStart } from "../../slack/access.ts";
import type { SlackDeps } from "../../slack/deps.ts";
import { memberRefusal } from "../../slack/members.ts";
import { connect, depsOver, openStore, openWorkspace, type Workspace } from "./world.ts";

const { store } = openStore();
let workspace: Workspace;
let app: App | undefined;

beforeEach(async () => {
  const people = [{ name: "requester" }, { name: "second" }, { name: "guest", guest: true }] as unknown;
  workspace = await openWorkspace(store, { people: people as { name: "requester" | "second" }[] });
});
afterEach(async () => {
  await app?.stop();
  await workspace.slack.stop();
});

const open = async (changes: Partial<SlackDeps> = {}) => {
  app = await connect(workspace, depsOver(store, changes));
};
const person = (name: string) => (workspace.slack.people as Record<string, Person>)[name]!;
const told = (who: Person, words: RegExp) =>
  expect
    .poll(() =>
      who
        .ephemerals()
        .map(({ text }) => text)
        .join("\n"),
    )
    .toMatch(words);

async function submit(who: Person, repositories = ["acme/orders", "acme/shop"]) {
  await who.command("/cody Raise log4j-core to at least 2.17.1");
  const modal = await who.modal();
  await modal.fill({ repositories });
  return modal.submit();
}
const jobsOf = async (userId: string) => (await store.jobsOfUser({ teamId: "T0LOCAL", userId }, { limit: 10 })).items;
const refusedIn = async (action: string) =>
  (await store.readAudit({ teamId: "T0LOCAL" }, { limit: 100 })).filter((entry) => entry.action === action);

describe("guests", () => {
  it("see an empty form at most: nothing is offered, listed or clicked, and every refusal is kept", async () => {
    await open();
    const guest = person("guest");
    await guest.command("/cody Raise it");
    const form = await guest.modal();
    expect(await form.suggest("cody-repositories", "acme")).toEqual([]);
    await guest.command("/cody list");
    await told(guest, /Guests of this workspace/);
    expect(await jobsOf(guest.id)).toEqual([]);
    const refused = await refusedIn("use");
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(refused[0]).toMatchObject({ by: guest.id, result: "refused", sentence: expect.stringContaining("Guests") });
  });

  it("Slack is asked once about a member, and not for every click", async () => {
    await open();
    expect(await submit(person("requester"))).toEqual({ closed: true });
    await person("requester").command("/cody list");
    expect(workspace.callsOf("users.info")).toBe(1);
  });
});

it.each<[string, Parameters<typeof memberRefusal>[0], RegExp | undefined]>([
  ["a member", { team_id: "T1" }, undefined],
  ["a member by way of the organisation", { team_id: "T2", enterprise_user: { teams: ["T1", "T2"] } }, undefined],
  ["a guest", { team_id: "T1", is_restricted: true }, /Guests/],
  ["a guest of one channel", { team_id: "T1", is_ultra_restricted: true }, /Guests/],
  ["a person who has left", { team_id: "T1", deleted: true }, /Guests/],
  ["a person with whom a channel is shared", { team_id: "T2", is_stranger: false }, /of the workspace/],
  ["a stranger", { team_id: "T1", is_stranger: true }, /of the workspace/],
])("%s", (_, user, sentence) => {
  if (sentence) expect(memberRefusal(user, "T1")).toMatch(sentence);
  else expect(memberRefusal(user, "T1")).toBeUndefined();
});

describe("where and for whom", () => {
  it("a direct message is each person's own, whatever channels are configured", () => {
    const settings = { strict: false, admins: [], channels: ["C0OTHER"] };
    const startIn = (channel: string) => () =>
      mustBeAllowedToStart(
        { settings, repositories: { loginOf: () => undefined } },
        { teamId: "T1", userId: "U1" },
        channel,
      );
    for (const channel of ["C0OTHER", "D0REQUESTER"]) expect(startIn(channel)).not.toThrow();
    for (const channel of ["C0CODY", "G0PRIVATE"])
      expect(startIn(channel)).toThrow("Jobs are started in <#C0OTHER> only.");
  });

  it("jobs start in the configured channels only", async () => {
    await open({ settings: { ...depsOver(store).settings, channels: ["C0OTHER"] } });
    await person("requester").command("/cody Raise it");
    await told(person("requester"), /Jobs are started in <#C0OTHER> only.*\n>>> Raise it/);
    expect(person("requester").hasModal()).toBe(false);
    // The form may be older than the configuration.
    await app?.stop();
    await open();
    await person("requester").command("/cody Raise it");
    const modal = await person("requester").modal();
    await modal.fill({ repositories: ["acme/orders"] });
    await app?.stop();
    await open({ settings: { ...depsOver(store).settings, channels: ["C0ELSEWHERE"] } });
    expect(await modal.submit()).toMatchObject({ errors: { prompt: "Jobs are started in #elsewhere only." } });
  });

  it("every refusal before there is a job stands in the workspace's audit", async () => {
    await open({ settings: { ...depsOver(store).settings, channels: ["C0OTHER", "G0PRIVATE"] } });
    const before = (await refusedIn("submit")).length;
    await person("requester").command("/cody Raise it");
    await expect.poll(async () => (await refusedIn("submit")).length).toBe(before + 1);
    expect((await refusedIn("submit"))[0]).toMatchObject({
      by: "U0REQUESTER",
      sentence: expect.stringContaining("only"),
    });
    await person("requester").command("/cody cancel j00000000000000ff");
    await expect.poll(async () => (await refusedIn("cancel"))[0]?.sentence).toContain("There is no such job");
    expect(await store.readAudit({ jobId: "j00000000000000ff" }, { limit: 5 })).toEqual([]);
    await person("requester").command("/cody audit");
    await told(person("requester"), /Only an admin of Cody may see that/);
    await expect.poll(async () => (await refusedIn("use"))[0]?.sentence).toBe("Only an admin of Cody may see that.");
    await app?.stop();
    await open({ settings: { ...depsOver(store).settings, admins: ["U0SECOND"] } });
    await person("second").command("/cody audit");
    await told(person("second"), /beside jobs, latest first/);
    const blocks = JSON.stringify(person("second").ephemerals().at(-1)!.blocks);
    expect(blocks).toContain(" was refused to submit (Jobs are started in");
    expect(blocks).toContain("U0REQUESTER");
    // By its name, which Slack shows for an element of its own.
    expect(blocks).toMatch(
      /\{"type":"channel","channel_id":"C0OTHER"\}.*\{"type":"channel","channel_id":"G0PRIVATE"\}/,
    );
  });

  it("a repository outside the patterns is refused, and that is kept too", async () => {
    const { repositories } = depsOver(store);
    await open({ repositories: { ...repositories, refusal: (name) => `${name} is not one of ours.` } });
    expect(await submit(person("requester"))).toMatchObject({
      errors: { repositories: "acme/orders is not one of ours. acme/shop is not one of ours." },
    });
    await expect.poll(async () => (await refusedIn("submit"))[0]?.sentence).toContain("acme/shop is not one of ours");
  });

  it("the audit says who was refused and who did it", async () => {
    await open();
    await submit(person("requester"));
    const [job] = await jobsOf("U0REQUESTER");
    await person("second").command(`/cody cancel ${job!.jobId}`);
    await told(person("second"), /Only the person who asked/);
    await person("requester").command(`/cody cancel ${job!.jobId}`);
    const kept = await store.readAudit({ jobId: job!.jobId }, { limit: 10 });
    expect(kept.map(({ action, result, by }) => [action, result, by])).toEqual([
      ["cancel", "done", "U0REQUESTER"],
      ["cancel", "refused", "U0SECOND"],
      ["submit", "done", "U0REQUESTER"],
    ]);
  });

  it("no ack waits for an audit row, and the listener ends after it", async () => {
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    let kept = 0;
    const recordAudit = async () => {
      await written;
      kept += 1;
    };
    await open({ store: { ...store, recordAudit } });
    expect(await submit(person("requester"))).toEqual({ closed: true });
    expect(kept).toBe(0);
    write();
    await expect.poll(() => kept).toBe(1);
  });

  it("an audit row that cannot be written does not undo or deny the decision", async () => {
    const logged: string[] = [];
    const recordAudit = async () => Promise.reject(new Error("the table is away"));
    await open({ store: { ...store, recordAudit }, log: (line) => logged.push(line) });
    const before = (await jobsOf("U0REQUESTER")).length;
    expect(await submit(person("requester"))).toEqual({ closed: true });
    expect(await jobsOf("U0REQUESTER")).toHaveLength(before + 1);
    expect(logged.join("\n")).toMatch(/audit: done submit .* was not kept/);
  });
});

describe("GitHub rights of people whose login is known", () => {
  it("a mapped person without rights is refused at submit, beside the field; others go by the patterns", async () => {
    const asked: string[] = [];
    const github = await gitHubWith((path) => {
      asked.push(path);
      return path.includes("/acme/orders/") ? "read" : "write";
    });
    const rights = createRights((repository, login) => mayPush(github.client, repository, login), Date.now);
    const { lacksRights, isRefused } = createPersonalRights({
      people: { U0SECOND: "octocat" },
      mayPush: rights,
      log: () => {},
    });
    const { repositories } = depsOver(store);
    await open({
      repositories: { ...repositories, lacksRights, loginOf: () => "known" },
      settings: { ...depsOver(store).settings, strict: true },
    });

    const sentence = "You (octocat on GitHub) may not write to acme/orders.";
    expect(await submit(person("second"))).toEqual({ errors: { repositories: sentence } });
    expect(await (await person("second").modal()).submit()).toEqual({ errors: { repositories: sentence } });
    expect(asked.toSorted()).toEqual([
      "/repos/acme/orders/collaborators/octocat/permission",
      "/repos/acme/shop/collaborators/octocat/permission",
    ]);
    expect(await jobsOf("U0SECOND")).toEqual([]);
    expect((await refusedIn("submit"))[0]).toMatchObject({
      by: "U0SECOND",
      repositories: ["acme/orders", "acme/shop"],
    });
    // Said when it was chosen already, and not offered any more.
    const modal = await person("second").modal();
    const said = () => JSON.stringify(modal.view.blocks.find(({ block_id }) => block_id === "estimate"));
    await expect.poll(said).toContain(sentence);
    const known = ["U0SECOND", "U0REQUESTER"].map((userId) =>
      ["Acme/Orders", "acme/shop"].map((name) => isRefused(name, { userId })),
    );
    expect(known).toEqual([
      [true, false],
      [false, false],
    ]);
    expect(await submit(person("requester"))).toEqual({ closed: true });
    await github.stop();
  });

  it("a GitHub that does not answer in time refuses, for now", async () => {
    const mayPush = () => new Promise<boolean>(() => {});
    const options = { people: { U1: "octocat" }, mayPush, log: () => {}, deadlineMs: 20 };
    const { lacksRights, isRefused } = createPersonalRights(options);
    expect(await lacksRights("acme/orders", { userId: "U1" })).toMatch(/has not said yet/);
    expect(await lacksRights("acme/orders", { userId: "U2" })).toBeUndefined();
    expect(isRefused("acme/orders", { userId: "U1" })).toBe(false);
  });
});

async function gitHubWith(permission: (path: string) => string) {
  const server = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ permission: permission(request.url!) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    client: createGitHub({ token: "read", apiUrl }),
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
