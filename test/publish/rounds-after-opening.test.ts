import { describe, expect, it } from "vitest";
import { systemClock } from "../../packages/clock/clock.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { readPullRequests } from "../../packages/github/read-pull-requests.ts";
import { offers } from "../../packages/jobs/offers.ts";
import { renderCard } from "../../packages/views/card.ts";
import { reviewBrief } from "../../packages/work/review-comments.ts";
import { git } from "../workspace/origin.ts";
import { publishStage } from "./stage.ts";

const stage = publishStage();

/** A pull request whose checks fail, and a round on them that has made its change. */
async function fixing() {
  const on = await stage.open();
  const one = await on.job();
  const { pullRequest } = await one.run({ "a.txt": "two\n" });
  await one.seen({ checks: "failed", failed: ["build"] });
  expect(await one.nextRound({ kind: "fix-checks" })).toMatchObject({ state: "queued", looksAfter: true });
  await one.worked({ "b.txt": "fixed\n" });
  const branch = pullRequest!.branch;
  const card = async () => JSON.stringify(renderCard(await one.record()).blocks);
  return { ...on, one, pullRequest: pullRequest!, branch, card };
}

type Fixing = Awaited<ReturnType<typeof fixing>>;

describe("while a round on failing checks runs", () => {
  it.each<[string, (on: Fixing) => unknown, object, string]>([
    [
      "its pull request is merged",
      ({ forge, repository }) => forge.admin.merge(repository, 1),
      { state: "patch-ready", reason: { code: "pull-request-closed" } },
      "Pull request #1 was merged meanwhile, so nothing was added to it.",
    ],
    [
      "a person pushes by force",
      ({ folder, branch }) => git(folder, ["update-ref", `refs/heads/${branch}`, "main"]),
      { state: "failed", reason: { code: "branch-moved" } },
      "so Cody left it alone. Download the patch and apply it by hand",
    ],
    [
      "a person pushes a commit of their own",
      ({ forge, repository, branch }) =>
        forge.admin.commit(repository, branch, {
          message: "Mine\n",
          date: "2026-01-02T00:00:00Z",
          files: { c: "c\n" },
        }),
      { state: "failed", reason: { code: "branch-moved" } },
      "so Cody left it alone. Download the patch and apply it by hand",
    ],
    [
      // GitHub then closes what was to be merged into it.
      "its base is deleted",
      ({ folder, pulls }) => {
        git(folder, ["update-ref", "-d", "refs/heads/main"]);
        pulls()[0]!.state = "closed";
      },
      { state: "patch-ready", reason: { code: "pull-request-closed" } },
      "Pull request #1 was closed meanwhile, so nothing was added to it.",
    ],
  ])("%s: nothing is pushed, the card says so, and the change can be downloaded", async (_, happens, ends, words) => {
    const on = await fixing();
    await happens(on);
    const before = on.at(on.branch);
    expect(await on.one.published()).toMatchObject({ ...ends, patch: { files: 2 } });
    expect(on.at(on.branch)).toBe(before);
    expect(await on.card()).toContain(words);
    expect(offers(await on.one.record()).patches).toHaveLength(1);
  });

  it("GitHub answers 5xx for an hour: it ends in two minutes with its words, and Retry adds the change once", async () => {
    const on = await fixing();
    const { forge, repository, one, branch, pullRequest } = on;
    const clock = { ms: 0 };
    const waited = {
      ...systemClock,
      elapsedMs: () => clock.ms,
      async sleep(ms: number) {
        clock.ms += ms;
      },
    };
    let isDown = true;
    const its = new RegExp(`${repository}(?:\\.git)?/`);
    const path = Object.assign(/its/, { test: (asked: string) => isDown && its.test(asked) });
    forge.admin.plan({ kind: "status", status: 503, path, times: 500 });
    const down = await one.published({ clock: waited, deadlineMs: 120_000 });
    expect(down).toMatchObject({ state: "failed", patch: { files: 2 }, reason: { code: "github-unavailable" } });
    expect(clock.ms).toBeLessThanOrEqual(120_000);
    expect(await on.card()).toContain("Publishing failed for 2 min: ");
    isDown = false;
    expect(on.at(branch)).toBe(pullRequest.commit);
    await one.nextRound({ kind: "retry" });
    const up = await one.published();
    expect(up).toMatchObject({ state: "published", pullRequest: { number: 1, commit: on.at(branch) } });
    expect(on.at(`${branch}^`)).toBe(pullRequest.commit);
  });
});

