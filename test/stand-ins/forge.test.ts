import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mayPush } from "../../packages/github/rights.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { addSamples } from "../../packages/stand-ins/forge/samples.ts";
import type { ForgeRepository } from "../../packages/stand-ins/forge/state.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { git, gitOverHttp, pushBranch, scratchFolder, testForge, urlWith } from "./forge-fixture.ts";

const HISTORY = { commits: [{ message: "Start\n", date: "2022-01-01T00:00:00Z", files: { README: "hello\n" } }] };

async function forgeWith(facts: Partial<ForgeRepository> = {}) {
  const forge = await testForge();
  await forge.admin.addRepository({ name: "acme/app", from: HISTORY, ...facts });
  return forge;
}

describe("git over the forge", () => {
  it("fetches one commit by its id without history, and takes a push of megabytes", async () => {
    const forge = await testForge();
    await addSamples(forge.admin.addRepository);
    const pinned = git(forge.admin.gitFolder("acme/orders"), "rev-parse", "main~1");
    const folder = scratchFolder();
    git(folder, "init", "--quiet");
    await gitOverHttp(
      folder,
      "fetch",
      "--quiet",
      "--depth",
      "1",
      urlWith(forge, forge.readToken, "acme/orders"),
      pinned,
    );
    expect(git(folder, "rev-list", "FETCH_HEAD")).toBe(pinned);

    const noise = Array.from({ length: 400_000 }, (_, i) => (i * 2_654_435_761) % 4_294_967_296).join("\n");
    const pushed = await pushBranch(forge, "acme/orders", "cody/one", { NEWS: noise });
    expect(git(forge.admin.gitFolder("acme/orders"), "rev-parse", "cody/one")).toBe(pushed);
    expect(forge.refused).toEqual([]);
  });

  type Attempt = { facts?: Partial<ForgeRepository>; as?: string; name?: string; push?: string; says: RegExp };
  const refused: Record<string, Attempt> = {
    "a token that was never given out": { as: "forge-read-invented", says: /Authentication failed/ },
    "a repository out of reach, as if it did not exist": { facts: { role: "none" }, says: /not found/ },
    "a repository that does not exist": { name: "acme/nothing", says: /not found/ },
    "a reading token that pushes": { as: "read", push: "HEAD:refs/heads/cody/x", says: /403/ },
    "a push where the person may only read": { facts: { role: "read" }, push: "HEAD:refs/heads/cody/x", says: /403/ },
    "a push to an archived repository": { facts: { archived: true }, push: "HEAD:refs/heads/cody/x", says: /403/ },
    "a push to the default branch": { push: "HEAD:refs/heads/main", says: /GH006: Protected branch/ },
    "a forced push over a foreign commit": { push: "+HEAD:refs/heads/cody/taken", says: /non-fast-forward/ },
    "deleting a branch": { push: ":refs/heads/cody/taken", says: /deletion prohibited/ },
  };
  it.each(Object.entries(refused))("refuses %s", async (_, { facts, as = "write", name = "acme/app", push, says }) => {
    const forge = await testForge();
    const bare = scratchFolder();
    git(bare, "init", "--quiet", "--initial-branch=main");
    git(bare, "commit", "--quiet", "--allow-empty", "-m", "first");
    git(bare, "branch", "cody/taken");
    git(bare, "checkout", "--quiet", "cody/taken");
    git(bare, "commit", "--quiet", "--allow-empty", "-m", "foreign");
    git(bare, "checkout", "--quiet", "main");
    await forge.admin.addRepository({ name: "acme/app", ...facts, from: { clone: bare } });
    const token = { read: forge.readToken, write: forge.writeToken }[as] ?? as;
    const clone = scratchFolder();
    const act = async () => {
      await gitOverHttp(clone, "clone", "--quiet", urlWith(forge, token, name), ".");
      git(clone, "commit", "--quiet", "--allow-empty", "-m", "ours");
      await gitOverHttp(clone, "push", "--quiet", "origin", push ?? "");
    };
    await expect(act()).rejects.toThrow(says);
  });

  it("takes a repository from a folder, on a branch or on a bare commit, and leaves the folder alone", async () => {
    const folder = scratchFolder();
    git(folder, "init", "--quiet", "--initial-branch=trunk");
    writeFileSync(join(folder, "a"), "a\n");
    git(folder, "add", "a");
    git(folder, "commit", "--quiet", "-m", "a");
    const before = git(folder, "for-each-ref");
    const forge = await testForge();
    await forge.admin.addRepository({ name: "own/app", from: { clone: folder } });
    expect((await forge.reader.rest.repos.get({ owner: "own", repo: "app" })).data.default_branch).toBe("trunk");
    git(folder, "checkout", "--quiet", "--detach");
    git(folder, "branch", "--quiet", "-D", "trunk");
    await forge.admin.addRepository({ name: "own/detached", from: { clone: folder } });
    expect((await forge.reader.rest.repos.get({ owner: "own", repo: "detached" })).data.default_branch).toBe("main");
    await pushBranch(forge, "own/app", "cody/x");
    expect(git(folder, "for-each-ref")).toBe("");
    expect(before).toContain("refs/heads/trunk");
    await expect(
      forge.admin.addRepository({ name: "own/none", from: { clone: join(folder, "none") } }),
    ).rejects.toThrow(/does not exist/);
  });
});

