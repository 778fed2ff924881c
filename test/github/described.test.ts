import { describe, expect, it, onTestFinished } from "vitest";
import { createGitHubApp, READING, WRITING_CI } from "../../packages/github/app.ts";
import { askReviewers } from "../../packages/github/ask-reviewers.ts";
import { baseFiles } from "../../packages/github/base-files.ts";
import { ourLogin } from "../../packages/github/client.ts";
import { closePullRequest } from "../../packages/github/close-pull-request.ts";
import { readAnnotations, readCommitChecks } from "../../packages/github/commit-checks.ts";
import { isMergeable } from "../../packages/github/mergeable.ts";
import { pullRequestText } from "../../packages/github/pull-request-text.ts";
import { findOrOpenPullRequest } from "../../packages/github/pull-requests.ts";
import { inspectRepository } from "../../packages/github/repositories.ts";
import { listInstalled, listRepositories } from "../../packages/github/repository-list.ts";
import { mayPush } from "../../packages/github/rights.ts";
import { APP_ID, growBranch, registerApp, testForge } from "../stand-ins/forge-fixture.ts";
import { problemsWith, type Recorded, routeOf } from "./description.ts";

const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } }] };
const JOB = "j0123456789abcdef";

/** Notes what goes over the line, whichever client of ours sends it. */
function record(apiUrl: string): Recorded[] {
  const recorded: Recorded[] = [];
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await send(input, init);
    const got = response.status === 204 ? undefined : await response.clone().json();
    const sent =
      init?.body === undefined || init.body === null ? {} : { sent: JSON.parse(String(init.body)) as unknown };
    const path = String(input).slice(apiUrl.length);
    recorded.push({ method: init?.method ?? "GET", path, ...sent, status: response.status, got });
    return response;
  };
  onTestFinished(() => {
    globalThis.fetch = send;
  });
  return recorded;
}

describe("what we ask GitHub and what the forge answers", () => {
  it("is as GitHub describes it, over all journeys", async () => {
    const forge = await testForge();
    await forge.admin.addRepository({ name: "acme/app", from: HISTORY, people: { ada: "write" } });
    const branch = `cody/${JOB}-news`;
    await growBranch(forge, "acme/app", branch);
    const recorded = record(forge.apiUrl);
    const { reader, writer } = forge;

    await listRepositories(reader, ["acme/*", "acme/app"]);
    await inspectRepository(reader, "acme/app", { mayChangeCi: true });
    await inspectRepository(reader, "acme/app", { baseBranch: "gone" });
    const commit = await reader.rest.repos.getCommit({ owner: "acme", repo: "app", ref: "main" });
    const base = baseFiles(reader, "acme/app", commit.data.sha);
    const [readme] = await base.list();
    expect(`${await base.read(readme!.sha)}`).toBe("hello\n");
    expect(await mayPush(reader, "acme/app", "octocat")).toBe(true);
    const verdict = { summary: "s", evidence: [], pullRequestTitle: "News", pullRequestBody: "News." };
    const text = (summary: string) =>
      pullRequestText({
        jobId: JOB,
        asked: ["p"],
        verdict: { ...verdict, pullRequestBody: summary },
        baseCommit: "0".repeat(40),
      });
    const input = { repository: "acme/app", branch, base: "main", labels: ["cody"], marker: { jobId: JOB } };
    const login = await ourLogin(writer);
    for (const summary of ["News.", "More news."])
      await findOrOpenPullRequest(writer, { ...input, ...text(summary), draft: true, ourLogin: login });
    expect(await isMergeable(writer, "acme/app", 1)).toBe(true);
    const refused = await askReviewers(writer, { repository: "acme/app", number: 1, reviewers: ["ada", "stranger"] });
    expect(refused).toMatch(/did not ask stranger/);
    await inspectRepository(reader, "acme/app", { pullRequests: [1, 2] });
    const tip = await writer.rest.git.getRef({ owner: "acme", repo: "app", ref: `heads/${branch}` });
    const annotations = [{ path: "NEWS", line: 1, message: "no" }];
    const place = forge.admin.placeOf("acme/app", 1);
    await forge.admin.acts.setCheck(place, { name: "build", outcome: "failure", log: "no", annotations });
    await forge.admin.acts.setCheck(place, { name: "deploy", outcome: null, kind: "status" });
    const { failed } = await readCommitChecks(reader, "acme/app", tip.data.object.sha);
    expect(await readAnnotations(reader, "acme/app", failed[0]!.annotated!)).toEqual(["NEWS:1: no"]);
    await closePullRequest(
      writer,
      "acme/app",
      { number: 1, url: "https://x.invalid", draft: true, branch, commit: tip.data.object.sha },
      "Not needed.",
    );
    expect(forge.admin.comments("acme/app")).toMatchObject([{ issue: 1, body: "Not needed.", author: "cody-forge" }]);
    await writer.rest.issues.listComments({ owner: "acme", repo: "app", issue_number: 1 });
    await writer.rest.repos.getCommit({ owner: "acme", repo: "app", ref: "main" });
    await writer.rest.git.getRef({ owner: "acme", repo: "app", ref: "heads/main" });

    const { privateKey } = registerApp(forge, {
      permissions: { contents: "write", metadata: "read", pull_requests: "write", workflows: "write" },
    });
    const auth = { appId: `${APP_ID}`, privateKey, apiUrl: forge.apiUrl, secondMs: 10 };
    const app = createGitHubApp(auth);
    expect(await app.mayChangeWorkflows("acme/app")).toBe(true);
    await app.tokenFor("acme/app", READING);
    await app.tokenFor("acme/app", WRITING_CI);
    await app.login();
    await inspectRepository(await app.readerOf("acme/app"), "acme/app");
    await listInstalled(await app.readers(), []);

    expect(recorded.flatMap(problemsWith)).toEqual([]);
    const routes = new Set(recorded.map(({ method, path }) => `${method} ${routeOf(path.replace(/\?.*/, ""))}`));
    expect(routes.size).toBeGreaterThan(20);
  });

  it("a field that is missing, of another kind or not described is found", () => {
    const user = { method: "GET", path: "/user", status: 200, got: { login: 1 } };
    expect(problemsWith(user)).toContainEqual(expect.stringMatching(/answers\.login is 1, not a string/));
    expect(problemsWith(user)).toContainEqual(expect.stringMatching(/answers\.node_id is missing/));
    const open = { method: "POST", path: "/repos/a/b/pulls?colour=red", status: 201, got: {} };
    const problems = problemsWith({ ...open, sent: { head: "h", draft: "yes", colour: "red" } });
    expect(problems).toContainEqual(expect.stringMatching(/sends\.base is missing/));
    expect(problems).toContainEqual(expect.stringMatching(/sends\.draft is "yes", not a boolean/));
    expect(problems).toContainEqual(expect.stringMatching(/sends\.colour is not described/));
    expect(problems).toContainEqual(expect.stringMatching(/asks\.colour is not described/));
    expect(problemsWith({ ...open, path: "/repos/a/b/moods" })).toEqual(["POST /repos/a/b/moods is not described"]);
  });
});
