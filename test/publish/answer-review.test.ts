import { describe, expect, it } from "vitest";
import { askReview, readReview } from "../../packages/github/read-review.ts";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { answerReview } from "../../packages/publish/answer-review.ts";
import type { LeasedDeps } from "../../packages/publish/publish-deps.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import { aPullRequest, aRun, aVerdict } from "../builders.ts";
import { forgeWithPulls } from "../stand-ins/forge-pulls.ts";

async function opened() {
  const forge = await forgeWithPulls(1);
  const place = forge.place(1);
  place.repository.people = { ada: "write" };
  const { acts } = forge.admin;
  acts.comment(place, { author: "ada", path: "NEWS", line: 1, body: "Rename it." });
  acts.comment(place, { author: "ada", path: "NEWS", line: 1, body: "And this?" });
  await acts.review(place, { author: "ada", state: "CHANGES_REQUESTED", body: "Add a test." });
  const { nodeId } = forge.asked[0]!;
  const waiting = async () => (await readReview((await askReview(forge.reader, nodeId))!, async () => true)).waiting;
  const reread = async () => {
    const found = await waiting();
    const read = Object.fromEntries(found.map((one) => [one.id, one.read]));
    return { round: 2, threads: found.map(({ id }) => id), read };
  };
  const answering = await reread();
  const ids = answering.threads;
  const replies = ids.map((thread, i) => ({ thread, body: `Done ${i}, @ada. <!-- hidden -->` }));
  const run = (changes: Partial<RepoRun> = {}) =>
    aRun({
      ...{ repository: "acme/app", round: 2, looksAfter: true, answering },
      verdict: aVerdict({ replies }),
      ...changes,
    });
  const go = (changes: Partial<RepoRun> = {}, deps: Partial<LeasedDeps> = {}) =>
    answerReview(run(changes), { nodeId, number: 1 }, {
      ...{ github: forge.writer, redactor: createRedactor([]), log: () => {}, holdLease: async () => {} },
      ...deps,
    } as LeasedDeps);
  const said = () => [
    ...forge.admin.threads("acme/app").map(({ comments }) => comments.slice(1).map(({ body }) => body)),
    forge.admin.comments("acme/app").map(({ body }) => body),
  ];
  return { ...forge, go, said, waiting, reread, ids };
}

describe("replies to a review", () => {
  it("are posted once each, where the comment stands, inert and marked; threads stay open", async () => {
    const { go, said, waiting, admin, ids } = await opened();
    expect(await go()).toBeUndefined();
    const [, second] = ids;
    expect(said()).toEqual([
      [expect.stringContaining("Done 1, @\u200bada. &lt;!-- hidden -->\n\n<!-- cody-batch read:")],
      [expect.stringContaining("Done 0")],
      [expect.stringContaining("Done 2")],
    ]);
    expect(
      said()
        .flat()
        .some((body) => body.includes(`answers:${second} `)),
    ).toBe(true);
    expect(admin.threads("acme/app").every(({ isResolved }) => !isResolved)).toBe(true);
    expect(await waiting()).toEqual([]);
    const before = JSON.stringify(said());
    expect(await go()).toBeUndefined();
    expect(JSON.stringify(said())).toBe(before);
  });

  it("are posted once, too, when a publisher dies between two of them or does not hear that one is posted", async () => {
    const { go, said, admin } = await opened();
    let held = 0;
    const dying = async () => {
      held += 1;
      if (held === 2) throw new Error("Spot takes the task away");
    };
    await expect(go({}, { holdLease: dying })).rejects.toThrow("Spot");
    expect(said().flat()).toHaveLength(1);
    admin.plan({ method: "POST", path: /issues\/1\/comments/, kind: "lose-answer" });
    await go().catch(() => go());
    expect(said().map((one) => one.length)).toEqual([1, 1, 1]);
  });

  it("go to no comment that the round was not given, and from a round that was given none nowhere", async () => {
    const { go, said, ids } = await opened();
    await go({ answering: undefined });
    expect(said().flat()).toEqual([]);
    await go({
      answering: { round: 2, threads: [ids[0]!] },
      verdict: aVerdict({ replies: [{ thread: "invented", body: "x" }] }),
    });
    expect(said().flat()).toHaveLength(0);
  });

  it("go to no words that were changed after they were read: those wait, and it is said", async () => {
    const { go, said, waiting, admin, ids } = await opened();
    const [first, second] = admin.threads("acme/app");
    first!.comments[0]!.body = "Delete it.";
    second!.comments.splice(0);
    expect(await go()).toBe(
      "2 comments were changed or taken back after Cody had read them, and got no reply: press Answer review for those that wait.",
    );
    expect(said().map((one) => one.length)).toEqual([0, 0, 1]);
    // What is not needed any more has no Answer review.
    expect(await go({ ending: "unchanged", pullRequest: aPullRequest("acme/app", 1) })).toMatch(
      /and got no reply: follow up in the job's thread on those that wait\.$/,
    );
    expect((await waiting()).map(({ id }) => id)).toEqual([ids[1]]);
  });

  it("swallow no word that was written after they were read", async () => {
    const { go, said, waiting, admin, place } = await opened();
    const [first] = admin.threads("acme/app");
    const later = () => admin.acts.reply(place(1), first!.id, { author: "ada", body: "Sorry, leave it." });
    later();
    expect(await go()).toBeUndefined();
    expect(said().map((one) => one.length)).toEqual([2, 1, 1]);
    // It stands before our reply, and waits all the same.
    expect(await waiting()).toMatchObject([{ said: [{ body: "Rename it." }, { body: "Sorry, leave it." }, {}] }]);
    later();
    expect(await waiting()).toHaveLength(1);
  });

  it("stand in a thread of many words too, whatever was written there meanwhile", async () => {
    const { go, said, waiting, admin, place, reread } = await opened();
    const [first] = admin.threads("acme/app");
    const write = (body: string) => admin.acts.reply(place(1), first!.id, { author: "ada", body });
    for (let i = 0; i < 12; i++) write(`No ${i}.`);
    const answering = await reread();
    expect((await waiting()).find(({ id }) => id === answering.threads[1])!.said).toHaveLength(10);
    for (let i = 12; i < 15; i++) write(`No ${i}.`);
    expect(await go({ answering })).toBeUndefined();
    expect(said()[0]!.at(-1)).toContain("Done 1");
    expect(await waiting()).toHaveLength(1);
    // A word of those that were read, changed.
    first!.comments[8]!.body = "Yes.";
    expect(await go({ answering: { ...answering, round: 3 } })).toMatch(/^1 comment was changed/);
  });

  it("that GitHub does not take are told, and the others are posted", async () => {
    const { go, said, admin, reader } = await opened();
    expect(await go({}, { github: reader })).toMatch(/^GitHub did not take 3 replies: Resource not accessible/);
    expect(said().flat()).toEqual([]);
    admin.plan({
      method: "POST",
      path: /issues\/1\/comments/,
      kind: "status",
      status: 403,
      body: { message: "Locked" },
    });
    expect(await go()).toBe("GitHub did not take 1 reply: Locked");
    expect(said().map((one) => one.length)).toEqual([1, 1, 0]);
  });

  it("of the scripted model say so", async () => {
    const { go, said } = await opened();
    await go({ scripted: true });
    expect(
      said()
        .flat()
        .every((body) => body.includes("scripted stand-in")),
    ).toBe(true);
  });
});