describe("the forge's API", () => {
  const call = (forge: { apiUrl: string }, path: string, init: RequestInit & { token?: string } = {}) =>
    fetch(`${forge.apiUrl}${path}`, {
      ...init,
      headers: { "user-agent": "test", ...(init.token && { authorization: `Bearer ${init.token}` }), ...init.headers },
    });

  it("wants a token it knows and a user agent, and counts requests", async () => {
    const forge = await forgeWith();
    expect((await call(forge, "/user")).status).toBe(401);
    expect((await call(forge, "/user", { token: "made-up" })).status).toBe(401);
    expect((await call(forge, "/user", { token: forge.readToken, headers: { "user-agent": "" } })).status).toBe(403);
    const answer = await call(forge, "/user", { token: forge.readToken });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("4999");
    expect(forge.refused).toHaveLength(3);
  });

  it("says what it lacks instead of looking like a missing repository", async () => {
    const forge = await forgeWith();
    const answer = await call(forge, "/repos/acme/app/collaborators", { token: forge.readToken });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining("does not have GET") });
  });

  const PULL = { owner: "acme", repo: "app", title: "News", head: "cody/x", base: "main" };
  it.each([
    ["by a reading token", {}, { as: "read" }, /403|Resource not accessible/],
    ["into an archived repository", {}, { archived: true }, /read-only/],
    ["without a title", { title: "" }, {}, /missing_field/],
    ["with an endless title", { title: "x".repeat(257) }, {}, /title is too long \(maximum is 256 characters\)/],
    ["with an endless body", { body: "x".repeat(65_537) }, {}, /body is too long \(maximum is 65536 characters\)/],
    ["with a title of another kind", { title: 5 as unknown as string }, {}, /'properties\/title', 5 is not a string/],
    ["from a branch that is not there", { head: "cody/none" }, {}, /"field":"head","code":"invalid"/],
    ["into a branch that is not there", { base: "none" }, {}, /"field":"base","code":"invalid"/],
    ["without a commit of its own", { head: "main" }, {}, /No commits between main and main/],
    ["as a draft where the plan has none", { draft: true }, { drafts: false }, /Draft pull requests are not supported/],
    ["twice", {}, { before: PULL }, /A pull request already exists for acme:cody\/x\./],
  ])("refuses a pull request %s", async (_, request, { as, before, ...facts }: Record<string, unknown>, says) => {
    const forge = await forgeWith();
    await pushBranch(forge, "acme/app", "cody/x");
    Object.assign(forge.admin.repository("acme/app"), facts);
    if (before) await forge.writer.rest.pulls.create(PULL);
    const client = as === "read" ? forge.reader : forge.writer;
    await expect(client.rest.pulls.create({ ...PULL, ...request })).rejects.toThrow(says);
    expect(forge.admin.pullRequests("acme/app")).toHaveLength(before ? 1 : 0);
  });

  it("keeps comments, says what a person may do, and lets a classic token change workflows only with that scope", async () => {
    const forge = await forgeWith();
    await pushBranch(forge, "acme/app", "cody/x");
    await forge.writer.rest.pulls.create(PULL);
    const issue = { owner: "acme", repo: "app", issue_number: 1 };
    await forge.writer.rest.issues.createComment({ ...issue, body: "Not needed." });
    expect((await forge.reader.rest.issues.listComments(issue)).data).toMatchObject([{ body: "Not needed." }]);
    await expect(forge.reader.rest.issues.createComment({ ...issue, body: "x" })).rejects.toMatchObject({
      status: 403,
    });

    Object.assign(forge.admin.repository("acme/app"), { people: { ada: "read" } });
    expect(await mayPush(forge.reader, "acme/app", "ada")).toBe(false);
    expect(await mayPush(forge.reader, "acme/app", "grace")).toBe(true);

    const classic = { token: "forge-classic", login: "cody-forge", scope: "write" as const, scopes: ["repo"] };
    forge.admin.addToken(classic);
    const pushes = (files: Record<string, string>) =>
      pushBranch({ ...forge, writeToken: classic.token }, "acme/app", "cody/w", files);
    await pushes({ "a.txt": "a\n" });
    await expect(pushes({ ".github/workflows/ci.yml": "on: push\n" })).rejects.toThrow(
      /refusing to allow a Personal Access Token to create or update workflow `.github\/workflows\/ci.yml` without `workflow` scope/,
    );
  });

  it("shows a pull request's diff, follows its branch while it is open, and says whether it merges", async () => {
    const forge = await forgeWith();
    await pushBranch(forge, "acme/app", "cody/x", { README: "ours\n" });
    const { data: opened } = await forge.writer.rest.pulls.create(PULL);
    const at = { owner: "acme", repo: "app", pull_number: opened.number };
    const diff = await forge.reader.rest.pulls.get({ ...at, mediaType: { format: "diff" } });
    expect(diff.data).toMatch(/-hello\n\+ours/);
    const second = await pushBranch(forge, "acme/app", "cody/x", { MORE: "more\n" });
    expect((await forge.reader.rest.pulls.get(at)).data).toMatchObject({ head: { sha: second }, mergeable: true });
    await forge.admin.commit("acme/app", "main", {
      message: "theirs\n",
      date: "2022-02-02T00:00:00Z",
      files: { README: "theirs\n" },
    });
    expect((await forge.reader.rest.pulls.get(at)).data).toMatchObject({ mergeable: false });
    await forge.writer.rest.pulls.update({ ...at, state: "closed" });
    await pushBranch(forge, "acme/app", "cody/x", { MORE: "still more\n" });
    expect((await forge.reader.rest.pulls.get(at)).data).toMatchObject({ state: "closed", head: { sha: second } });
  });

  it("answers the same for commits, trees and files with files of their own and for those in a pack", async () => {
    const forge = await testForge();
    const files = { "a b.txt": "one\n", "dir/inner": "two\n", "ä.sh": "#!/bin/sh\n", empty: "" };
    const commits = [
      { message: "Start", date: "2022-01-01T00:00:00Z", files },
      { message: "Words\n\nauthor none <> 0\ntree of words\n", date: "2022-01-02T01:02:03Z", files: { empty: null } },
    ];
    await forge.admin.addRepository({ name: "acme/app", from: { commits } });
    const bare = forge.admin.gitFolder("acme/app");
    const at = { owner: "acme", repo: "app" };
    const look = async () => {
      const { data: commit } = await forge.reader.rest.repos.getCommit({ ...at, ref: "main" });
      const { data: tree } = await forge.reader.rest.git.getTree({ ...at, tree_sha: commit.sha });
      const blobs = tree.tree.filter(({ type }) => type === "blob").map(({ sha }) => sha);
      const { data: byId } = await forge.reader.rest.repos.getCommit({ ...at, ref: commit.sha });
      expect(byId).toEqual(commit);
      const read = blobs.map((file_sha) => forge.reader.rest.git.getBlob({ ...at, file_sha }));
      return { commit, tree, blobs: (await Promise.all(read)).map(({ data }) => data.content) };
    };
    const loose = await look();
    expect(loose.commit).toMatchObject({
      sha: git(bare, "rev-parse", "main"),
      parents: [{ sha: git(bare, "rev-parse", "main^") }],
      commit: {
        message: "Words\n\nauthor none <> 0\ntree of words",
        author: { name: "Sample Author", email: "sample@example.invalid", date: "2022-01-02T01:02:03Z" },
        tree: { sha: git(bare, "rev-parse", "main^{tree}") },
      },
    });
    const listed = git(bare, "-c", "core.quotePath=false", "ls-tree", "-l", "main").split("\n");
    expect(loose.tree.tree.map(({ mode, type, sha, size, path }) => [mode, type, sha, `${size ?? "-"}`, path])).toEqual(
      listed.map((line) => line.split(/ +|\t(.*)/).filter(Boolean)),
    );
    expect(loose.blobs.map((text) => Buffer.from(text, "base64").toString())).toEqual(["one\n", "#!/bin/sh\n"]);
    git(bare, "repack", "-a", "-d", "--quiet");
    expect(await look()).toEqual(loose);
    const none = { ...at, tree_sha: "1".repeat(40) };
    await expect(forge.reader.rest.git.getTree(none)).rejects.toMatchObject({ status: 404 });
    const notOne = { ...at, file_sha: loose.commit.sha };
    await expect(forge.reader.rest.git.getBlob(notOne)).rejects.toMatchObject({ status: 404 });
  });

  it("pages through many repositories by links", async () => {
    const forge = await testForge();
    for (let i = 0; i < 7; i++) await forge.admin.addRepository({ name: `acme/app-${i}` });
    const pages = await forge.reader.paginate(forge.reader.rest.repos.listForAuthenticatedUser, { per_page: 3 });
    expect(pages.map((one) => one.name)).toEqual(Array.from({ length: 7 }, (_, i) => `app-${i}`));
  });
});

