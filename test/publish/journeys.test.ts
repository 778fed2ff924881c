import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../packages/clock/clock.ts";
import { isStale } from "../../packages/jobs/run-pull-request.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { LeaseLost } from "../../packages/store/lease-lost.ts";
import { git } from "../workspace/origin.ts";
import { publishStage } from "./stage.ts";

const stage = publishStage();
const TWO = { "a.txt": "two\n" };

describe("GitHub on a bad day", () => {
  it("errors of a server and cut connections end as one pull request", async () => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    const git = new RegExp(`${repository}.git/git-`);
    forge.admin.plan({ kind: "status", status: 502, path: new RegExp(`${repository}.git/info`) });
    forge.admin.plan({ kind: "cut", method: "POST", path: git });
    const open = { method: "POST", path: new RegExp(`${repository}/pulls$`) };
    forge.admin.plan({ kind: "status", status: 503, body: "<html><h1>Unicorn!</h1></html>", times: 5, ...open });
    expect(await one.published({ deadlineMs: 20_000 })).toMatchObject({
      state: "published",
      pullRequest: { number: 1 },
    });
    expect(pulls()).toHaveLength(1);
  });

  it("a limit without an end is said as one", async () => {
    const { forge, repository, job } = await stage.open();
    const body = { message: "You have exceeded a secondary rate limit." };
    forge.admin.plan({ kind: "status", status: 403, body, times: 99, path: new RegExp(`${repository}/pulls`) });
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    const run = await one.published({ deadlineMs: 50 });
    expect(run).toMatchObject({ state: "failed", patch: { files: 1 }, reason: { code: "github-rate-limit" } });
  });

  it("one that does not come back is a sentence with GitHub's words, and the patch is kept", async () => {
    const { forge, repository, job } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    forge.admin.plan({ kind: "status", status: 503, path: new RegExp(`${repository}.git/`), times: 99 });
    const run = await one.published({ deadlineMs: 50 });
    expect(run).toMatchObject({ state: "failed", patch: { files: 1 }, reason: { code: "github-unavailable" } });
    expect(run.reason?.message).toMatch(/^Publishing failed for \d+ s: .*503/);
  });
});

describe("who asked", () => {
  it.each([
    [false, "Asked for by Ada:"],
    [true, "Asked for:"],
  ])("where everyone may read the repository by the time it is published (%s), is %j", async (isPublic, words) => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job({ requester: { name: "Ada" } });
    expect(await one.planned(1)).toMatchObject({ isPrivate: true });
    await one.worked(TWO);
    forge.admin.repository(repository).isPublic = isPublic;
    expect(await one.published()).toMatchObject({ state: "published" });
    expect(pulls()[0]!.body).toContain(words);
  });
});

describe("what comes after a pull request is open", () => {
  it("does not lose it: a limit on the labels and on the look at conflicts", async () => {
    const { forge, repository, job } = await stage.open();
    const limit = { kind: "secondary-limit", retryAfterS: 3_600, times: 9 } as const;
    forge.admin.plan({ ...limit, path: new RegExp(`${repository}/issues/1/labels`) });
    forge.admin.plan({ ...limit, method: "GET", path: new RegExp(`${repository}/pulls/1$`) });
    expect(await (await job()).run(TWO)).toMatchObject({ state: "published", pullRequest: { number: 1 } });
  });

  it("a close that GitHub refuses leaves the run as it was, with the reason and the button", async () => {
    const { forge, repository, job, pulls, branches } = await stage.open();
    const one = await job();
    await one.run(TWO);
    await one.foundNothing();
    forge.admin.repository(repository).archived = true;
    await one.nextRound({ kind: "close", repositories: [repository] });
    const refused = await one.published();
    expect(refused).toMatchObject({ state: "unchanged", reason: { code: "archived" } });
    expect(isStale(refused)).toBe(true);
    await one.nextRound({ kind: "close", repositories: [repository] });
    const noToken = { code: "token-refused", message: "No token.", nextStep: "" };
    expect(await one.published({ refused: noToken })).toMatchObject({ state: "unchanged", reason: noToken });
    forge.admin.repository(repository).archived = false;
    await one.nextRound({ kind: "close", repositories: [repository] });
    const closed = await one.published();
    expect(closed).toMatchObject({ state: "unchanged", pullRequest: { closed: true } });
    expect(closed.reason).toBeUndefined();
    expect(pulls()).toMatchObject([{ state: "closed" }]);
    expect(branches()).toEqual(["main"]);
  });

  it("a close keeps the branch that was merged, that a person moved, or that the repository's rules keep", async () => {
    for (const kept of ["merged", "moved", "protected"] as const) {
      const { forge, repository, folder, job, pulls, branches } = await stage.open();
      const one = await job();
      const { pullRequest } = await one.run(TWO);
      await one.foundNothing();
      const branch = pullRequest!.branch;
      if (kept === "merged") await forge.admin.merge(repository, pullRequest!.number);
      else if (kept === "moved") git(folder, ["update-ref", `refs/heads/${branch}`, "main"]);
      else {
        const body = { message: "Cannot delete this branch" };
        forge.admin.plan({ kind: "status", status: 422, body, method: "DELETE", path: /git\/refs/ });
      }
      await one.nextRound({ kind: "close", repositories: [repository] });
      expect(await one.published()).toMatchObject({ state: "unchanged", pullRequest: { closed: true } });
      expect(pulls()).toMatchObject([{ state: "closed" }]);
      expect(branches()).toEqual([branch, "main"]);
    }
  });
});

