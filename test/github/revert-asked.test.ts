import { describe, expect, it } from "vitest";
import { revertAsked } from "../../packages/github/revert-asked.ts";
import type { ForgeMergeMethod } from "../../packages/stand-ins/forge/state.ts";
import { forgeWithBranches } from "../stand-ins/forge-branches.ts";
import { git } from "../stand-ins/forge-fixture.ts";

const clock = { sleep: async () => {} };
const reverting = { ours: "cody-forge", namesPeople: false, place: { nth: 1, of: 1 }, clock };

describe("a revert that was asked for", () => {
  it.each<ForgeMergeMethod>(["merge", "squash", "rebase"])(
    "takes back a %s of two commits and nothing that came later, on a branch of ours, and is never merged by us",
    async (method) => {
      const { writer, asks, admin, bare, push, pullsOn } = await forgeWithBranches({
        "cody/x": { A: "1\n" },
        later: { B: "2\n" },
      });
      await push("cody/x");
      await admin.merge("acme/app", 1, { method });
      await admin.merge("acme/app", 2);
      const ask = { ...asks[0]!, kind: "revert" as const };
      const done = await revertAsked(ask, { ...reverting, github: writer });
      expect(done).toEqual({ state: "done", revert: { number: 3, url: expect.any(String), conflicts: false } });
      const revert = pullsOn(3);
      expect(revert).toMatchObject({ headBranch: "cody/j0123456789abcdef-revert-1", state: "open", mergedAt: null });
      expect(revert.title).toBe('Revert "cody/x" (#1)');
      expect(revert.body).toContain("A person asked for it in Slack.");
      await admin.merge("acme/app", 3);
      expect(git(bare, "ls-tree", "--name-only", "main").trim().split("\n")).toEqual(["B", "README"]);
    },
  );

  it("knows a squash that has the message of its last commit from a rebase, and a base that was renamed since", async () => {
    const { writer, asks, admin, bare } = await forgeWithBranches({ "cody/x": { A: "1\n" } });
    const last = { message: "cody/x (#1)\n", date: "2022-01-02T00:00:00Z", files: { B: "2\n" } };
    await admin.commit("acme/app", "cody/x", last);
    await admin.merge("acme/app", 1, { method: "squash" });
    await admin.renameBranch("acme/app", "main", "trunk");
    const done = await revertAsked({ ...asks[0]!, kind: "revert" }, { ...reverting, github: writer });
    expect(done).toMatchObject({ state: "done", revert: { number: 2 } });
    await admin.merge("acme/app", 2);
    expect(git(bare, "ls-tree", "--name-only", "trunk").trim()).toBe("README");
    git(bare, "branch", "-m", "trunk", "gone");
    const baseless = await revertAsked({ ...asks[0]!, kind: "revert" }, { ...reverting, github: writer });
    expect(baseless).toMatchObject({
      reason: { code: "revert-refused", message: expect.stringContaining("branch main") },
    });
  });

  it("finds all commits of a rebase that left out a merge of the base, and does not guess where GitHub lists too few", async () => {
    const { writer, asks, admin, bare, push } = await forgeWithBranches({
      "cody/x": { A: "1\n" },
      later: { B: "2\n" },
    });
    await push("cody/x");
    await admin.merge("acme/app", 2);
    const tree = git(bare, "merge-tree", "--write-tree", "cody/x", "main").trim();
    const parents = ["-p", "cody/x", "-p", "main"];
    git(bare, "update-ref", "refs/heads/cody/x", git(bare, "commit-tree", tree, ...parents, "-m", "Update").trim());
    await admin.merge("acme/app", 1, { method: "rebase" });
    const ask = { ...asks[0]!, kind: "revert" as const };
    expect(await revertAsked(ask, { ...reverting, github: writer })).toMatchObject({ state: "done" });
    await admin.merge("acme/app", 3);
    expect(git(bare, "ls-tree", "--name-only", "main").trim().split("\n")).toEqual(["B", "README"]);
    writer.hook.after("request", (response, { url }) => {
      if (/\/pulls\/1\/commits\b/.test(url)) response.data = Array(250).fill(response.data[0]);
    });
    expect(await revertAsked(ask, { ...reverting, github: writer })).toMatchObject({
      reason: { code: "revert-unknown" },
    });
  });

  it("is one pull request also where its repository has another name by now", async () => {
    const { writer, asks, admin } = await forgeWithBranches({ "cody/x": { A: "1\n" } });
    await admin.merge("acme/app", 1);
    await admin.rename("acme/app", "acme/shop");
    const ask = { ...asks[0]!, kind: "revert" as const };
    const done = { state: "done", revert: { number: 2 } };
    expect(await revertAsked(ask, { ...reverting, github: writer })).toMatchObject(done);
    expect(await revertAsked(ask, { ...reverting, github: writer })).toMatchObject(done);
    expect(admin.pullRequests("acme/shop")).toHaveLength(2);
  });

  it("says that it conflicts with what came later, and what is not merged or cannot be written is a reason", async () => {
    const { writer, reader, asks, admin } = await forgeWithBranches({
      "cody-x": { README: "1\n" },
      open: { B: "2\n" },
    });
    await admin.merge("acme/app", 1);
    await admin.commit("acme/app", "main", {
      message: "Later\n",
      date: "2022-01-02T00:00:00Z",
      files: { README: "2\n" },
    });
    const ask = { ...asks[0]!, kind: "revert" as const };
    const refused = await revertAsked(ask, { ...reverting, github: reader });
    expect(refused).toMatchObject({ state: "lapsed", reason: { code: "revert-refused" } });
    const done = await revertAsked(ask, { ...reverting, github: writer, place: { nth: 2, of: 3 } });
    expect(done).toMatchObject({ state: "done", revert: { number: 3, conflicts: true } });
    const { headBranch, body } = admin.pullRequests("acme/app")[2]!;
    expect(headBranch).toBe("cody-j0123456789abcdef-revert-1");
    expect(body).toContain("It is number 2 of 3 reverts of this job");
    const open = await revertAsked({ ...asks[1]!, kind: "revert" }, { ...reverting, github: writer });
    expect(open).toMatchObject({ reason: { code: "revert-unmerged" } });
  });

  it("is one pull request however often it is begun: killed after the commit, the branch, the pull request", async () => {
    const { writer, asks, admin, bare } = await forgeWithBranches({ "cody/x": { A: "1\n" } });
    await admin.merge("acme/app", 1);
    const ask = { ...asks[0]!, kind: "revert" as const };
    const github = writer;
    github.hook.before("request", (request) => {
      request.request = { ...request.request, retries: 0 };
    });
    for (const path of [/\/git\/commits$/, /\/git\/refs$/, /\/pulls$/]) {
      admin.plan({ method: "POST", path, kind: "lose-answer" });
      await expect(revertAsked(ask, { ...reverting, github })).rejects.toThrow();
    }
    const both = await Promise.all([1, 2].map(() => revertAsked(ask, { ...reverting, github })));
    expect(both).toEqual([both[0], both[0]]);
    expect(admin.pullRequests("acme/app")).toHaveLength(2);
    expect(git(bare, "branch", "--list", "cody/*revert*").trim().split("\n")).toHaveLength(1);
    // A person has pushed to it since: it is theirs.
    const branch = "cody/j0123456789abcdef-revert-1";
    await admin.commit("acme/app", branch, { message: "More\n", date: "2022-01-02T00:00:00Z", files: { M: "" } });
    expect(await revertAsked(ask, { ...reverting, github })).toMatchObject({ reason: { code: "revert-refused" } });
  });
});
