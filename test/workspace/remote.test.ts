import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endingReasonOf } from "../../packages/github/with-retries.ts";
import { type Forge, startForge } from "../../packages/stand-ins/forge/forge.ts";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { cloneWorkspace, fetchCommit } from "../../packages/workspace/clone.ts";
import { type CommitRequest, commitTree } from "../../packages/workspace/commit.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { type PushRequest, pushBranch } from "../../packages/workspace/push.ts";
import { RemoteFailed } from "../../packages/workspace/remote-failed.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { git, scratchFolder } from "./origin.ts";

let forge: Forge;
beforeAll(async () => {
  forge = await startForge({ folder: await scratchFolder(), log: () => {} });
});
afterAll(() => forge.stop());

const AUTHOR = { name: "Cody Batch", email: "cody@example.invalid" };
const BRANCH = "cody/j0123456789abcdef-raise";
const DATE = "2026-01-01T00:00:00Z";
let next = 0;

/** A repository of its own on the forge. */
async function repository(files: Record<string, string> = { "pom.xml": "<version>1</version>\n" }) {
  const name = `acme/app-${next++}`;
  await forge.admin.addRepository({ name, from: { commits: [{ message: "Start", date: DATE, files }] } });
  const folder = forge.admin.gitFolder(name);
  const commit = git(folder, ["rev-parse", "HEAD"]).toString().trim();
  const at = (ref: string) => git(folder, ["rev-parse", ref]).toString().trim();
  return { name, folder, url: `${forge.serverUrl}/${name}.git`, commit, at };
}

type Repository = Awaited<ReturnType<typeof repository>>;

const clone = async ({ url, commit }: Repository, token = forge.readToken) =>
  cloneWorkspace({ folder: join(await scratchFolder(), "clone"), url, commit, token });

async function commitOf(workspace: Workspace, text: string, more: Partial<CommitRequest> = {}) {
  await writeFile(join(workspace.tree, "new.txt"), text);
  const { treeId } = await takePatch(workspace);
  return commitTree(workspace, {
    treeId,
    parents: [workspace.baseCommit],
    message: "Add a file\n\nBecause.\n",
    author: AUTHOR,
    date: new Date("2026-11-22T12:00:00.900Z"),
    ...more,
  });
}

const push = ({ url }: Repository, workspace: Workspace, commit: string, more: Partial<PushRequest> = {}) =>
  pushBranch(workspace, { url, token: forge.writeToken, branch: BRANCH, commit, expect: "absent", ...more });

const reasonOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RemoteFailed);
  return (error as RemoteFailed).reason?.code;
};

