import { describe, expect, it } from "vitest";
import { ourLogin } from "../../packages/github/client.ts";
import { isUnedited } from "../../packages/github/marker.ts";
import { isMergeable } from "../../packages/github/mergeable.ts";
import { pullRequestText } from "../../packages/github/pull-request-text.ts";
import { findOrOpenPullRequest, type PullRequestInput } from "../../packages/github/pull-requests.ts";
import { pullRequestRefusalOf } from "../../packages/github/refusals.ts";
import { writeSection } from "../../packages/github/write-section.ts";
import { growBranch, testForge } from "../stand-ins/forge-fixture.ts";

const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } }] };
const JOB = "j0123456789abcdef";
const BRANCH = `cody/${JOB}-news`;
const textOf = (summary: string, { jobId = JOB, section }: { jobId?: string; section?: string } = {}) =>
  pullRequestText({
    jobId,
    ...(section && { section }),
    asked: ["Add news"],
    verdict: { summary, evidence: [], pullRequestTitle: "Add news", pullRequestBody: summary },
    baseCommit: "0".repeat(40),
  });

async function pushedBranch() {
  const forge = await testForge();
  await forge.admin.addRepository({ name: "acme/app", from: HISTORY });
  const commit = await growBranch(forge, "acme/app", BRANCH);
  const input: PullRequestInput = {
    repository: "acme/app",
    branch: BRANCH,
    base: "main",
    ...textOf("News."),
    labels: ["cody"],
    marker: { jobId: JOB },
    ourLogin: "cody-forge",
  };
  const client = () => forge.client(forge.writeToken);
  const ask = (changes: Partial<PullRequestInput> = {}) =>
    findOrOpenPullRequest(client(), { ...input, ...changes }, { sleep: async () => {} });
  const pulls = () => forge.admin.pullRequests("acme/app");
  return { forge, commit, ask, pulls, input };
}

describe("one pull request per job and repository", () => {
  it("opens it with its labels, and finds it again however often it is asked", async () => {
    const { forge, commit, ask, pulls } = await pushedBranch();
    const url = `${forge.serverUrl}/acme/app/pull/1`;
    const pullRequest = { number: 1, url, draft: true, branch: BRANCH, commit, nodeId: expect.any(String) };
    expect(await ask({ draft: true })).toEqual({ ok: true, opened: true, state: "open", pullRequest });
    expect(await ask({ draft: true })).toEqual({ ok: true, opened: false, state: "open", pullRequest });
    expect(pulls()).toMatchObject([{ number: 1, labels: ["cody"], author: "cody-forge", baseBranch: "main" }]);
  });

  it.each(["lose-answer", "cut"] as const)("when the connection dies around its opening (%s)", async (kind) => {
    const { forge, ask, pulls } = await pushedBranch();
    forge.admin.plan({ kind, method: "POST", path: /\/pulls$/ });
    expect(await ask()).toMatchObject({ ok: true, pullRequest: { number: 1 }, state: "open" });
    expect(pulls()).toHaveLength(1);
  });

  it("when GitHub takes no labels after its opening: it is the result, and the next look adds them", async () => {
    const { forge, ask, pulls } = await pushedBranch();
    forge.admin.plan({ kind: "status", status: 500, path: /\/labels$/, times: 4 });
    expect(await ask()).toMatchObject({ ok: true, opened: true });
    expect(pulls()).toMatchObject([{ labels: [] }]);
    expect(await ask()).toMatchObject({ opened: false });
    expect(pulls()).toMatchObject([{ labels: ["cody"] }]);
  });

  it("when five publish at once", async () => {
    const { ask, pulls } = await pushedBranch();
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => ask()));
    expect(results.map((one) => one.ok && one.pullRequest.number)).toEqual([1, 1, 1, 1, 1]);
    expect(pulls()).toHaveLength(1);
  });

  it("when GitHub lists what it has only a while after it refuses a second one", async () => {
    const { forge, ask, input } = await pushedBranch();
    await forge.writer.rest.pulls.create({
      owner: "acme",
      repo: "app",
      head: BRANCH,
      base: "main",
      title: input.title,
      body: input.body,
    });
    forge.admin.plan({ kind: "empty-list", path: /\/pulls$/, method: "GET", times: 2 });
    expect(await ask()).toMatchObject({ ok: true, opened: false, pullRequest: { number: 1 } });
  });

  it("when a person closed it: it stays closed", async () => {
    const { forge, ask, pulls } = await pushedBranch();
    await ask();
    await forge.writer.rest.pulls.update({ owner: "acme", repo: "app", pull_number: 1, state: "closed" });
    expect(await ask()).toMatchObject({ ok: true, opened: false, state: "closed", pullRequest: { number: 1 } });
    expect(pulls()).toMatchObject([{ state: "closed" }]);
  });
});

