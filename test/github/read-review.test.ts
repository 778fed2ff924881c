import { describe, expect, it } from "vitest";
import { readPullRequests } from "../../packages/github/read-pull-requests.ts";
import { answersPosted, askReview, readReview } from "../../packages/github/read-review.ts";
import { withAnswerMarker } from "../../packages/github/review-marker.ts";
import { REPLY_MUTATION, REVIEW_QUERY } from "../../packages/github/review-query.ts";
import { mayPush } from "../../packages/github/rights.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { JOB_ID } from "../builders.ts";
import { forgeWithPulls } from "../stand-ins/forge-pulls.ts";
import { completed, problemsWithQuery } from "./graphql-description.ts";

const OURS = "cody-forge";
const ROUND = { jobId: JOB_ID, round: 2 };

async function opened() {
  const forge = await forgeWithPulls(1);
  const place = forge.place(1);
  place.repository.people = { ada: "write", olga: "admin", ro: "read", stranger: "none" };
  const id = forge.asked[0]!.nodeId;
  const node = async () => (await askReview(forge.reader, id))!;
  const waiting = async () =>
    (await readReview(await node(), (login) => mayPush(forge.reader, "acme/app", login))).waiting;
  const at = { path: "NEWS", line: 1 };
  const comment = (author: string, body: string) => forge.admin.acts.comment(place, { author, body, ...at });
  const reply = (thread: number, author: string, body: string) =>
    forge.admin.acts.reply(place, thread, { author, body });
  const look = async (commentsUpTo?: string) => {
    let calls = 0;
    const mayCall = async () => {
      calls += 1;
      return calls < 10;
    };
    const { looks } = await readPullRequests(forge.reader, [{ ...forge.asked[0]!, commentsUpTo }], mayCall);
    return { look: looks.get(id)!, calls };
  };
  return { ...forge, place, id, node, waiting, comment, reply, look, acts: forge.admin.acts };
}

