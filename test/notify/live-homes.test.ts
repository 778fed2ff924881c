import { WebAPIRateLimitedError } from "@slack/web-api";
import { beforeEach, describe, expect, it } from "vitest";
import { createSlackClient } from "../../packages/notify/client.ts";
import { type LiveHomeDeps, showHomes } from "../../packages/notify/live-homes.ts";
import { createRateLimiter } from "../../packages/notify/rate-limiter.ts";
import { TEAM } from "../../packages/stand-ins/slack/workspace.ts";
import { HOME_ACTIONS } from "../../packages/views/history/home-state.ts";
import { historyWorld, homeAfter, NOW, wordsOf } from "../slack/history-world.ts";
import { slotsOf } from "../slack/world.ts";

const world = historyWorld();
let passed = 0;
let deps: LiveHomeDeps;
let lines: string[] = [];

beforeEach(() => {
  passed = 0;
  lines = [];
  const sleep = async (ms: number) => {
    passed += ms;
  };
  const now = () => new Date(NOW.getTime() + passed);
  deps = {
    slack: createSlackClient("xoxb-local", { slackApiUrl: world.workspace.slack.apiUrl }),
    store: world.store,
    rateLimiter: createRateLimiter({ slots: slotsOf(world.store), now: () => now().getTime(), sleep }),
    now,
    readRights: { readable: async () => () => true },
    sleep,
    log: (line) => lines.push(line),
  };
  world.deps.now = now;
});

const published = () => world.workspace.callsOf("views.publish");
const shown = () => wordsOf(world.requester.home()!);
/** The app keeps its row of the look once Slack has taken the view. */
async function look(person = world.requester, act = () => person.openHome() as unknown) {
  await homeAfter(person, act);
  const { hash } = person.home()!;
  const hashes = async () => (await world.store.homesOfTeam(TEAM.id, new Date(0))).map((home) => home.hash);
  await expect.poll(hashes).toContain(hash);
}
/** The first repository of the job moves, as the pipeline would move it. */
const move = (jobId: string, activity: string, state: "working" | "unchanged" = "working") =>
  world.store.moveRun({ jobId, repository: "acme/orders", round: 1 }, ["queued", "working"], { state, activity });