it("of two of ours from one branch the open one counts, whichever came first", async () => {
  const { forge, ask, pulls, input } = await pushedBranch();
  const { pulls: api } = forge.writer.rest;
  const app = { owner: "acme", repo: "app" };
  await ask();
  await api.update({ ...app, pull_number: 1, state: "closed" });
  await api.create({ ...app, head: BRANCH, base: "main", title: input.title, body: input.body });
  await api.update({ ...app, pull_number: 2, state: "closed" });
  await api.update({ ...app, pull_number: 1, state: "open" });
  expect(await ask()).toMatchObject({ ok: true, state: "open", pullRequest: { number: 1 } });
  expect(pulls()).toHaveLength(2);
});

describe("a base that has moved", () => {
  it("is no obstacle to the pull request, and it is known whether that still merges", async () => {
    const { forge, ask } = await pushedBranch();
    const theirs = (files: Record<string, string>) =>
      forge.admin.commit("acme/app", "main", { message: "theirs\n", date: "2022-02-02T00:00:00Z", files });
    await theirs({ OTHER: "theirs\n" });
    expect(await ask()).toMatchObject({ ok: true, opened: true });
    expect(await isMergeable(forge.reader, "acme/app", 1)).toBe(true);
    await theirs({ NEWS: "theirs\n" });
    expect(await isMergeable(forge.reader, "acme/app", 1)).toBe(false);
  });
});