describe("an attempt that lost its lease meanwhile", () => {
  it("pushes nothing", async () => {
    const { job, pulls, branches } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    const plain = createRedactor([]);
    const redactAll: typeof plain.redactAll = async (value) => {
      // The last thing before the push: what the commit says.
      if (typeof value === "object" && value !== null && "isFollowUp" in value) await one.claimedByAnother();
      return value;
    };
    await expect(one.published({ redactor: { ...plain, redactAll } })).rejects.toThrow(LeaseLost);
    expect([branches(), pulls()]).toEqual([["main"], []]);
  });

  it("opens nothing, however long it was told to wait before", async () => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    const body = { message: "Validation Failed", errors: ["was submitted too quickly"] };
    forge.admin.plan({ kind: "status", status: 422, body, method: "POST", path: new RegExp(`${repository}/pulls$`) });
    const sleep = async () => void (await one.claimedByAnother());
    await expect(one.published({ clock: { ...systemClock, sleep } })).rejects.toThrow(LeaseLost);
    expect(pulls()).toEqual([]);
  });
});

describe("a push that GitHub declines", () => {
  it("is tried once, and says what GitHub says however far up that stands", async () => {
    const { repository, job, refuses, folder } = await stage.open();
    const noise = Array.from({ length: 20 }, (_, i) => `echo "       hint ${i}"`).join("\n");
    await refuses(`exec >&2
echo "error: GH013: Repository rule violations found for refs/heads/x."
echo "- Commits must have verified signatures."
${noise}
exit 1`);
    const one = await job();
    const run = await one.run(TWO);
    expect(run).toMatchObject({ state: "failed", patch: { files: 1 }, reason: { code: "push-denied" } });
    expect(run.reason?.message).toMatch(/^GitHub declined the push: Commits must have verified signatures; hint 0/);
    expect(run.reason?.nextStep).toMatch(/CODY_SIGNING_KEY/);
    expect(readFileSync(join(folder, "hooks", "pre-receive.count"), "utf8")).toBe("x\n");
    expect(repository).toBeTruthy();
  });

  it("an archive that came while Cody worked is named", async () => {
    const { forge, repository, job } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    forge.admin.repository(repository).archived = true;
    const run = await one.published();
    expect(run).toMatchObject({ state: "failed", reason: { code: "archived" }, patch: { files: 1 } });
    forge.admin.repository(repository).archived = false;
    await one.nextRound({ kind: "retry" });
    expect(await one.published()).toMatchObject({ state: "published", pullRequest: { number: 1 } });
  });
});

describe("names", () => {
  it("a branch named cody: the branch stands beside it, also for who publishes again after that one is gone", async () => {
    const { folder, job, branches, pulls } = await stage.open();
    git(folder, ["branch", "cody", "main"]);
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    const first = await one.published();
    expect(first).toMatchObject({ state: "published", pullRequest: { branch: expect.stringMatching(/^cody-j/) } });
    git(folder, ["branch", "-D", "cody"]);
    const again = await one.nextRound({ kind: "refine", prompt: "More." });
    expect(again.pullRequest?.number).toBe(1);
    await one.worked({ "b.txt": "b\n" });
    expect(await one.published()).toMatchObject({ pullRequest: { number: 1, branch: first.pullRequest?.branch } });
    expect(branches()).toEqual([first.pullRequest?.branch, "main"]);
    expect(pulls()).toHaveLength(1);
  });

  it("a base branch that was renamed while Cody worked is named, and a retry opens on the new one for nothing", async () => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job();
    await one.planned(1);
    await one.worked(TWO);
    await forge.admin.renameBranch(repository, "main", "trunk");
    const run = await one.published();
    expect(run).toMatchObject({ state: "failed", reason: { code: "pull-request-refused" } });
    expect(run.reason?.message).toBe(
      `${repository} has no branch main any more: it was renamed or deleted while Cody worked.`,
    );
    const retried = await one.nextRound({ kind: "retry" });
    expect(retried).toMatchObject({ baseBranch: "trunk", ending: "changed", baseCommit: run.baseCommit });
    expect(await one.published()).toMatchObject({ state: "published" });
    expect(pulls()).toMatchObject([{ baseBranch: "trunk" }]);
  });
});

