import { describe, expect, it } from "vitest";
import { actOnAsk } from "../../packages/github/act-on-ask.ts";
import type { GitHub } from "../../packages/github/client.ts";
import { closeAsked } from "../../packages/github/close-asked.ts";
import { withoutFields } from "../../packages/github/known-fields.ts";
import { mergeAsked } from "../../packages/github/merge-asked.ts";
import {
  DEQUEUE,
  DISABLE_AUTO_MERGE,
  ENABLE_AUTO_MERGE,
  ENQUEUE,
  MERGE_LOOK_ASKED,
  MERGE_LOOK_QUERY,
} from "../../packages/github/merge-query.ts";
import { because } from "../../packages/jobs/reasons.ts";
import { aRecord, aRun } from "../builders.ts";
import { forgeWithBranches } from "../stand-ins/forge-branches.ts";
import { git } from "../stand-ins/forge-fixture.ts";
import { completed, problemsWithQuery } from "./graphql-description.ts";

const ONE = { one: { A: "1\n" } };
const [lapsed, waiting] = [{ state: "lapsed" }, { state: "waiting" }];

describe("a merge that was asked for", () => {
  it("is asked by texts that GitHub's own schema takes, and the schema completes the forge's answers to themselves", async () => {
    for (const text of [MERGE_LOOK_QUERY, ENABLE_AUTO_MERGE, DISABLE_AUTO_MERGE, ENQUEUE, DEQUEUE])
      expect(problemsWithQuery(text)).toEqual([]);
    const { writer, asks, repository } = await forgeWithBranches(ONE);
    repository.requiredChecks = ["build"];
    repository.autoMerge = true;
    const [ask] = asks;
    const id = ask!.nodeId;
    const answer = (text: string, variables: Record<string, string>) => writer.graphql(text, variables);
    const variables = { id, head: ask!.head, way: "SQUASH" };
    for (const [text, given] of [
      [MERGE_LOOK_QUERY, { id }],
      [ENABLE_AUTO_MERGE, variables],
      [MERGE_LOOK_QUERY, { id }],
      [DISABLE_AUTO_MERGE, { id }],
    ] as const)
      expect(await completed(text, given, await answer(text, given))).toEqual({ data: await answerAgain(text) });
    async function answerAgain(text: string) {
      // A mutation that was made is not made again: its answer says nothing but its name.
      const [, field = ""] = /\b(\w+PullRequest\w*)\(input/.exec(text) ?? [];
      return text === MERGE_LOOK_QUERY ? answer(text, { id }) : { [field]: { clientMutationId: null } };
    }
  });

  it("merges the pinned commit once nothing is in its way, by a way that the repository allows, and knows a merge that happened", async () => {
    const { writer, asks, repository, pullsOn, admin, place } = await forgeWithBranches({
      one: { A: "1\n" },
      two: { B: "2\n" },
    });
    const [one, two] = asks;
    const acting = { github: writer, ours: "cody-forge" };
    await admin.acts.setCheck(place(1), { name: "build", outcome: null });
    expect(await mergeAsked(one!, acting)).toEqual(waiting);
    await admin.acts.setCheck(place(1), { name: "build", outcome: "failure" });
    expect(await mergeAsked(one!, acting)).toEqual(waiting);
    await admin.acts.setCheck(place(1), { name: "build", outcome: "success" });
    repository.mergeMethods = ["squash", "rebase"];
    expect(await mergeAsked(one!, acting)).toMatchObject({ state: "done" });
    expect(pullsOn(1)).toMatchObject({ mergedBy: "cody-forge" });
    expect(git(admin.gitFolder("acme/app"), "log", "-1", "--format=%s%n%P", "main").split(/[\n ]/)).toHaveLength(3);
    expect(await mergeAsked(one!, acting)).toMatchObject({ state: "done" });
    expect(git(admin.gitFolder("acme/app"), "rev-list", "--count", "main").trim()).toBe("2");

    // The answer was lost, or the worker died right after it.
    admin.plan({ method: "PUT", path: /\/pulls\/2\/merge$/, kind: "lose-answer" });
    await expect(mergeAsked(two!, acting)).rejects.toThrow();
    expect(pullsOn(2).mergedAt).not.toBeNull();
    expect(await mergeAsked(two!, acting)).toMatchObject({ state: "done" });
    expect(git(admin.gitFolder("acme/app"), "rev-list", "--count", "main").trim()).toBe("3");
  });

  it("needs no merge queue: an older GitHub Enterprise Server knows none", async () => {
    const { writer, asks, admin } = await forgeWithBranches(ONE);
    admin.graphql.limits.lacks = MERGE_LOOK_ASKED.mayLack;
    expect(problemsWithQuery(withoutFields(MERGE_LOOK_ASKED.query, MERGE_LOOK_ASKED.mayLack))).toEqual([]);
    expect(await mergeAsked(asks[0]!, { github: writer, ours: "cody-forge" })).toMatchObject({ state: "done" });
  });

  it("lapses where the branch has moved, the pull request was closed, conflicts, or its person has no rights any more", async () => {
    const files = { A: "1\n" };
    const forge = await forgeWithBranches({
      moved: files,
      closed: { B: "1\n" },
      clash: { A: "2\n" },
      base: files,
      gone: { D: "" },
    });
    const { writer, asks, admin, place, pullsOn, push, repository } = forge;
    const [moved, closed, clash, base, gone] = asks;
    const acting = { github: writer, ours: "cody-forge" };
    await push("moved");
    expect(await mergeAsked(moved!, acting)).toMatchObject({ ...lapsed, reason: { code: "merge-moved" } });
    admin.acts.close(place(2), "ada");
    expect(await mergeAsked(closed!, acting)).toMatchObject({ ...lapsed, reason: { code: "merge-closed" } });
    repository.people.ada = "read";
    const asAda = { ...base!, login: "ada" };
    expect(await mergeAsked(asAda, acting)).toMatchObject({ ...lapsed, reason: { code: "merge-rights" } });
    repository.people.ada = "write";
    expect(await mergeAsked(asAda, acting)).toMatchObject({ state: "done" });
    git(forge.bare, "branch", "release", "main");
    const elsewhere = { ...acting, base: "release" };
    expect(await mergeAsked(gone!, elsewhere)).toMatchObject({ ...lapsed, reason: { code: "merge-other-base" } });
    // GitHub has given it another base, because its own was deleted.
    expect(await mergeAsked(gone!, { ...acting, base: "old" })).toMatchObject({
      ...lapsed,
      reason: { code: "merge-base-gone" },
    });
    expect(await mergeAsked(clash!, { ...acting, base: "main" })).toMatchObject({
      ...lapsed,
      reason: { code: "merge-conflicts" },
    });
    expect(await mergeAsked({ ...gone!, nodeId: "none" }, acting)).toMatchObject({ reason: { code: "merge-gone" } });
    const refused = await mergeAsked(gone!, { ...acting, github: forge.reader });
    expect(refused).toMatchObject({ ...lapsed, reason: { code: "merge-refused" } });
    expect([1, 2, 3, 5].map((number) => pullsOn(number).mergedAt)).toEqual([null, null, null, null]);
  });

  it("never goes round a rule: GitHub's no is kept as words, and a moved head between look and act merges nothing", async () => {
    const { writer, asks, admin, pullsOn, repository, push } = await forgeWithBranches({
      one: { A: "1\n" },
      two: { B: "1\n" },
    });
    const acting = { github: writer, ours: "cody-forge" };
    repository.rules = { reviews: 1, upToDate: false };
    expect(await mergeAsked(asks[0]!, acting)).toEqual(waiting);
    repository.rules = { reviews: 0, upToDate: false };
    const status = (status: number, message: string) =>
      ({ method: "PUT", path: /\/merge$/, kind: "status", status, body: { message } }) as const;
    admin.plan(status(405, "Repository rule violations found"));
    expect(await mergeAsked(asks[0]!, acting)).toEqual({ ...waiting, said: "Repository rule violations found" });
    admin.plan(status(409, "Head branch was modified. Review and try the merge again."));
    expect(await mergeAsked(asks[0]!, acting)).toMatchObject(waiting);
    admin.plan({ ...status(503, "Unavailable"), times: 1 });
    await expect(mergeAsked(asks[0]!, acting)).rejects.toThrow("Unavailable");
    const raced = { ...acting, github: racing(writer, () => push("two")) };
    expect(await mergeAsked(asks[1]!, raced)).toMatchObject({ ...lapsed, reason: { code: "merge-moved" } });
    expect([1, 2].map((number) => pullsOn(number).mergedAt)).toEqual([null, null]);
  });

  it("goes by the last look at the checks where its own token may not see them", async () => {
    const { client, asks, admin, place, repository } = await forgeWithBranches({ one: { A: "1\n" } });
    repository.rules = { reviews: 1, upToDate: false };
    repository.autoMerge = true;
    await admin.acts.setCheck(place(1), { name: "build", outcome: "success" });
    const permissions = { contents: "write", metadata: "read", pull_requests: "write" } as const;
    const installation = { id: 1, account: "acme", repositoryIds: null, permissions, expiresAt: "2100-01-01" };
    admin.addToken({ token: "ghs_1", login: "cody[bot]", scope: "write", installation });
    const acting = { github: client("ghs_1"), ours: "cody[bot]" };
    expect(await mergeAsked(asks[0]!, acting)).toEqual(waiting);
    expect(await mergeAsked(asks[0]!, { ...acting, wasGreen: true })).toMatchObject({ state: "auto-merge" });
  });

  it("hands over to auto-merge and to a merge queue where there is one, and takes back what it has handed over", async () => {
    const { writer, asks, admin, place, pullsOn, repository, push } = await forgeWithBranches({
      one: { A: "1\n" },
      two: { B: "1\n" },
      three: { C: "1\n" },
    });
    const acting = { github: writer, ours: "cody-forge" };
    repository.requiredChecks = ["build"];
    repository.autoMerge = true;
    repository.mergeMethods = ["rebase"];
    const [one, two, three] = asks;
    // A check that no rule asks for would not keep GitHub from merging while it runs, nor when it has failed.
    expect(await mergeAsked(one!, acting)).toEqual(waiting);
    for (const outcome of [null, "failure"] as const) {
      await admin.acts.setCheck(place(1), { name: "lint", outcome });
      expect(await mergeAsked(one!, acting)).toEqual(waiting);
      expect(pullsOn(1).autoMergeBy).toBeNull();
    }
    for (const number of [1, 2, 3]) await admin.acts.setCheck(place(number), { name: "lint", outcome: "success" });
    for (const ask of [one!, two!]) expect(await mergeAsked(ask, acting)).toMatchObject({ state: "auto-merge" });
    expect(pullsOn(1)).toMatchObject({ autoMergeBy: "cody-forge", autoMergeMethod: "rebase" });
    expect(await mergeAsked({ ...one!, state: "auto-merge" }, acting)).toEqual({ state: "auto-merge" });
    // It is tried again, and fails: what was handed over is taken back, and handed over once more when it has passed.
    // Where the answer to that is lost, it waits as well: that nothing is handed over then is no person's doing.
    await admin.acts.setCheck(place(1), { name: "lint", outcome: null });
    let isLost = true;
    writer.hook.after("request", (_, { query }) => {
      if (isLost && query === DISABLE_AUTO_MERGE) throw new Error("The connection was closed.");
    });
    expect(await mergeAsked({ ...one!, state: "auto-merge" }, acting)).toEqual({ ...waiting, soon: true });
    expect(pullsOn(1).autoMergeAt).toBeNull();
    isLost = false;
    admin.acts.autoMerge(place(1), true, { by: "cody-forge" });
    expect(await mergeAsked(one!, acting)).toEqual(waiting);
    expect(pullsOn(1).autoMergeAt).toBeNull();
    await admin.acts.setCheck(place(1), { name: "lint", outcome: "success" });
    expect(await mergeAsked(one!, acting)).toMatchObject({ state: "auto-merge" });
    await admin.acts.setCheck(place(1), { name: "build", outcome: "success" });
    expect(await mergeAsked({ ...one!, state: "auto-merge" }, acting)).toMatchObject({ state: "done" });
    await push("two");
    expect(await mergeAsked({ ...two!, state: "auto-merge" }, acting)).toMatchObject({
      reason: { code: "merge-moved" },
    });
    expect(pullsOn(2).autoMergeAt).toBeNull();

    repository.mergeQueue = true;
    expect(await mergeAsked(three!, acting)).toMatchObject({ state: "auto-merge" });
    admin.acts.autoMerge(place(3), false);
    await admin.acts.setCheck(place(3), { name: "build", outcome: "success" });
    expect(await mergeAsked(three!, acting)).toMatchObject({ state: "queued" });
    // The queue's checks failed, or a person took it out: it is not put in again.
    admin.acts.enqueue(place(3), false);
    for (const state of ["queued", "auto-merge"] as const)
      expect(await mergeAsked({ ...three!, state }, acting)).toMatchObject({ reason: { code: "merge-let-go" } });
    expect(pullsOn(3).isQueued).toBe(false);
    admin.acts.enqueue(place(3), true);
    const lapse = because("merge-stopped", "acme/app#3");
    expect(await mergeAsked({ ...three!, state: "queued" }, { ...acting, lapse })).toEqual({
      ...lapsed,
      reason: lapse,
    });
    expect(pullsOn(3)).toMatchObject({ isQueued: false, mergedAt: null });
    // A person has set it on GitHub: that a commit of theirs came later is no reason to undo it.
    repository.mergeQueue = false;
    await admin.acts.setCheck(place(3), { name: "build", outcome: null });
    admin.acts.autoMerge(place(3), true, { by: "ada" });
    expect(await mergeAsked({ ...three!, head: "0" }, acting)).toMatchObject({ reason: { code: "merge-moved" } });
    expect(pullsOn(3).autoMergeBy).toBe("ada");
  });
});

describe("a merge into a base that changes its name", () => {
  it("follows a branch that is renamed, and says that a pull request was closed with its base", async () => {
    const { writer, asks, admin, bare, place } = await forgeWithBranches({ one: { A: "1\n" }, two: { B: "1\n" } });
    const acting = { github: writer, ours: "cody-forge", base: "main" };
    await admin.renameBranch("acme/app", "main", "trunk");
    expect(await mergeAsked(asks[0]!, acting)).toMatchObject({ state: "done" });
    git(bare, "branch", "-D", "trunk");
    admin.acts.close(place(2), "github");
    expect(await mergeAsked(asks[1]!, acting)).toMatchObject({ ...lapsed, reason: { code: "merge-closed-base" } });
  });
});

describe("closing that was asked for", () => {
  it("closes with a word of who asked, where they may be named, and leaves what was merged", async () => {
    const { writer, asks, admin, pullsOn, reader } = await forgeWithBranches({ one: { A: "1\n" }, two: { B: "1\n" } });
    const ask = { ...asks[0]!, kind: "close" as const, login: "ada" };
    expect(await closeAsked(reader, ask, { namesPeople: true })).toMatchObject({ reason: { code: "close-refused" } });
    expect(await closeAsked(writer, ask, { namesPeople: true })).toEqual({ state: "done" });
    expect(await closeAsked(writer, ask, { namesPeople: true })).toEqual({ state: "done" });
    expect(admin.comments("acme/app").map(({ body }) => body)).toEqual([
      "Closed with the other pull requests of job `j0123456789abcdef`. `ada` asked for it in Slack.",
    ]);
    expect(pullsOn(1)).toMatchObject({ state: "closed", closedBy: "cody-forge" });
    await admin.merge("acme/app", 2);
    const merged = await closeAsked(writer, { ...asks[1]!, kind: "close" }, { namesPeople: false });
    expect(merged).toMatchObject({ reason: { code: "close-merged" } });
    // The name leads to another repository now, whose pull request has the same number.
    const another = await closeAsked(writer, { ...ask, nodeId: asks[1]!.nodeId }, { namesPeople: false });
    expect(another).toMatchObject({ reason: { code: "ask-another" } });
  });
});

describe("what is asked for, when its turn comes", () => {
  it("is not done for a person who may not write any more, and names none where everyone may read it by now", async () => {
    const { writer, asks, admin, repository, pullsOn } = await forgeWithBranches({ one: { A: "1\n" } });
    const ask = { ...asks[0]!, kind: "close" as const, login: "ada" };
    const record = aRecord([aRun({ repository: "acme/app", isPrivate: true })]);
    const access = async () => ({ github: writer, ours: "cody-forge" });
    const act = () => actOnAsk(ask, record, { access, lapse: undefined, clock: { sleep: async () => {} } });
    repository.people.ada = "read";
    expect(await act()).toMatchObject({ ...lapsed, reason: { code: "ask-rights" } });
    expect(pullsOn(1).state).toBe("open");
    repository.people.ada = "write";
    repository.isPublic = true;
    expect(await act()).toEqual({ state: "done" });
    expect(admin.comments("acme/app")[0]!.body).toContain("A person asked for it in Slack.");
  });
});

/** Right before this client merges, something happens. */
function racing(github: GitHub, happens: () => Promise<unknown>): GitHub {
  github.hook.before("request", async (request) => {
    if (request.method === "PUT") await happens();
  });
  return github;
}