describe("the dashboard while a person looks at it", () => {
  it("moves with the jobs, and the filter stays as it was chosen", async () => {
    await look();
    await look(world.requester, () => world.requester.clickHome(HOME_ACTIONS.whose, "mine"));
    const { jobId } = await world.job({ prompt: "Live one" }, ["queued"]);
    await showHomes(deps, [jobId], [jobId]);
    expect(shown()).toMatch(/Live one[\s\S]*1 queued/);
    await move(jobId, "done", "unchanged");
    await showHomes(deps, [jobId], []);
    expect(shown()).toMatch(/Live one[\s\S]*1 unchanged/);
    expect(world.requester.home()!.private_metadata).toContain('"mine"');
    expect(world.second.home()).toBeUndefined();
    expect([world.workspace.refused, lines]).toEqual([[], []]);
  });

  it("shows progress every few seconds and an ending at once, and makes no call when nothing changed", async () => {
    const { jobId } = await world.job({ prompt: "Paced one" }, ["queued"]);
    await look();
    const before = published();
    for (let second = 0; second < 12; second++) {
      passed += 1_000;
      await world.store.moveRun({ jobId, repository: "acme/orders", round: 1 }, ["queued", "working"], {
        state: "working",
        spendUsd: second / 10,
      });
      await showHomes(deps, [jobId], []);
    }
    expect(published() - before).toBe(4);
    await move(jobId, "done", "unchanged");
    await showHomes(deps, [jobId], []);
    await showHomes(deps, [jobId], []);
    expect(published() - before).toBe(5);
  });

  it("leaves progress out and lets an ending wait when there is no slot", async () => {
    const { jobId } = await world.job({ prompt: "Crowded one" }, ["queued"]);
    await look();
    const before = published();
    passed += 60_000;
    while (await deps.rateLimiter.mayShowHome(true));
    await move(jobId, "reading");
    await showHomes(deps, [jobId], []);
    expect(published() - before).toBe(0);
    const at = passed;
    await move(jobId, "done", "unchanged");
    await showHomes(deps, [jobId], []);
    expect([published() - before, passed - at]).toEqual([1, 1_000]);
  });

  it("is left alone ten minutes after the last look, and for jobs of another workspace", async () => {
    await look();
    const before = published();
    const theirs = await world.job({ prompt: "Foreign one", teamId: "T0OTHER" }, ["unchanged"]);
    await showHomes(deps, [theirs.jobId], [theirs.jobId]);
    passed += 11 * 60_000;
    const { jobId } = await world.job({ prompt: "Late one" }, ["unchanged"]);
    await showHomes(deps, [jobId], [jobId]);
    expect(published()).toBe(before);
  });

  it("does not overwrite what the person has chosen meanwhile", async () => {
    await look();
    const { store } = deps;
    const { jobId } = await world.job({ prompt: "Raced one" }, ["unchanged"]);
    deps.store = {
      ...store,
      // Between our reading and our publishing, the person chooses a filter.
      homesOfTeam: async (teamId, since) => {
        const homes = await store.homesOfTeam(teamId, since);
        await homeAfter(world.requester, () => world.requester.clickHome(HOME_ACTIONS.state, "failed"));
        return homes;
      },
    };
    await showHomes(deps, [jobId], [jobId]);
    expect(world.requester.home()!.private_metadata).toContain('"failed"');
    expect(world.workspace.refused).toEqual([expect.stringContaining("hash_conflict")]);
    expect(lines).toEqual([]);
  });

  it("that cannot be shown to one person holds up no other, and what Slack says of waiting holds for all", async () => {
    await look();
    passed += 1_000;
    await look(world.second);
    const { slack } = deps;
    const failing = (error: Error) => ({
      views: {
        publish: (async (view: { user_id: string }) =>
          view.user_id === "U0SECOND" ? Promise.reject(error) : slack.views.publish(view as never)) as never,
      },
    });
    deps.slack = failing(new Error("user_not_found"));
    const { jobId } = await world.job({ prompt: "Shown to the other" }, ["unchanged"]);
    await showHomes(deps, [jobId], [jobId]);
    expect(shown()).toContain("Shown to the other");
    expect(lines).toEqual(["home tab of U0SECOND: Error: user_not_found"]);
    deps.slack = failing(new WebAPIRateLimitedError(30));
    const next = await world.job({ prompt: "Too early" }, ["unchanged"]);
    await showHomes(deps, [next.jobId], [next.jobId]);
    expect(shown()).not.toContain("Too early");
    expect(await deps.rateLimiter.mayShowHome(true)).toBe(false);
  });

  it("a Slack that fails costs no card: it is logged", async () => {
    await look();
    deps.slack = createSlackClient("xoxb-wrong", { slackApiUrl: world.workspace.slack.apiUrl });
    const { jobId } = await world.job({ prompt: "Unlucky one" }, ["unchanged"]);
    await showHomes(deps, [jobId], [jobId]);
    expect(new Set(lines.map((line) => /invalid_auth/.exec(line)?.[0]))).toEqual(new Set(["invalid_auth"]));
  });

  it("shows each person the jobs that they may read", async () => {
    // Later than any look of the tests before.
    passed = 3_600_000;
    const theirs =
      async ({ userId }: { userId: string }) =>
      (job: { userId: string }) =>
        job.userId === userId;
    deps.readRights = { readable: theirs };
    world.deps.readRights = { readers: "requester", mayRead: async () => false, readable: theirs };
    await look();
    await look(world.second);
    const { jobId } = await world.job({ prompt: "For my eyes", repositories: ["acme/orders"] }, ["working"]);
    await showHomes(deps, [jobId], [jobId]);
    await expect.poll(shown).toContain("For my eyes");
    expect(wordsOf(world.second.home()!)).not.toContain("For my eyes");
    expect(lines).toEqual([]);
  });
});