describe("the forge's pages", () => {
  it("show a pull request and its diff, and nothing in it acts", async () => {
    const forge = await forgeWith();
    await pushBranch(forge, "acme/app", "cody/x", { README: "<script>alert(1)</script>\n" });
    await forge.writer.rest.pulls.create({
      owner: "acme",
      repo: "app",
      head: "cody/x",
      base: "main",
      title: "<b>News",
      body: "> [!WARNING]\n> **Not verified**\n\n<img src=x>\n\n<details><summary>More</summary>\n\n<i>\n\n</details>",
    });
    const look = (path: string) => fetch(forge.serverUrl + path, { headers: cookieHeader(forge.pageKey) });
    const page = await look("/acme/app/pull/1");
    const text = await page.text();
    expect(page.headers.get("content-security-policy")).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain("&lt;b&gt;News");
    expect(text).not.toMatch(/<script|<b>|<img/);
    expect(text).toContain("<details><summary>More</summary><p>&lt;i&gt;</p></details>");
    expect(text).toContain(
      '<div class="alert warning"><strong>Warning</strong><p><strong>Not verified</strong></p></div>',
    );
    expect(await (await look("/acme/app")).text()).toContain('href="/acme/app/pull/1"');
    expect((await look("/acme/none/pull/1")).status).toBe(404);
    expect((await fetch(`${forge.serverUrl}/acme/app/pull/1`)).status).toBe(401);
  });
});