describe("a round on a review", () => {
  async function reviewed(author: string) {
    const on = await stage.open();
    on.forge.admin.repository(on.repository).people = { ada: "write", ro: "read" };
    const one = await on.job();
    const { pullRequest } = await one.run({ "a.txt": "two\n" });
    const place = on.forge.admin.placeOf(on.repository, 1);
    on.forge.admin.acts.comment(place, { author, path: "a.txt", line: 1, body: "Is this needed at all?" });
    const reader = createGitHub({ token: on.forge.readToken, apiUrl: on.forge.apiUrl, secondMs: 10 });
    const replies = () => on.forge.admin.threads(on.repository)[0]!.comments.slice(1);
    return { ...on, one, reader, replies, pullRequest: pullRequest!, place };
  }

  it("takes up no word of a person without rights, offered or not", async () => {
    const { one, reader, repository, pullRequest } = await reviewed("ro");
    const asked = { nodeId: pullRequest.nodeId!, repository };
    const { looks } = await readPullRequests(reader, [asked], async () => true);
    expect(looks.get(asked.nodeId)).toMatchObject({ comments: { unanswered: 0 } });
    await expect(one.nextRound({ kind: "answer-review" })).rejects.toThrow(/No review comment to answer now/);
    // Who wrote it has lost the rights since the last look.
    await one.seen({ unanswered: 1 });
    const run = await one.nextRound({ kind: "answer-review" });
    const brief = await reviewBrief(reader, run, (text) => text);
    expect(brief).toMatchObject({ kind: "stop", reason: { code: "nothing-to-answer" } });
  });

  /** What it comes to where the model finds that nothing of the change is needed. */
  async function notNeeded() {
    const on = await reviewed("ada");
    await on.one.seen({ unanswered: 1 });
    await on.one.nextRound({ kind: "answer-review" });
    await on.one.answered(() => "You are right: it is not.");
    return on;
  }

  it("that ends with nothing needed says so to each person, once, wherever its publisher dies, and can be closed", async () => {
    const { one, replies, forge, at, pullRequest } = await notNeeded();
    for (const point of ["replied", "answered"]) {
      const log = (event: string) => {
        if (event === point) throw new Error("Spot takes the task away");
      };
      await expect(one.published({ log })).rejects.toThrow("Spot");
      expect(replies()).toHaveLength(1);
    }
    const run = await one.published();
    expect(run).toMatchObject({ state: "unchanged", ending: "unchanged" });
    expect(run.reason).toBeUndefined();
    expect(replies()).toMatchObject([{ body: expect.stringContaining("You are right: it is not.") }]);
    expect(at(pullRequest.branch)).toBe(pullRequest.commit);
    expect(forge.admin.pullRequests(run.repository)[0]).toMatchObject({ state: "open" });
    expect(offers(await one.record()).rounds.close).toHaveLength(1);
    // A person agrees.
    await one.nextRound({ kind: "close" });
    expect(await one.published()).toMatchObject({ pullRequest: { closed: true } });
    expect(forge.admin.pullRequests(run.repository)[0]).toMatchObject({ state: "closed" });
    expect(replies()).toHaveLength(1);
  });

  it("that GitHub does not let say so names what is offered then, and no Retry", async () => {
    const { one, forge, repository, replies } = await notNeeded();
    const its = new RegExp(`${repository}(?:\\.git)?/`);
    forge.admin.plan({ kind: "status", status: 503, path: its, times: 500 });
    const run = await one.published({ deadlineMs: 50 });
    expect(run).toMatchObject({ state: "unchanged", reason: { code: "github-unavailable" } });
    expect(run.reason!.nextStep).toMatch(/^People may not have been told on GitHub: close the pull request/);
    const { rounds } = offers(await one.record());
    expect([rounds.close.length, rounds.retry.length, replies().length]).toEqual([1, 0, 0]);
  });
});
