import { describe, expect, it } from "vitest";
import { createGitHubApp } from "../../packages/github/app.ts";
import { createGitHub } from "../../packages/github/client.ts";
import { withoutFields } from "../../packages/github/known-fields.ts";
import { PULL_REQUESTS_ASKED } from "../../packages/github/pull-request-query.ts";
import { openPullRequestReader } from "../../packages/github/pull-request-reader.ts";
import { readPullRequests } from "../../packages/github/read-pull-requests.ts";
import { REVIEW_ASKED } from "../../packages/github/review-query.ts";
import { registerApp } from "../stand-ins/forge-fixture.ts";
import { forgeWithPulls } from "../stand-ins/forge-pulls.ts";
import { problemsWithQuery } from "./graphql-description.ts";

const always = async () => true;

describe("reading how pull requests stand", () => {
  it("asks in batches of fifty, and stops where no call is left", async () => {
    const { asked, reader, admin } = await forgeWithPulls(120);
    const { looks, stopped } = await readPullRequests(reader, asked, always);
    expect(stopped).toBeUndefined();
    expect(admin.graphql.asked).toEqual([50, 50, 20]);
    expect([...looks.keys()]).toEqual(asked.map(({ nodeId }) => nodeId));
    let calls = 2;
    const some = await readPullRequests(reader, asked, async () => calls-- > 0);
    expect([some.looks.size, some.stopped]).toEqual([100, { why: "calls" }]);
  });

  it("tells what people did, and never a conflict that GitHub has not worked out", async () => {
    const { asked, reader, admin, place } = await forgeWithPulls(3);
    const { acts } = admin;
    const seen = async () => {
      const { looks } = await readPullRequests(reader, asked, always);
      return asked.map(({ nodeId }) => looks.get(nodeId));
    };
    expect(await seen()).toMatchObject([
      { kind: "seen", conflicts: undefined, status: { number: 1, state: "open", checks: "none", review: "none" } },
      {},
      {},
    ]);
    for (const [name, outcome] of [
      ["z", "failure"],
      ["build", "failure"],
      ["lint", null],
      ["docs", "skipped"],
    ] as const)
      await acts.setCheck(place(1), { name, outcome });
    await acts.review(place(1), { author: "ada", state: "APPROVED" });
    await acts.review(place(1), { author: "bo", state: "CHANGES_REQUESTED" });
    acts.close(place(2), "ada");
    await admin.merge("acme/app", 3, { by: "bo" });
    await seen();
    expect(await seen()).toMatchObject([
      {
        conflicts: false,
        status: {
          checks: "failed",
          checksRunning: true,
          failed: ["build", "z"],
          failedCount: 2,
          review: "changes-requested",
          reviewers: ["bo"],
        },
      },
      { status: { state: "closed", by: "ada" } },
      { status: { state: "merged", by: "bo" } },
    ]);
    admin.rename("acme/app", "acme/renamed");
    expect((await seen())[0]).toMatchObject({ status: { movedTo: "acme/renamed" } });
    admin.repository("acme/renamed").role = "none";
    expect(await seen()).toEqual(Array(3).fill({ kind: "gone" }));
  });

  it("halves a batch that takes GitHub too long, and goes on with the smaller size", async () => {
    const { asked, reader, admin } = await forgeWithPulls(60);
    admin.graphql.limits.mostIds = 20;
    const { looks } = await readPullRequests(reader, asked, always);
    expect(looks.size).toBe(60);
    // GitHub was slow once, or it is too much: the next size is tried once more.
    expect(admin.graphql.asked).toEqual([50, 25, 13, 25, 13, 13, 13, 8]);
    admin.graphql.limits.mostIds = 0;
    const { stopped } = await readPullRequests(reader, asked, always);
    expect(stopped).toMatchObject({ why: "github", said: expect.stringMatching(/^502 /) });
  });

  it("loses nothing that was answered, asks a server in trouble once, and leaves points to others", async () => {
    const { asked, reader, admin, apiUrl, readToken } = await forgeWithPulls(60);
    const [lost] = asked.splice(3, 1, { nodeId: "bm9uZQ", repository: "acme/app" });
    const { looks } = await readPullRequests(reader, asked, always);
    expect([looks.size, looks.get("bm9uZQ"), looks.get(lost!.nodeId)]).toEqual([60, { kind: "gone" }, undefined]);
    admin.graphql.asked.length = 0;
    admin.plan({ path: /graphql/, kind: "status", status: 503 });
    const outage = await readPullRequests(reader, asked, always);
    expect(outage).toEqual({ looks: new Map(), stopped: { why: "github", said: "503 Injected 503" } });
    expect(admin.graphql.asked).toEqual([]);
    const fresh = createGitHub({ token: readToken, apiUrl, secondMs: 10 });
    admin.graphql.limits.points = 400;
    const left = await readPullRequests(fresh, asked, always);
    expect([left.looks.size, left.stopped]).toMatchObject([50, { said: expect.stringMatching(/points are left/) }]);
  });

  it("leaves out what an older GitHub does not know, once and for all, and names what it cannot do without", async () => {
    const { asked, reader, admin, place } = await forgeWithPulls(60);
    const { limits, asked: sizes } = admin.graphql;
    limits.lacks = ["isInMergeQueue", "autoMergeRequest", "mergeStateStatus", "reviewDecision", "isMinimized"];
    place(1).repository.people = { ada: "write" };
    admin.acts.comment(place(1), { author: "ada", path: "NEWS", line: 1, body: "Why?" });
    await admin.acts.review(place(1), { author: "ada", state: "CHANGES_REQUESTED" });
    const { looks, stopped } = await readPullRequests(reader, asked, always);
    expect([looks.size, stopped, sizes]).toEqual([60, undefined, [50, 10]]);
    expect(looks.get(asked[0]!.nodeId)).toMatchObject({
      status: { state: "open", review: "changes-requested", autoMerge: false, behind: false },
      comments: { unanswered: 1 },
    });
    limits.lacks = [...limits.lacks, "headRefOid"];
    expect(await readPullRequests(reader, asked, always)).toMatchObject({
      stopped: {
        why: "github",
        said: expect.stringMatching(/^this GitHub does not know the field headRefOid of PullRequest, .*: update/),
      },
    });
    // Every query without all that may be missing is one that GitHub could answer.
    for (const { query, mayLack } of [PULL_REQUESTS_ASKED, REVIEW_ASKED])
      expect(problemsWithQuery(withoutFields(query, mayLack))).toEqual([]);
  });

  it("spaces its queries as no writes: nothing is written", async () => {
    const { asked, apiUrl, readToken } = await forgeWithPulls(60);
    const patient = createGitHub({ token: readToken, apiUrl, secondMs: 3_600_000, onlyReads: true });
    for (let pass = 0; pass < 5; pass += 1)
      expect((await readPullRequests(patient, asked, always)).looks.size).toBe(60);
  });

  it("waits as long as GitHub asks, and says it", async () => {
    const { asked, admin, apiUrl, readToken } = await forgeWithPulls(1);
    const strict = createGitHub({ token: readToken, apiUrl, secondMs: 1, maxWaitS: 1 });
    admin.plan({ path: /graphql/, kind: "secondary-limit", retryAfterS: 90 });
    const { stopped } = await readPullRequests(strict, asked, always);
    expect(stopped).toMatchObject({
      why: "github",
      forMs: 90_000,
      said: expect.stringMatching(/secondary rate limit/),
    });
  });

  it("asks each installation of an App with its own token; an owner without it is out of reach", async () => {
    const forge = await forgeWithPulls(2);
    const { variables } = registerApp(forge, {
      permissions: { contents: "write", metadata: "read", pull_requests: "write", checks: "read", statuses: "read" },
    });
    await forge.admin.acts.setCheck(forge.place(1), { name: "build", outcome: "success" });
    const config = {
      ...variables,
      GITHUB_API_URL: forge.apiUrl,
      GITHUB_READ_TOKEN: undefined,
      GITHUB_TOKEN: undefined,
    } as unknown as Parameters<typeof openPullRequestReader>[0];
    const key = variables.GITHUB_APP_KEY.replaceAll("\\n", "\n");
    const read = openPullRequestReader({ ...config, GITHUB_APP_KEY: key }, { log: () => {} });
    const other = { nodeId: "x", repository: "other/app" };
    const { looks } = await read([...forge.asked, other], always);
    expect([...looks.values()]).toMatchObject([
      { status: { checks: "passed" } },
      { status: { checks: "passed" } },
      { kind: "gone" },
    ]);
    const token = forge.admin.tokens().at(-1)!;
    expect(token.installation?.permissions).toEqual({
      contents: "read",
      metadata: "read",
      pull_requests: "read",
      checks: "read",
      statuses: "read",
    });
    await read(forge.asked, always);
    expect(forge.admin.tokens().at(-1)).toBe(token);
  });

  it("says that checks are hidden where the App was not granted them", async () => {
    const forge = await forgeWithPulls(1);
    const { privateKey } = registerApp(forge);
    const app = createGitHubApp({ appId: "4711", privateKey, apiUrl: forge.apiUrl });
    await forge.admin.acts.setCheck(forge.place(1), { name: "build", outcome: "failure" });
    const reader = (await app.readerOfOwner("acme"))!;
    const { looks } = await readPullRequests(reader, forge.asked, always);
    expect([...looks.values()]).toMatchObject([{ status: { checks: "hidden", failed: [], failedCount: 0 } }]);
  });
});