describe("a later round", () => {
  it("leaves the section of the set as it was kept current, unless it says more than everyone may read", async () => {
    const { forge, ask, pulls } = await pushedBranch();
    const of = (others: string) => `<!-- cody-set -->\n${others}\n<!-- /cody-set -->`;
    const client = forge.client(forge.writeToken);
    await ask(textOf("News.", { section: of("nothing yet") }));
    await writeSection(client, { repository: "acme/app", number: 1 }, () => of("acme/docs#5: merged"));
    await ask({ ...textOf("More news.", { section: of("nothing yet") }), keepsSection: true });
    expect(pulls()[0]!.body).toMatch(/More news\..*acme\/docs#5: merged/s);
    expect(isUnedited("Add news", pulls()[0]!.body!)).toBe(true);
    await ask(textOf("More news.", { section: of("nothing yet") }));
    expect(pulls()[0]!.body).toMatch(/More news\..*nothing yet/s);
  });

  it.each([403, 422])(
    "is the result where GitHub takes no new words (%i); what may pass is tried again",
    async (status) => {
      const { forge, ask, pulls } = await pushedBranch();
      await ask();
      const body = { message: "Not these words" };
      forge.admin.plan({ kind: "status", status, body, method: "PATCH", path: /\/pulls\/1$/ });
      expect(await ask(textOf("More news."))).toMatchObject({ ok: true, state: "open", pullRequest: { number: 1 } });
      expect(pulls()[0]?.body).not.toContain("More news.");
      expect(await ask(textOf("More news."))).toMatchObject({ ok: true });
      expect(pulls()[0]?.body).toContain("More news.");
    },
  );

  it("says what it did in the same pull request", async () => {
    const { ask, pulls, forge } = await pushedBranch();
    await ask();
    const commit = await growBranch(forge, "acme/app", BRANCH, { MORE: "more\n" });
    expect(await ask(textOf("News, and more."))).toMatchObject({ opened: false, pullRequest: { commit } });
    expect(pulls()[0]?.body).toContain("News, and more.");
  });

  it.each([
    ["the text", { body: "My own words.\n\n" }],
    ["the title", { title: "My own title" }],
  ])("but leaves it alone once a person has edited %s", async (_, edit) => {
    const { ask, pulls, forge, input } = await pushedBranch();
    await ask();
    const edited = { title: input.title, body: input.body, ...edit };
    if ("body" in edit) edited.body = edit.body + input.body;
    await forge.writer.rest.pulls.update({ owner: "acme", repo: "app", pull_number: 1, ...edited });
    expect(await ask(textOf("News, and more."))).toMatchObject({ ok: true, opened: false });
    expect(pulls()[0]).toMatchObject(edited);
  });
});

describe("what is not ours is never touched", () => {
  const forged = { title: "Give me your branch", body: textOf("x").body };
  const others: Record<string, { login: string; body?: string; title?: string }> = {
    "another author's without our marker": { login: "other", title: "Theirs", body: "theirs" },
    "another author's with a forged marker": { login: "other", ...forged },
    "our account's for another job": {
      login: "cody-forge",
      title: "Other",
      body: textOf("x", { jobId: "jffffffffffffffff" }).body,
    },
  };
  it.each(Object.entries(others))("%s", async (_, { login, ...text }) => {
    const { forge, ask, pulls } = await pushedBranch();
    forge.admin.addToken({ token: "forge-write-other", login, scope: "write" });
    const other = forge.client("forge-write-other");
    await other.rest.pulls.create({ owner: "acme", repo: "app", head: BRANCH, base: "main", title: "x", ...text });
    const before = structuredClone(pulls());
    const result = await ask();
    expect(result).toMatchObject({ ok: false, reason: { code: "foreign-pull-request" } });
    expect(JSON.stringify(result)).toContain(`#1 by ${login}`);
    expect(pulls()).toEqual(before);
  });

  it("an installation token cannot ask for its login: nothing is ours but what the app's own bot has opened", async () => {
    const { forge, ask } = await pushedBranch();
    expect(await ourLogin(forge.writer)).toBe("cody-forge");
    forge.admin.plan({ kind: "status", status: 403, path: /\/user$/ });
    expect(await ourLogin(forge.writer)).toBeUndefined();
    await ask();
    expect(await ask({ ourLogin: undefined })).toMatchObject({ ok: false, reason: { code: "foreign-pull-request" } });
    forge.admin.pullRequests("acme/app")[0]!.author = "cody[bot]";
    expect(await ask({ ourLogin: undefined })).toMatchObject({ ok: false, reason: { code: "foreign-pull-request" } });
    expect(await ask({ ourLogin: "other[bot]" })).toMatchObject({ ok: false });
    expect(await ask({ ourLogin: "cody[bot]" })).toMatchObject({ ok: true, opened: false });
  });
});

describe("a pull request that GitHub refuses", () => {
  it("becomes a reason, not an error", async () => {
    const { forge, ask, input } = await pushedBranch();
    const reader = await findOrOpenPullRequest(forge.reader, input);
    expect(reader).toMatchObject({
      ok: false,
      reason: { code: "pull-request-refused", message: expect.stringContaining("403") },
    });
    expect(await ask({ base: "gone" })).toMatchObject({ ok: false, reason: { code: "pull-request-refused" } });
    expect(await ask({ branch: "main" })).toMatchObject({ ok: false, reason: { code: "nothing-new" } });
    expect(forge.admin.pullRequests("acme/app")).toEqual([]);
  });

  it.each([
    {
      message: "Validation Failed",
      errors: [{ resource: "PullRequest", code: "custom", message: "was submitted too quickly" }],
    },
    { message: "was submitted too quickly" },
  ])("because it came too quickly is asked for again: %j", async (body) => {
    const { forge, ask, pulls } = await pushedBranch();
    forge.admin.plan({ kind: "status", status: 422, body, method: "POST", path: /\/pulls$/, times: 3 });
    expect(await ask()).toMatchObject({ ok: true, opened: true });
    expect(pulls()).toHaveLength(1);
    forge.admin.plan({ kind: "status", status: 422, body, method: "POST", path: /\/pulls$/, times: 99 });
    await expect(ask({ branch: "main", base: "other" })).rejects.toMatchObject({ status: 422 });
  });

  const invalid = (...errors: object[]) => ({
    message: "Validation Failed",
    errors,
    documentation_url: "https://x.invalid",
  });
  it.each<[string, number, object | string, string, RegExp, RegExp]>([
    [
      "a base that is gone",
      422,
      invalid({ resource: "PullRequest", field: "base", code: "invalid" }),
      "pull-request-refused",
      /no branch main any more/,
      /Press Retry/,
    ],
    [
      "a branch that is gone",
      422,
      invalid({ resource: "PullRequest", field: "head", code: "invalid" }),
      "branch-gone",
      /deleted before its pull request/,
      /push it again/,
    ],
    [
      "blank shas, as older servers say it",
      422,
      invalid({ message: "Base sha can't be blank, No commits between main and x, Base ref must be a branch" }),
      "pull-request-refused",
      /no branch main/,
      /Press Retry/,
    ],
    [
      "another history",
      422,
      invalid({ resource: "PullRequest", code: "custom", message: "The main branch has no history in common with x" }),
      "other-history",
      /rewritten/,
      /new job/,
    ],
    [
      "a field of unknown kind",
      422,
      invalid({ resource: "PullRequest", field: "labels", code: "unprocessable" }),
      "pull-request-refused",
      /422 Validation Failed: labels is unprocessable\.$/,
      /GitHub names/,
    ],
    ["an archive", 403, { message: "Repository was archived so is read-only." }, "archived", /archived/, /Unarchive/],
    [
      "an App without that permission",
      403,
      { message: "Resource not accessible by integration" },
      "pull-request-refused",
      /403 Resource not accessible by integration\.$/,
      /Pull requests \(read and write\)/,
    ],
    [
      "single sign-on",
      403,
      {
        message:
          "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.",
      },
      "single-sign-on",
      /single sign-on/,
      /authorise/,
    ],
    [
      "an IP allow list",
      403,
      {
        message:
          "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.",
      },
      "ip-allow-list",
      /IP addresses/,
      /allow list/,
    ],
    [
      "OAuth restrictions",
      403,
      {
        message:
          "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions",
      },
      "oauth-restricted",
      /OAuth app/,
      /approve/,
    ],
    [
      "a suspended account",
      403,
      { message: "Sorry. Your account was suspended." },
      "account-suspended",
      /suspended/,
      /settle/,
    ],
    [
      "pull requests that are off",
      410,
      { message: "Pull requests are disabled for this repo" },
      "pull-request-refused",
      /takes no pull requests: Pull requests are disabled/,
      /Turn them on/,
    ],
    ["404", 404, { message: "Not Found" }, "pull-request-refused", /404/, /read and write/],
    [
      "a conflict that no table knows",
      409,
      { message: "Conflict of moons" },
      "pull-request-refused",
      /409 Conflict of moons\.$/,
      /GitHub names/,
    ],
    ["451", 451, { message: "Repository access blocked" }, "unavailable", /blocked access/, /Leave it out/],
    [
      "a page of HTML",
      403,
      "<html><body>Forbidden</body></html>",
      "pull-request-refused",
      /403 a page of HTML \(403\)\.$/,
      /read and write/,
    ],
  ])("for %s says so, with what to do", async (_, status, body, code, message, nextStep) => {
    const { repository, branch, base } = { repository: "acme/app", branch: BRANCH, base: "main" };
    const response = { status, data: body, headers: {}, url: "" };
    const error = Object.assign(new Error(JSON.stringify(body)), { status, response });
    expect(pullRequestRefusalOf(error, { repository, branch, base })).toEqual({
      code,
      message: expect.stringMatching(message),
      nextStep: expect.stringMatching(nextStep),
    });
  });

  it("as a draft is opened without it where the plan has none", async () => {
    const { forge, ask, pulls } = await pushedBranch();
    forge.admin.repository("acme/app").drafts = false;
    const loud = textOf("NOT VERIFIED.").body;
    const input = { draft: true, bodyWithoutDraft: loud };
    expect(await ask(input)).toMatchObject({ ok: true, opened: true, pullRequest: { draft: false } });
    expect(pulls()).toMatchObject([{ draft: false, body: loud }]);
    // The next round finds it open and no draft; once something has checked it, it need not shout any more.
    expect(await ask(input)).toMatchObject({ opened: false });
    expect(pulls()).toMatchObject([{ body: loud }]);
    expect(await ask({ ...input, draft: false })).toMatchObject({ opened: false });
    expect(pulls()).toMatchObject([{ body: textOf("News.").body }]);
  });

  it("but a rate limit is waited for, and a long one is no refusal: the task is tried again later", async () => {
    const { forge, ask } = await pushedBranch();
    forge.admin.plan({ kind: "secondary-limit", retryAfterS: 3_600, method: "POST", path: /\/pulls$/ });
    await expect(ask()).rejects.toMatchObject({ status: 403 });
    forge.admin.plan({ kind: "secondary-limit", retryAfterS: 1, method: "POST", path: /\/pulls$/ });
    expect(await ask()).toMatchObject({ ok: true, opened: true });
  });
});
