import { describe, expect, it } from "vitest";
import { PULL_REQUESTS_QUERY } from "../../packages/github/pull-request-query.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { completed, problemsWithQuery } from "../github/graphql-description.ts";
import { git, testForge } from "./forge-fixture.ts";

const FILES = { README: "hello\n" };
const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: FILES }] };

/** A forge with an open pull request for each of the branches, made without a push. */
async function forgeWith(...branches: string[]) {
  const forge = await testForge();
  await forge.admin.addRepository({ name: "acme/app", from: HISTORY });
  const bare = forge.admin.gitFolder("acme/app");
  const ids: string[] = [];
  for (const branch of branches) {
    git(bare, "branch", branch, "main");
    await forge.admin.commit("acme/app", branch, {
      message: "x\n",
      date: "2022-01-02T00:00:00Z",
      files: { [branch.replace("/", "-")]: "x\n" },
    });
    const { data } = await forge.writer.rest.pulls.create({
      owner: "acme",
      repo: "app",
      title: branch,
      head: branch,
      base: "main",
    });
    ids.push(data.node_id);
  }
  type Answer = { data?: { nodes: Record<string, unknown>[]; rateLimit: object }; errors?: object[] };
  const ask = async (asked = ids, token = forge.readToken) => {
    const response = await fetch(forge.apiUrl.replace("/v3", "/graphql"), {
      method: "POST",
      headers: { authorization: `bearer ${token}`, "user-agent": "test", "content-type": "application/json" },
      body: JSON.stringify({ query: PULL_REQUESTS_QUERY, variables: { ids: asked } }),
    });
    return { status: response.status, ...((await response.json()) as Answer) };
  };
  const place = (number = 1) => forge.admin.placeOf("acme/app", number);
  return { ...forge, ids, ask, place };
}