describe("a forge that stops", () => {
  it("comes back with its tokens, repositories and pull requests", async () => {
    const folder = scratchFolder();
    const first = await startForge({ folder, log: () => {} });
    await first.admin.addRepository({ name: "acme/app", from: HISTORY });
    const pushed = await pushBranch(first, "acme/app", "cody/x");
    const port = Number(new URL(first.serverUrl).port);
    await first.stop();

    const again = await startForge({ folder, log: () => {}, port });
    expect(again).toMatchObject({ serverUrl: first.serverUrl, writeToken: first.writeToken });
    expect(git(again.admin.gitFolder("acme/app"), "rev-parse", "cody/x")).toBe(pushed);
    await expect(startForge({ folder, log: () => {}, port })).rejects.toThrow(`Port ${port} is taken.`);
    await again.stop();
  });

  it("does not overwrite a damaged state, but says where it is", async () => {
    const folder = scratchFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "forge.json"), '{"nextId": 1, "tok');
    await expect(startForge({ folder, log: () => {} })).rejects.toThrow(/forge\.json is damaged\. Move it/);
    expect(readFileSync(join(folder, "forge.json"), "utf8")).toBe('{"nextId": 1, "tok');
  });
});

describe("the sample repositories", () => {
  it("have the same history on every machine, and a Node test that runs without an install", async () => {
    const forge = await testForge();
    await addSamples(forge.admin.addRepository);
    const names = await addSamples(forge.admin.addRepository);
    expect(
      names.map((name) => `${name} ${git(forge.admin.gitFolder(name), "rev-parse", "main")}`),
    ).toMatchInlineSnapshot(`
      [
        "acme/orders ea7e502f9c028f9ebab87913163f695898549b3d",
        "acme/gateway 407bf680553c7a85cc8817e09bf79b43e7898474",
        "acme/ledger 73d8b8c3ee8f28aba62accaa4e6ad6bb165c2804",
      ]
    `);
    /** A sample's own check, before and after its build file is broken. */
    const check = (name: string, file: string, [from, to]: [string, string]) => {
      const clone = scratchFolder();
      git(clone, "clone", "--quiet", forge.admin.gitFolder(name), ".");
      const test = () => spawnSync("node", ["--test"], { cwd: clone, env: { PATH: process.env.PATH } }).status;
      const whole = test();
      writeFileSync(join(clone, file), readFileSync(join(clone, file), "utf8").replace(from, to));
      return [whole, test()];
    };
    expect(check("acme/gateway", "package.json", ["1.2.5", "1.2.8"])).toEqual([0, 1]);
    expect(check("acme/orders", "pom.xml", ["</log4j2.version>", "</log4j3.version>"])).toEqual([0, 1]);
    expect(check("acme/ledger", "build.gradle", ["log4jVersion = ", "log4jVersions = "])).toEqual([0, 1]);
  });
});