describe("clone", () => {
  test("takes exactly the pinned commit, also when it is no longer the tip", async () => {
    const pinned = await repository({ a: "old\n" });
    forge.admin.commit(pinned.name, "main", { message: "Later", date: DATE, files: { a: "new\n" } });
    const workspace = await clone(pinned);
    expect(readFileSync(join(workspace.tree, "a"), "utf8")).toBe("old\n");
    expect(git(workspace.gitDir, ["rev-list", "--all", "HEAD"]).toString().trim()).toBe(pinned.commit);
  });

  test("leaves the token in no file, no configuration and no error", async () => {
    const workspace = await clone(await repository());
    const basic = Buffer.from(`x-access-token:${forge.readToken}`).toString("base64");
    for (const path of await readdir(workspace.folder, { recursive: true })) {
      const bytes = await readdir(join(workspace.folder, path)).then(
        () => "",
        () => readFileSync(join(workspace.folder, path), "latin1"),
      );
      expect([path, bytes.includes(forge.readToken), bytes.includes(basic)]).toEqual([path, false, false]);
    }
    const error = await clone({ ...(await repository()), commit: "1".repeat(40) }).catch((thrown: unknown) => thrown);
    expect(JSON.stringify([String(error), (error as Error).cause, (error as Error).stack])).not.toContain(basic);
  });

  test("says what a person can do: wrong token, no repository, a commit that is gone, a rename", async () => {
    const app = await repository();
    expect(await reasonOf(clone(app, "wrong"))).toBe("github-token-refused");
    expect(await reasonOf(clone({ ...app, url: `${forge.serverUrl}/acme/missing.git` }))).toBe("repository-missing");
    expect(await reasonOf(clone({ ...app, commit: "1".repeat(40) }))).toBe("base-commit-gone");
    forge.admin.rename(app.name, `${app.name}-renamed`);
    expect(await reasonOf(clone(app))).toBe("repository-renamed");
  });

  test("a server that fails gives no reason: it is tried again", async () => {
    const app = await repository();
    forge.admin.plan({ kind: "status", status: 502, path: new RegExp(`${app.name}.git/info`) });
    expect(await reasonOf(clone(app))).toBeUndefined();
    forge.admin.plan({ kind: "cut", path: new RegExp(`${app.name}.git/git-upload-pack`), times: 5 });
    expect(await reasonOf(clone(app))).toBeUndefined();
  });

  test("does not carry the token to where a redirect points", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const thief = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(404).end();
    });
    const honest = createServer((request, response) => {
      const { port } = thief.address() as AddressInfo;
      response.writeHead(302, { location: `http://localhost:${port}${request.url}` }).end();
    });
    await Promise.all([thief, honest].map((one) => new Promise<void>((done) => one.listen(0, "127.0.0.1", done))));
    const { port } = honest.address() as AddressInfo;
    const app = { ...(await repository()), url: `http://127.0.0.1:${port}/acme/app.git` };
    expect(await reasonOf(clone(app))).toBe("repository-renamed");
    expect(seen).toEqual([]);
    thief.close();
    honest.close();
  });

  test.for(["ext::sh -c id", "ssh://git@example.invalid/a/b", "https://user:secret@example.invalid/a/b"])(
    "refuses the address %s",
    async (url) => {
      await expect(clone({ ...(await repository()), url })).rejects.toThrow(/Cannot clone|must not hold credentials/);
    },
  );

  test.for(["main", "--upload-pack=id", `${"1".repeat(39)}`])("refuses %s for a commit", async (commit) => {
    await expect(clone({ ...(await repository()), commit })).rejects.toThrow("full id");
  });

  test("a server that stops in the middle ends without progress, and that is said", async () => {
    const app = await repository();
    forge.admin.plan({ kind: "stall", method: "POST", path: new RegExp(`${app.name}.git/git-upload-pack`), times: 9 });
    const folder = join(await scratchFolder(), "clone");
    const failed = await cloneWorkspace({ ...app, folder, token: forge.readToken, silenceS: 1 }).catch((e) => e);
    expect(failed).toBeInstanceOf(RemoteFailed);
    expect([failed.reason, failed.words]).toEqual([undefined, expect.stringMatching(/too slow/i)]);
  });

  test("a path that no system takes is a reason and no crash", async () => {
    const app = await repository();
    const hash = (kind: string, body: string) =>
      git(app.folder, kind === "blob" ? ["hash-object", "-w", "--stdin"] : ["mktree"], body)
        .toString()
        .trim();
    let entry = `100644 blob ${hash("blob", "x\n")}\tf\n`;
    for (let i = 0; i < 25; i++) entry = `040000 tree ${hash("tree", entry)}\t${"d".repeat(200)}\n`;
    const commit = git(app.folder, ["commit-tree", "-m", "x", hash("tree", entry)])
      .toString()
      .trim();
    const failed = await clone({ ...app, commit }).catch((e) => e);
    expect(failed.reason).toMatchObject({
      code: "path-too-long",
      message: expect.stringMatching(/ path d+\/?d*… of /),
    });
    expect(endingReasonOf(failed)).toBe(failed.reason);
  });

  test("a signal ends it", async () => {
    const app = await repository();
    forge.admin.plan({ kind: "silence", path: new RegExp(`${app.name}.git/info`) });
    const began = performance.now();
    const aborted = cloneWorkspace({
      ...app,
      folder: join(await scratchFolder(), "clone"),
      token: forge.readToken,
      signal: AbortSignal.timeout(300),
    });
    await expect(aborted).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe("commit", () => {
  test("the same request gives the same commit, with our author, date and parent", async () => {
    const app = await repository();
    const [first, second] = [await clone(app), await clone(app)];
    const commit = await commitOf(first, "1\n");
    expect(await commitOf(second, "1\n")).toBe(commit);
    const raw = git(first.gitDir, ["cat-file", "-p", commit]).toString();
    expect(raw).toMatch(/^parent ([0-9a-f]{40})\nauthor Cody Batch <cody@example.invalid> 1795348800 \+0000\n/m);
    expect(raw.endsWith("\n\nAdd a file\n\nBecause.\n")).toBe(true);
  });

  test("signed with an SSH key it is still the same commit, and GitHub's way of checking accepts it", async () => {
    const folder = await scratchFolder();
    const key = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    await writeFile(join(folder, "allowed"), `${AUTHOR.email} ${readFileSync(`${key}.pub`, "utf8")}`);
    const app = await repository();
    const signingKey = readFileSync(key, "utf8");
    const [first, second] = [await clone(app), await clone(app)];
    const commit = await commitOf(first, "1\n", { signingKey });
    expect(await commitOf(second, "1\n", { signingKey: signingKey.trim() })).toBe(commit);
    const allowed = ["-c", `gpg.ssh.allowedSignersFile=${join(folder, "allowed")}`];
    expect(() => git(first.gitDir, [...allowed, "verify-commit", commit])).not.toThrow();
    expect(await readdir(join(first.folder, "private"))).toEqual(["git"]);
  });
});

describe("push", () => {
  test("creates the branch once; repeating it changes nothing", async () => {
    const app = await repository();
    const workspace = await clone(app);
    const commit = await commitOf(workspace, "1\n");
    expect(await push(app, workspace, commit)).toBe("created");
    expect(await push(app, workspace, commit)).toBe("same");
    expect(app.at(BRANCH)).toBe(commit);
  });

  test("an answer that was lost on the way is not a second push", async () => {
    const app = await repository();
    const workspace = await clone(app);
    const commit = await commitOf(workspace, "1\n");
    forge.admin.plan({ kind: "lose-answer", method: "POST", path: new RegExp(`${app.name}.git/git-receive-pack`) });
    expect(await push(app, workspace, commit)).toBe("same");
    expect(app.at(BRANCH)).toBe(commit);
  });

  test("never moves a branch that is not ours", async () => {
    const app = await repository();
    const workspace = await clone(app);
    const theirs = await commitOf(await clone(app), "theirs\n");
    const other = await clone(app);
    expect(await push(app, other, await commitOf(other, "theirs\n"))).toBe("created");
    const commit = await commitOf(workspace, "ours\n");
    expect(await push(app, workspace, commit)).toBe("moved");
    expect(await push(app, workspace, commit, { expect: app.commit })).toBe("moved");
    expect(app.at(BRANCH)).toBe(theirs);
  });

  test("a later round goes forward from its own last commit, and only from there", async () => {
    const app = await repository();
    const workspace = await clone(app);
    const first = await commitOf(workspace, "1\n");
    await push(app, workspace, first);

    const later = await clone(app, forge.writeToken);
    await fetchCommit(later, { url: app.url, token: forge.writeToken, commit: first });
    const second = await commitOf(later, "2\n", { parents: [first] });
    expect(await push(app, later, second, { expect: first })).toBe("created");
    expect(await push(app, later, second, { expect: first })).toBe("same");
    expect(git(app.folder, ["rev-list", BRANCH]).toString().trim().split("\n")).toEqual([second, first, app.commit]);

    const aside = await commitOf(later, "3\n");
    await expect(push(app, later, aside, { expect: second })).rejects.toThrow("does not stand on");
    git(app.folder, ["update-ref", "-d", `refs/heads/${BRANCH}`]);
    expect(await push(app, later, second, { expect: first })).toBe("moved");
  });

  test("one of two publishers with different commits wins; with the same commit both are content", async () => {
    const app = await repository();
    const rivals = await Promise.all([clone(app), clone(app)]);
    const commits = await Promise.all(rivals.map((workspace, i) => commitOf(workspace, `${i}\n`)));
    const ends = await Promise.all(rivals.map((workspace, i) => push(app, workspace, commits[i] ?? "")));
    expect(ends.toSorted()).toEqual(["created", "moved"]);

    const twin = await repository();
    const twins = await Promise.all([clone(twin), clone(twin)]);
    const same = await Promise.all(twins.map((workspace) => commitOf(workspace, "1\n")));
    const both = await Promise.all(twins.map((workspace, i) => push(twin, workspace, same[i] ?? "")));
    expect(both.every((end) => end === "created" || end === "same")).toBe(true);
  });

  test("a token that may only read and a protected branch end with a reason", async () => {
    const app = await repository();
    const workspace = await clone(app);
    const commit = await commitOf(workspace, "1\n");
    expect(await reasonOf(push(app, workspace, commit, { token: forge.readToken }))).toBe("push-denied");
    await writeFile(join(app.folder, "hooks", "pre-receive"), "#!/bin/sh\necho GH013: rule violations; exit 1\n", {
      mode: 0o755,
    }).catch(async () => {
      await mkdir(join(app.folder, "hooks"));
      await writeFile(join(app.folder, "hooks", "pre-receive"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    });
    expect(await reasonOf(push(app, workspace, commit))).toBe("push-denied");
    expect(() => app.at(BRANCH)).toThrow();
  });

  test.for(["--force", "a..b", "x:refs/heads/main", "cody/", "a b"])("refuses the branch name %s", async (branch) => {
    const app = await repository();
    const workspace = await clone(app);
    await expect(push(app, workspace, await commitOf(workspace, "1\n"), { branch })).rejects.toThrow();
    expect(app.at("main")).toBe(app.commit);
  });
});

test("a patch that does not fit its base is refused, and the clone stays at the base", async () => {
  const app = await repository();
  const workspace = await clone(app);
  const patch = Buffer.from("diff --git a/pom.xml b/pom.xml\n--- a/pom.xml\n+++ b/pom.xml\n@@ -1 +1 @@\n-other\n+2\n");
  await expect(applyPatch(workspace, patch)).rejects.toThrow("patch does not apply");
  expect((await takePatch(workspace)).patch).toHaveLength(0);
});