describe("the one GraphQL query", () => {
  it("is one that GitHub's own schema takes, and the schema completes the forge's answers to themselves", async () => {
    expect(problemsWithQuery(PULL_REQUESTS_QUERY)).toEqual([]);
    expect(problemsWithQuery(PULL_REQUESTS_QUERY.replace("isDraft", "isDraught"))).not.toEqual([]);
    const forge = await forgeWith("a/one", "a/two", "a/three");
    const { acts } = forge.admin;
    await acts.setCheck(forge.place(1), { name: "build", outcome: "failure" });
    await acts.setCheck(forge.place(1), { name: "deploy", outcome: null, kind: "status" });
    await acts.setCheck(forge.place(1), { name: "lint", outcome: null });
    await acts.review(forge.place(1), { author: "ada", state: "APPROVED" });
    acts.autoMerge(forge.place(1), true);
    await forge.admin.merge("acme/app", 2, { by: "ada" });
    acts.close(forge.place(3), "ada");
    for (const _ of ["not worked out", "worked out"]) {
      const { data, errors } = await forge.ask();
      expect(errors).toBeUndefined();
      expect(await completed(PULL_REQUESTS_QUERY, { ids: forge.ids }, data)).toEqual({ data });
    }
    const { data } = await forge.ask();
    const wrong = { ...data, nodes: [{ ...data!.nodes[0], mergeable: "PERHAPS" }] };
    expect((await completed(PULL_REQUESTS_QUERY, { ids: forge.ids }, wrong)).errors).toHaveLength(1);
  });

  it("says how a pull request stands: nothing worked out at first, then what it says after each act", async () => {
    const forge = await forgeWith("a/one");
    const { acts } = forge.admin;
    const now = async () => (await forge.ask()).data!.nodes[0]!;
    expect(await now()).toMatchObject({ mergeable: "UNKNOWN", mergeStateStatus: "UNKNOWN", statusCheckRollup: null });
    expect(await now()).toMatchObject({ mergeable: "MERGEABLE", mergeStateStatus: "CLEAN", reviewDecision: null });
    await acts.setCheck(forge.place(), { name: "build", outcome: null });
    expect(await now()).toMatchObject({ mergeStateStatus: "UNSTABLE", statusCheckRollup: { state: "PENDING" } });
    await acts.setCheck(forge.place(), { name: "build", outcome: "success" });
    forge.admin.repository("acme/app").rules = { reviews: 1, upToDate: true };
    expect(await now()).toMatchObject({ mergeStateStatus: "BLOCKED", reviewDecision: "REVIEW_REQUIRED" });
    await acts.review(forge.place(), { author: "ada", state: "CHANGES_REQUESTED" });
    expect(await now()).toMatchObject({ reviewDecision: "CHANGES_REQUESTED" });
    await acts.review(forge.place(), { author: "ada", state: "APPROVED" });
    await acts.review(forge.place(), { author: "ada", state: "COMMENTED" });
    expect(await now()).toMatchObject({ mergeStateStatus: "CLEAN", reviewDecision: "APPROVED" });

    const commit = { message: "y\n", date: "2022-01-03T00:00:00Z" };
    await forge.admin.commit("acme/app", "main", { ...commit, files: { other: "y\n" } });
    expect(await now()).toMatchObject({ mergeable: "UNKNOWN" });
    expect(await now()).toMatchObject({ mergeable: "MERGEABLE", mergeStateStatus: "BEHIND" });
    await forge.admin.commit("acme/app", "main", { ...commit, files: { "a-one": "theirs\n" } });
    await now();
    expect(await now()).toMatchObject({ mergeable: "CONFLICTING", mergeStateStatus: "DIRTY" });
    await forge.admin.merge("acme/app", 1, { by: "ada" });
    expect(await now()).toMatchObject({ state: "OPEN" });
    acts.close(forge.place(), "ada");
    const closed = { state: "CLOSED", mergedBy: null, timelineItems: { nodes: [{ actor: { login: "ada" } }] } };
    expect(await now()).toMatchObject(closed);
  });

  it("keeps GitHub's limits: ids, points, large queries that take too long, and answers about some", async () => {
    const forge = await forgeWith("a/one", "a/two");
    const [one = "", two = ""] = forge.ids;
    const gone = await forge.ask([one, "bm9uZQ", two]);
    expect(gone.data!.nodes.map((node) => node?.number)).toEqual([1, undefined, 2]);
    expect(gone.errors).toMatchObject([{ type: "NOT_FOUND", path: ["nodes", 1] }]);
    expect((await forge.ask(Array(101).fill(one))).errors).toMatchObject([{ type: "ARGUMENT_LIMIT" }]);
    expect((await forge.ask(Array(50).fill(one))).data!.rateLimit).toMatchObject({ cost: 2 });
    forge.admin.graphql.limits.mostIds = 1;
    expect((await forge.ask()).status).toBe(502);
    forge.admin.graphql.limits.points = 3;
    expect((await forge.ask([one])).errors).toMatchObject([{ type: "RATE_LIMITED" }]);
    expect((await forge.ask([one], "forge-read-invented")).status).toBe(401);
    forge.admin.plan({ path: /graphql/, kind: "secondary-limit", retryAfterS: 60 });
    expect((await forge.ask([one])).status).toBe(403);
    forge.admin.repository("acme/app").role = "none";
    forge.admin.graphql.limits.points = 5_000;
    expect((await forge.ask([one])).errors).toMatchObject([{ type: "NOT_FOUND" }]);
  });

  it("shows an App the checks only where it may read them", async () => {
    const forge = await forgeWith("a/one");
    await forge.admin.acts.setCheck(forge.place(), { name: "build", outcome: "failure" });
    const token = (permissions: object) => {
      const installation = {
        id: 1,
        account: "acme",
        repositoryIds: null,
        permissions,
        expiresAt: "2999-01-01T00:00:00Z",
      };
      const secret = `ghs_${Object.keys(permissions).length}`;
      forge.admin.addToken({ token: secret, login: "cody-acme[bot]", scope: "read", installation });
      return secret;
    };
    const rollup = async (permissions: object) => {
      const { data, errors = [] } = await forge.ask(forge.ids, token(permissions));
      return [data!.nodes[0]?.statusCheckRollup, errors];
    };
    expect(await rollup({ pull_requests: "read" })).toMatchObject([
      null,
      [{ path: ["nodes", 0, "statusCheckRollup"] }],
    ]);
    expect(await rollup({ pull_requests: "read", checks: "read", statuses: "read" })).toMatchObject([
      { state: "FAILURE" },
      [],
    ]);
    expect(await rollup({})).toMatchObject([undefined, [{ type: "FORBIDDEN", path: ["nodes", 0] }]]);
  });
});

describe("the page of a pull request", () => {
  it("lets a person set a check, review and merge, and nothing that its forms do not offer", async () => {
    const forge = await forgeWith("a/one");
    const address = `${forge.serverUrl}/acme/app/pull/1`;
    const headers = { ...cookieHeader(forge.pageKey), "content-type": "application/x-www-form-urlencoded" };
    const post = async (body: string, more = {}) =>
      (await fetch(address, { method: "POST", headers: { ...headers, ...more }, body, redirect: "manual" })).status;
    expect(await post("act=check&name=build&outcome=failure")).toBe(303);
    expect(await post("act=review&by=ada&decision=CHANGES_REQUESTED&body=%3Cb%3Eno%3C%2Fb%3E")).toBe(303);
    const page = await (await fetch(address, { headers })).text();
    expect(page.match(/<li>.*build<\/li>/)?.[0]).toBe(`<li><span class="label failure">Failed</span> build</li>`);
    expect(page).toContain("&lt;b&gt;no&lt;/b&gt;");
    expect(await post("act=delete")).toBe(404);
    expect(await post("act=merge&by=ada", { origin: "http://elsewhere.invalid" })).toBe(403);
    expect(await post("act=merge&by=ada", { cookie: "" })).toBe(401);
    expect(forge.place().pull.state).toBe("open");
    expect(await post("act=merge&by=ada")).toBe(303);
    expect(forge.place().pull).toMatchObject({ state: "closed", mergedBy: "ada" });
  });
});
