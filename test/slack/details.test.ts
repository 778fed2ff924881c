import { describe, expect, it } from "vitest";
import { lookActionId, lookValue, PLACES, type Place } from "../../packages/views/history/places.ts";
import { aPatch, aPullRequest, aVerdict } from "../builders.ts";
import { daysAgo, historyWorld, homeAfter, modalSaying, NOW } from "./history-world.ts";

const world = historyWorld();

/** A message of ours with one button that leads to a place, as a card has it. */
function buttonTo(place: Place) {
  const message = world.workspace.slack.workspace.post("C0CODY", {
    user: "U0CODYBOT",
    text: "A card",
    blocks: [
      {
        type: "actions",
        block_id: "b",
        elements: [
          {
            type: "button",
            action_id: lookActionId("here"),
            text: { type: "plain_text", text: "Details" },
            value: lookValue(place),
          },
        ],
      },
    ],
  });
  return () => world.requester.click(message.ts, lookActionId("here"));
}

describe("details in a modal", () => {
  it("lead from the dashboard to a job, to a repository in it, to its history, and back", async () => {
    const verification = { command: "mvn -q verify", exitCode: 1, timedOut: false, durationMs: 4_000, tail: "BOOM" };
    const job = await world.job(
      { prompt: "Raise it\nand more of it", options: { delivery: "draft-pr", model: "m-1", capUsd: 7 } },
      ["published", "unchanged"],
      {
        verdict: aVerdict(),
        patch: aPatch(),
        verification,
        pullRequest: aPullRequest("acme/orders", 12),
        lost: { turns: 1, usd: 0.03 },
      },
    );
    await world.job({ prompt: "An older one", createdAt: daysAgo(3) }, ["failed"], {
      reason: { code: "empty", message: "It is empty.", nextStep: "Push a commit." },
    });
    const { requester } = world;
    const decided = { teamId: "T0LOCAL", jobId: job.jobId, at: NOW.toISOString(), action: "approve" as const };
    await world.store.recordAudit({ ...decided, by: "U0REQUESTER", result: "done", repositories: ["acme/orders"] });
    await world.store.recordAudit({ ...decided, by: "U0SECOND", result: "refused", sentence: "Not yours." });
    await homeAfter(requester, () => requester.openHome());
    await requester.clickHome(lookActionId("job-0"));
    const modal = await modalSaying(requester, "What it took");
    const said = await modalSaying(requester, /and more of it/).then(({ view }) => JSON.stringify(view.blocks));
    expect(said).toMatch(/2 of 2 done/);
    expect(said).toMatch(/Draft pull requests/);
    expect(said).toMatch(/\$7\.00/);
    expect(said).toMatch(/Lost in crashes.*2 turns lost, about \$0\.06/);
    expect(said).toMatch(/asked for the job \(round 1\)/);
    expect(said).toMatch(/= No changes needed · pull request #\d+: open · 2\. acme\/shop/);
    expect(said).toMatch(/U0REQUESTER[^}]*},[^}]* approve: acme\/orders/);
    expect(said).toMatch(/U0SECOND[^}]*},[^}]* was refused to approve \(Not yours\.\)/);

    await modal.click(lookActionId("run-0"));
    await modalSaying(requester, "Changes were necessary");
    const run = JSON.stringify(modal.view.blocks);
    for (const words of [
      "log4j.version was 2.14.1",
      "mvn -q verify",
      "BOOM",
      "1 turn lost, about $0.03: asked for, but a runner died",
      "github.com/acme/orders/pull/12",
    ])
      expect(run).toContain(words);

    await modal.click(lookActionId("repository"));
    const history = JSON.stringify((await modalSaying(requester, "An older one")).view.blocks);
    expect(history).toMatch(/Raise it.*Pull request #12.*An older one.*✗ Failed/);

    await modal.click(PLACES.back);
    await modalSaying(requester, "Changes were necessary");
    await modal.click(PLACES.back);
    await modalSaying(requester, "What it took");
    expect(JSON.stringify(modal.view.blocks)).not.toContain(PLACES.back);
    expect(world.workspace.refused).toEqual([]);
  });

  it("a repository's history has pages, and Back leads through them", async () => {
    const repositories = ["acme/paged"];
    for (let i = 0; i < 13; i++)
      await world.job({ prompt: `Number ${i}.`, repositories, createdAt: daysAgo(10 + i) }, ["unchanged"]);
    await buttonTo({ kind: "repository", repository: "acme/paged" })();
    const modal = await modalSaying(world.requester, "Number 9.");
    expect(JSON.stringify(modal.view.blocks)).not.toContain("Number 10.");
    await modal.click(lookActionId("older"));
    await modalSaying(world.requester, "Number 12.");
    await modal.click(PLACES.back);
    await modalSaying(world.requester, "Number 0.");
  });

  it("the modal stands before anything is read", async () => {
    const job = await world.job({ prompt: "A slow table" }, ["working"]);
    const { readJob } = world.store;
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.deps.store = {
      ...world.store,
      readJob: async (jobId) => {
        await slow;
        return readJob(jobId);
      },
    };
    const clicked = buttonTo({ kind: "job", jobId: job.jobId })();
    await modalSaying(world.requester, "Loading");
    release();
    await modalSaying(world.requester, "A slow table");
    expect(await clicked).toEqual({ ok: true });
  });

  it("another workspace's job does not exist, nor does its repository's history", async () => {
    const theirs = { teamId: "T0OTHERS", prompt: "Their secret", repositories: ["acme/theirs"] };
    const job = await world.job(theirs, ["published"], { patch: aPatch() });
    const places: Place[] = [
      { kind: "job", jobId: job.jobId },
      { kind: "run", jobId: job.jobId, repository: "acme/theirs" },
      { kind: "conversation", jobId: job.jobId, repository: "acme/theirs", round: 1, style: "simple", turn: 1 },
    ];
    for (const place of places) {
      await buttonTo(place)();
      const modal = await modalSaying(world.requester, "There is no such job in this workspace.");
      await modal.close();
    }
    const foreign = world.store.cursorOfRun((await world.store.readJob(job.jobId))!.runs[0]!);
    await buttonTo({ kind: "repository", repository: "acme/theirs", after: foreign })();
    const modal = await modalSaying(world.requester, "Cody has done nothing here yet.");
    expect(JSON.stringify(modal.view)).not.toContain("secret");
  });

  it("a repository that was not looked at yet, and a value that is none of ours, are said in a sentence", async () => {
    const job = await world.job({ prompt: "Just begun" }, []);
    await buttonTo({ kind: "run", jobId: job.jobId, repository: "acme/orders" })();
    await modalSaying(world.requester, "has not looked at acme/orders yet");
    await (await world.requester.modal()).close();
    await buttonTo({ kind: "nowhere" } as unknown as Place)();
    expect(world.requester.hasModal()).toBe(false);
    expect(world.workspace.logged.join()).toContain("does not know that button");
  });

  it("bear the longest and strangest of everything", async () => {
    const words = (length: number) => `<!channel> \u202e"\\\n${"ж".repeat(length)}`.slice(0, length);
    const repositories = ["1", "2", "3", "4", "5"].map((n) => `${"o".repeat(39)}/${n.repeat(100)}`);
    const command = words(1_000);
    const job = await world.job(
      {
        prompt: words(9_000),
        repositories,
        options: {
          delivery: "open-pr",
          model: "m".repeat(100),
          capUsd: 5,
          setupCommand: command,
          verifyCommand: command,
        },
      },
      ["failed", "failed", "failed", "failed", "failed"],
      {
        verdict: aVerdict({
          summary: words(3_000),
          evidence: Array.from({ length: 20 }, () => ({ path: words(500), note: words(1_000) })),
        }),
        reason: { code: "x", message: words(500), nextStep: words(500) },
        patchOnly: { code: "x", message: words(500), nextStep: words(500) },
        patch: aPatch(),
        verification: { command, exitCode: null, timedOut: true, durationMs: 1, tail: words(30_000) },
      },
    );
    for (let round = 2; round < 20; round++)
      await world.store.insertRound({
        jobId: job.jobId,
        round,
        kind: "refine",
        repositories,
        prompt: words(9_000),
        requestedBy: "U0REQUESTER",
        requestedAt: NOW.toISOString(),
      });
    await buttonTo({ kind: "job", jobId: job.jobId })();
    const modal = await modalSaying(world.requester, "What happened");
    await modal.click(lookActionId("run-0"));
    await modalSaying(world.requester, "What was inspected");
    expect(JSON.stringify(modal.view)).not.toContain("\u202e");
    expect(world.workspace.refused).toEqual([]);
  });
});