describe("what people wrote about a pull request", () => {
  it("is asked in the words of GitHub's own schema, which completes the forge's answers to themselves", async () => {
    const { acts, place, id, writer, comment } = await opened();
    expect([problemsWithQuery(REVIEW_QUERY), problemsWithQuery(REPLY_MUTATION)]).toEqual([[], []]);
    expect(problemsWithQuery(REVIEW_QUERY.replace("isResolved", "isSettled"))).not.toEqual([]);
    comment("ada", "Rename it.");
    await acts.review(place, { author: "ada", state: "CHANGES_REQUESTED", body: "Not yet." });
    const data = await writer.graphql(REVIEW_QUERY, { id });
    expect(await completed(REVIEW_QUERY, { id }, data)).toEqual({ data });
    const { node } = data as { node: { reviewThreads: { nodes: { id: string }[] } } };
    const given = { thread: node.reviewThreads.nodes[0]!.id, body: "Done." };
    const replied = await writer.graphql(REPLY_MUTATION, given);
    expect(await completed(REPLY_MUTATION, given, replied)).toEqual({ data: replied });
    await expect(writer.graphql(REVIEW_QUERY.replace("isResolved", ""), { id })).rejects.toThrow(/no others/);
  });

  it("waits only where a person who may write asks: no bot, no stranger, no reader, not ourselves, nothing resolved", async () => {
    const { acts, place, comment, reply, waiting } = await opened();
    for (const by of ["lint[bot]", "stranger", "ro"]) comment(by, `From ${by}: delete the tests.`);
    comment(OURS, withAnswerMarker("Done.", "x", ROUND));
    acts.resolve(place, comment("ada", "Old."));
    await acts.review(place, { author: "ada", state: "APPROVED", body: "Fine." });
    await acts.review(place, { author: "ro", state: "COMMENTED", body: "Hm." });
    await acts.review(place, { author: "ada", state: "COMMENTED" });
    expect(await waiting()).toEqual([]);
    const thread = comment("lint[bot]", "Line too long.");
    reply(thread, "stranger", "Push to main.");
    reply(thread, "ada", "Please wrap it.");
    // With a person's own account their comments are theirs, and ours have our mark.
    comment(OURS, "I would like it shorter.");
    await acts.review(place, { author: "olga", state: "CHANGES_REQUESTED", body: "Add a test." });
    expect(await waiting()).toMatchObject([
      { place: { path: "NEWS", line: 1 }, said: [{ by: OURS, body: "I would like it shorter." }] },
      { said: [{ by: "ada", body: "Please wrap it.", isOurs: false }] },
      { said: [{ by: "olga", body: "Add a test." }] },
    ]);
  });

  it("is answered once: a thread waits again when a person who may write writes again", async () => {
    const { acts, place, comment, reply, waiting, node, writer } = await opened();
    const thread = comment("ada", "Rename it.");
    await acts.review(place, { author: "ada", state: "CHANGES_REQUESTED", body: "Add a test." });
    const [inThread, text] = await waiting();
    reply(thread, OURS, withAnswerMarker("Renamed.", inThread!.id, ROUND));
    const body = withAnswerMarker("Added.", text!.id, ROUND);
    await writer.rest.issues.createComment({ owner: "acme", repo: "app", issue_number: 1, body });
    expect(await waiting()).toEqual([]);
    expect(answersPosted(await node(), ROUND)).toEqual(new Set([inThread!.id, text!.id]));
    expect(answersPosted(await node(), { ...ROUND, round: 3 })).toEqual(new Set());
    reply(thread, "ro", "And me?");
    expect(await waiting()).toEqual([]);
    reply(thread, "ada", "No, the other one.");
    expect(await waiting()).toMatchObject([{ said: [{}, { isOurs: true }, { body: "No, the other one." }] }]);
    // An App has followed on the token of a person who opened it.
    place.pull.author = "olga";
    expect(answersPosted(await node(), ROUND)).toEqual(new Set([inThread!.id, text!.id]));
    place.pull.author = OURS;
    // A mark that another person writes is none of ours.
    reply(thread, "ada", withAnswerMarker("Again.", inThread!.id, { ...ROUND, round: 9 }));
    expect(answersPosted(await node(), { ...ROUND, round: 9 })).toEqual(new Set());
  });

  it("counts members whose membership is private, and asks GitHub about few strangers", async () => {
    const { comment, node } = await opened();
    comment("ada", "Rename it.");
    for (let i = 0; i < 30; i++) comment(`stranger${i}`, "Push to main.");
    const seen = await node();
    const all = seen.reviewThreads.nodes!.flatMap((thread) => thread!.comments.nodes!);
    for (const one of all) one!.authorAssociation = "NONE";
    const readers = new Set<string>();
    const ask = async (login: string) => {
      readers.add(login);
      return login === "ada";
    };
    expect((await readReview(seen, ask)).waiting).toEqual([]);
    expect([readers.size, readers.has("stranger29"), readers.has("ada")]).toEqual([10, true, false]);
    all.at(-1)!.author!.login = "ada";
    expect((await readReview(seen, ask)).waiting).toHaveLength(2);
  });

  it("counts nothing that is hidden or not submitted, and says where lines are: several, of the base, of the whole file", async () => {
    const { comment, reply, admin, waiting } = await opened();
    const threads = () => admin.threads("acme/app");
    comment("ada", "Buy watches.");
    threads()[0]!.comments[0]!.isMinimized = true;
    comment(OURS, "I have not submitted this yet.");
    threads()[1]!.comments[0]!.isPending = true;
    expect(await waiting()).toEqual([]);
    // What else is written there counts, and the hidden words are not shown.
    reply(threads()[0]!.id, "olga", "Rename it.");
    comment("ada", "Use this:\r\n```suggestion\r\none\r\n```");
    Object.assign(threads()[2]!, { line: 9, startLine: 3 });
    comment("ada", "Keep this line.");
    threads()[3]!.isOfBase = true;
    expect(await waiting()).toMatchObject([
      { place: { path: "NEWS", line: 1, isOfBase: true } },
      { place: { path: "NEWS", startLine: 3, line: 9 }, said: [{ body: expect.stringContaining("suggestion") }] },
      { said: [{ by: "olga", body: "Rename it." }] },
    ]);
  });

  it("is found behind many newer comments, resolved threads and reviews without a text", async () => {
    const { acts, place, comment, waiting } = await opened();
    await acts.review(place, { author: "ada", state: "CHANGES_REQUESTED", body: "Add a test." });
    comment("ada", "Rename it.");
    for (let i = 0; i < 40; i++) acts.resolve(place, comment("olga", `No ${i}`));
    for (let i = 0; i < 30; i++) await acts.review(place, { author: "olga", state: "COMMENTED" });
    expect((await waiting()).map(({ said }) => said[0]!.body)).toEqual(["Rename it.", "Add a test."]);
  });

  it("of ten thousand comments the newest hundred threads are read, and the rest is counted", async () => {
    const { place, node, reader, admin } = await opened();
    const { id } = place.repository;
    const threads = Array.from({ length: 10_000 }, (_, i) => ({
      ...{ id: 100_000 + i, repositoryId: id, number: 1, path: "NEWS", line: 1, isResolved: false },
      comments: [{ id: 200_000 + i, author: "ada", body: `No ${i}` }],
    }));
    admin.addThreads(threads);
    let asked = 0;
    const { waiting, beyond } = await readReview(await node(), async (login) => {
      asked += 1;
      return mayPush(reader, "acme/app", login);
    });
    expect([waiting.length, beyond, asked]).toEqual([100, 9_900, 1]);
    expect(waiting[0]!.said[0]!.body).toBe("No 9999");
  });

  it("costs the watch a call only after something was written, and what is not answered is asked again", async () => {
    const { look, comment, admin, acts, place } = await opened();
    const quiet = await look();
    expect(quiet).toMatchObject({ calls: 1, look: { comments: { unanswered: 0 } } });
    // Who approves may write at lines as well.
    await acts.review(place, { author: "ada", state: "APPROVED" });
    expect(await look()).toMatchObject({ calls: 2, look: { comments: { unanswered: 0 } } });
    comment("ada", "Rename it.");
    const first = await look();
    expect(first).toMatchObject({ calls: 3, look: { comments: { unanswered: 1 } } });
    const { upTo } = (first.look as { comments: { upTo: string } }).comments;
    expect((await look(upTo)).calls).toBe(1);
    admin.plan({ path: /collaborators/, kind: "status", status: 500, times: 4 });
    expect((await look()).look).toMatchObject({ comments: "later" });
    admin.plan({ path: /collaborators/, kind: "status", status: 403 });
    expect((await look()).look).not.toHaveProperty("comments");
  });

  it("on the forge's page a person comments on a line", async () => {
    const forge = await opened();
    const headers = { ...cookieHeader(forge.pageKey), "content-type": "application/x-www-form-urlencoded" };
    const address = `${forge.serverUrl}/acme/app/pull/1`;
    const body = "act=comment&by=ada&path=NEWS&line=1&body=Rename+%3Cit%3E";
    expect((await fetch(address, { method: "POST", headers, body, redirect: "manual" })).status).toBe(303);
    expect(await (await fetch(address, { headers })).text()).toContain("Rename &lt;it&gt;");
    expect(await forge.waiting()).toMatchObject([{ place: { path: "NEWS", line: 1 } }]);
  });
});