describe("a follow-up", () => {
  it.each([true, false])(
    "after a merge begins anew on the merged base (its branch deleted: %s)",
    async (deleteBranch) => {
      const { forge, repository, job, pulls, at } = await stage.open();
      const one = await job();
      const first = await one.run(TWO);
      await forge.admin.merge(repository, 1, { deleteBranch });
      const second = await one.nextRound({ kind: "refine", prompt: "Also b." });
      expect(second).toMatchObject({
        baseCommit: at("main"),
        state: "queued",
        leftBehind: [{ round: 2, state: "merged" }],
      });
      expect([second.pullRequest, second.patch]).toEqual([undefined, undefined]);
      await one.worked({ "b.txt": "b\n" });
      const published = await one.published();
      expect(published).toMatchObject({ state: "published", pullRequest: { number: 2 } });
      expect(published.pullRequest?.branch).not.toBe(first.pullRequest?.branch);
      expect(pulls()[1]).toMatchObject({ state: "open", baseSha: at("main") });
      expect(
        git(forge.admin.gitFolder(repository), ["diff", "--name-only", "main", pulls()[1]!.headSha]).toString(),
      ).toBe("b.txt\n");
      // And the round after that goes on with the new one.
      await one.nextRound({ kind: "refine", prompt: "Also c." });
      await one.worked({ "c.txt": "c\n" });
      expect(await one.published()).toMatchObject({ pullRequest: { number: 2 } });
      expect(pulls()).toHaveLength(2);
    },
  );

  it("after a person closed it goes on where it was, in a new pull request", async () => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job();
    const first = await one.run(TWO);
    forge.admin.pullRequests(repository)[0]!.state = "closed";
    const second = await one.nextRound({ kind: "refine", prompt: "Otherwise." });
    expect(second).toMatchObject({ baseCommit: first.baseCommit, patch: first.patch });
    expect(second.leftBehind).toMatchObject([{ round: 2, state: "closed", pullRequest: { number: 1 } }]);
    await one.worked({ "b.txt": "b\n" });
    expect(await one.published()).toMatchObject({
      state: "published",
      pullRequest: { number: 2 },
      patch: { files: 2 },
    });
    expect(pulls().map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("that was worked on while it was merged: nothing is pushed, and the patch is kept", async () => {
    const { forge, repository, job, branches, at } = await stage.open();
    const one = await job();
    await one.run(TWO);
    await one.nextRound({ kind: "refine", prompt: "Also b." });
    await one.worked({ "b.txt": "b\n" });
    const before = at(branches().find((name) => name.startsWith("cody/"))!);
    await forge.admin.merge(repository, 1);
    const run = await one.published();
    expect(run).toMatchObject({ state: "patch-ready", reason: { code: "pull-request-closed" } });
    expect(run.reason?.message).toBe("Pull request #1 was merged meanwhile, so nothing was added to it.");
    expect(at(branches().find((name) => name.startsWith("cody/"))!)).toBe(before);
  });
});

describe("a round that changed nothing", () => {
  it("makes no commit: the pull request keeps the one that it has", async () => {
    const { job, pulls, at } = await stage.open();
    const one = await job();
    const { pullRequest } = await one.run(TWO);
    await one.nextRound({ kind: "refine", prompt: "Is that all?" });
    await one.worked({});
    const run = await one.published();
    expect(run).toMatchObject({ state: "published", round: 2, pullRequest: { commit: pullRequest!.commit } });
    expect(pulls()).toMatchObject([{ headSha: pullRequest!.commit }]);
    expect(at(pullRequest!.branch)).toBe(pullRequest!.commit);
  });
});

describe("a pull request that is closed between the looks at it", () => {
  it("holds what was pushed, and the run says that it is closed", async () => {
    const { forge, repository, job, pulls } = await stage.open();
    const one = await job();
    await one.run(TWO);
    await one.nextRound({ kind: "refine", prompt: "Also b." });
    await one.worked({ "b.txt": "b\n" });
    const plain = createRedactor([]);
    const redactAll: typeof plain.redactAll = async (value) => {
      // The first thing behind the push: what the pull request says.
      if (typeof value === "object" && value !== null && "baseCommit" in value)
        forge.admin.pullRequests(repository)[0]!.state = "closed";
      return value;
    };
    const run = await one.published({ redactor: { ...plain, redactAll } });
    expect(run).toMatchObject({ state: "patch-ready", reason: { code: "pull-request-closed" }, patch: { files: 2 } });
    expect(pulls()).toMatchObject([{ number: 1, state: "closed" }]);
  });
});

describe("a job that repeats another one", () => {
  it("costs nothing while that one's pull request is open; Retry runs it all the same", async () => {
    const { forge, repository, job } = await stage.open();
    const first = await (await job({ prompt: "Raise minimist to 1.2.8." })).run(TWO);
    const again = await job({ prompt: "  raise `minimist`  to 1.2.8 " });
    const refused = await again.planned(1);
    expect(refused).toMatchObject({ state: "failed", turns: 0, reason: { code: "repeats-open-pull-request" } });
    expect(refused.reason?.message).toContain(first.pullRequest!.url);
    expect(await again.nextRound({ kind: "retry" })).toMatchObject({ state: "queued" });

    const other = await (await job({ prompt: "Raise minimist to 1.2.9." })).planned(1);
    expect(other).toMatchObject({ state: "queued", alsoOpen: [{ number: 1, url: first.pullRequest!.url }] });
    const patch = await job({ prompt: "Raise minimist to 1.2.8.", options: { delivery: "patch-only" } });
    expect(await patch.planned(1)).toMatchObject({ state: "queued" });

    forge.admin.pullRequests(repository)[0]!.state = "closed";
    expect(await (await job({ prompt: "Raise minimist to 1.2.8." })).planned(1)).toMatchObject({ state: "queued" });
  });
});

describe("what runs by itself", () => {
  const WORKFLOWS = Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`.github/workflows/w${i}.yml`, "uses: actions/checkout@v4\n"]),
  );
  const bumped = Object.fromEntries(Object.keys(WORKFLOWS).map((path) => [path, "uses: actions/checkout@v5\n"]));

  it("stays a patch without consent, and says how to get it", async () => {
    const { job, pulls } = await stage.open(WORKFLOWS);
    const run = await (await job()).run(bumped);
    expect(run).toMatchObject({ state: "patch-ready", reason: { code: "protected-path" } });
    expect(run.reason?.nextStep).toContain("May change CI");
    expect(pulls()).toEqual([]);
  });

  it("with consent is a draft that names it, although the check passed", async () => {
    const { job, pulls } = await stage.open(WORKFLOWS);
    const verification = { command: "npm test", exitCode: 0, timedOut: false, durationMs: 5, tail: "" };
    const options = { mayChangeCi: true, verifyCommand: verification.command };
    const run = await (await job({ options })).run(bumped, { verification });
    const other = await job({ options, prompt: "Raise minimist to 1.2.8." });
    expect(await other.run({ "a.txt": "two\n" }, { verification })).toMatchObject({
      pullRequest: { draft: false },
    });
    expect(run).toMatchObject({ state: "published", pullRequest: { draft: true }, ciPermission: "unknown" });
    expect(run.runsByItself).toHaveLength(10);
    expect(run.runsByItselfCount).toBe(Object.keys(WORKFLOWS).length);
    expect(pulls()[0]).toMatchObject({ draft: true });
    expect(pulls()[0]?.body).toMatch(/changes what runs by itself[\s\S]*`\.github\/workflows\/w0\.yml`/);
  });

  it("a token without that permission is found before anything is paid, or refused by GitHub with the remedy", async () => {
    const { forge, repository, job } = await stage.open(WORKFLOWS);
    forge.admin.addToken({ token: `classic-${repository}`, login: "cody-forge", scope: "write", scopes: ["repo"] });
    const one = await job({ options: { mayChangeCi: true } });
    await one.planned(1);
    await one.worked(bumped);
    const run = await one.published({ token: `classic-${repository}` });
    expect(run).toMatchObject({ state: "failed", reason: { code: "workflow-permission" }, patch: { files: 10 } });
    expect(run.reason?.message).toContain("`.github/workflows/w0.yml`");
  });
});
