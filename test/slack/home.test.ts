import { describe, expect, it } from "vitest";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { FILTER_FIELDS } from "../../slack/interactions/home-filter.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { aPatch, aPullRequest } from "../builders.ts";
import { daysAgo, historyWorld, homeAfter } from "./history-world.ts";

const world = historyWorld();

const openHome = () => homeAfter(world.requester, () => world.requester.openHome());
const click = (actionId: string, value?: string) =>
  homeAfter(world.requester, () => world.requester.clickHome(actionId, value));

describe("the home tab", () => {
  it("is a dashboard of this workspace: numbers of the month, what runs, what was, repositories", async () => {
    expect(await openHome()).toMatch(/There are no such jobs/);

    await world.job({ prompt: "Running one", createdAt: daysAgo(0.1) }, ["working", "unchanged"]);
    await world.job({ prompt: "Waiting one", createdAt: daysAgo(0.2) }, ["awaiting-approval"], { patch: aPatch() });
    await world.job({ prompt: "Done one", createdAt: daysAgo(1), userId: "U0SECOND" }, ["published", "failed"], {
      pullRequest: aPullRequest("acme/orders", 7),
    });
    await world.job({ prompt: "Last month's", createdAt: daysAgo(40) }, ["published"], {
      pullRequest: aPullRequest("acme/orders", 3),
    });
    await world.job({ prompt: "Their secret", teamId: "T0OTHERS", createdAt: daysAgo(1) }, ["working"]);

    const home = await openHome();
    expect(home).toContain("November 2026");
    expect(home).toMatch(/\*Jobs\*\n3 /);
    expect(home).toMatch(/\*Pull requests\*\n2 /);
    expect(home).toMatch(/\*Spent\*\n\$0\.20 /);
    expect(home).toMatch(/\*Median time to a result\*\n1 min 30 s/);
    const open = home.slice(home.indexOf("Running and waiting"), home.indexOf("\nJobs\n"));
    expect(open).toMatch(/Running one[\s\S]*1 of 2 done · 1 working/);
    expect(open).toMatch(/Waiting one[\s\S]*1 waiting for approval/);
    expect(open).not.toContain("Done one");
    expect(home).toMatch(/Done one[\s\S]*1 pull request, 1 failed · <@U0SECOND>/);
    expect(home).toContain("Last month's");
    expect(home).toMatch(/acme\/orders: 3 jobs, 1 pull request/);
    expect(home).not.toContain("secret");
    expect(world.workspace.refused).toEqual([]);
  });

  it("filters by person, state, repository and text, and shows all again", async () => {
    await openHome();
    const mine = await click(HOME_ACTIONS.whose, "mine");
    expect(mine).not.toContain("Done one");
    expect(mine).toContain("Waiting one");
    const published = await click(HOME_ACTIONS.state, "published");
    expect(published.slice(published.indexOf("\nJobs\n"))).not.toContain("Waiting one");
    expect(published).toContain("Last month's");

    await world.requester.clickHome(HOME_ACTIONS.filter);
    const modal = await world.requester.modal();
    await modal.fill({ [FILTER_FIELDS.text]: "NO SUCH", [REPOSITORIES_ACTION]: "acme/orders" });
    const none = await homeAfter(world.requester, () => modal.submit());
    expect(none).toMatch(/Jobs in acme\/orders, with “NO SUCH”\nThere are no such jobs/);

    const everything = await click(HOME_ACTIONS.clear);
    expect(everything).toContain("Done one");
    await click(HOME_ACTIONS.state, "failed");
    const failed = await openHome();
    expect(failed.slice(failed.indexOf("\nJobs\n"))).toMatch(/Done one/);
    expect(failed.slice(failed.indexOf("\nJobs\n"))).not.toMatch(/Running one|Waiting one/);
    await click(HOME_ACTIONS.clear);
  });

  it("pages through jobs, ten at a time, there and back, a filter within the pages", async () => {
    for (let i = 0; i < 23; i++)
      await world.job({ prompt: `Paged ${i} of ${i % 2 ? "odd" : "even"}`, createdAt: daysAgo(60 + i) }, ["unchanged"]);
    await openHome();
    await world.requester.clickHome(HOME_ACTIONS.filter);
    const modal = await world.requester.modal();
    await modal.fill({ [FILTER_FIELDS.text]: "paged", [REPOSITORIES_ACTION]: null });
    const shownIn = (home: string) => [...home.matchAll(/Paged (\d+)/g)].map(([, n]) => Number(n));
    const first = await homeAfter(world.requester, () => modal.submit());
    expect(shownIn(first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(shownIn(await click(HOME_ACTIONS.older))).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    const last = await click(HOME_ACTIONS.older);
    expect(shownIn(last)).toEqual([20, 21, 22]);
    expect(last).not.toContain("Older");
    expect(shownIn(await click(HOME_ACTIONS.newer))[0]).toBe(10);
    expect(await click(HOME_ACTIONS.newer)).toBe(first);
    await click(HOME_ACTIONS.clear);
  });

  it("starts a job whose card comes to the person", async () => {
    await openHome();
    await world.requester.clickHome(HOME_ACTIONS.run);
    const modal = await world.requester.modal();
    await modal.fill({ [FIELDS.prompt]: "From home", [REPOSITORIES_ACTION]: ["acme/api"] });
    expect(await modal.submit()).toEqual({ closed: true });
    const jobs = await world.store.jobsOfUser({ teamId: "T0LOCAL", userId: "U0REQUESTER" }, { limit: 100 });
    expect(jobs.items.find(({ prompt }) => prompt === "From home")).toMatchObject({ channelId: "U0REQUESTER" });
  });

  it("says when it cannot be read, and keeps the filter for the next try", async () => {
    await openHome();
    await click(HOME_ACTIONS.whose, "mine");
    const { store } = world.deps;
    world.deps.store = { ...store, runsOfJobs: async () => Promise.reject(new Error("the table is away")) };
    expect(await click(HOME_ACTIONS.refresh)).toMatch(/could not do that just now/);
    await expect.poll(() => world.workspace.logged.join()).toContain("the table is away");
    world.deps.store = store;
    expect(await click(HOME_ACTIONS.refresh)).toContain("My jobs");
    expect(world.requester.home()!.private_metadata).toContain('"mine"');
    await click(HOME_ACTIONS.clear);
  });

  it("bears the longest and strangest of everything", async () => {
    const long = `<!channel> *${"x".repeat(300)}* &\u202e`;
    const repositories = ["1", "2", "3", "4", "5"].map((n) => `${"o".repeat(39)}/${n.repeat(100)}`);
    for (let i = 0; i < 12; i++)
      await world.job({ prompt: long, repositories, createdAt: daysAgo(0.3) }, [
        "working",
        "failed",
        "awaiting-approval",
        "published",
        "cancelled",
      ]);
    const home = await openHome();
    expect(home).not.toContain("\u202e");
    expect(home).toMatch(/and \d+ more jobs/);
    expect(world.workspace.refused).toEqual([]);
  });
});
