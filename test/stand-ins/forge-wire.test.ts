import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keptAs } from "../../packages/stand-ins/forge/kept-packs.ts";
import { git, gitOverHttp, pushBranch, scratchFolder, testForge, urlWith } from "./forge-fixture.ts";

const DATE = "2022-01-01T00:00:00Z";
const FROM = { commits: [{ message: "Start\n", date: DATE, files: { README: "hello\n" } }] };
const NAME = "acme/app";

async function forgeWithApp(from: typeof FROM | undefined = FROM) {
  const forge = await testForge();
  await forge.admin.addRepository({ name: NAME, from });
  return { forge, bare: forge.admin.gitFolder(NAME), clone: urlWith(forge, forge.writeToken, NAME) };
}
type App = Awaited<ReturnType<typeof forgeWithApp>>;

const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
const lsRefs = (...asked: string[]) =>
  `${["command=ls-refs\n", "object-format=sha1"].map(line).join("")}0001${asked.map((one) => line(`${one}\n`)).join("")}0000`;

const VERSION_2 = { "git-protocol": "version=2" };
async function overHttp({ clone }: App, path: string, body?: string) {
  const { username, password, origin, pathname } = new URL(clone);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const headers = { ...VERSION_2, authorization };
  const asked = body === undefined ? { headers } : { headers, method: "POST", body };
  return (await fetch(`${origin}${pathname}/${path}`, asked)).text();
}
const byGit = (bare: string, service: string, input: string, ...args: string[]) =>
  execFileSync("git", [service, "--stateless-rpc", ...args, bare], {
    input,
    env: {
      PATH: process.env.PATH,
      GIT_PROTOCOL: "version=2",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
  }).toString();

describe("what the forge answers without a process of git is what git answers", () => {
  const changes: Record<string, (app: App) => unknown> = {
    "one branch": () => {},
    "several branches": ({ bare }) =>
      ["cody/b", "cody/a", "cody-c"].map((branch) => git(bare, "branch", branch, "main")),
    "no commit on the default branch": ({ bare }) => git(bare, "symbolic-ref", "HEAD", "refs/heads/later"),
    "a tag": ({ bare }) => git(bare, "tag", "-a", "-m", "One", "v1", "main"),
    "packed refs": ({ bare }) => git(bare, "pack-refs", "--all"),
    "a HEAD on a commit": ({ bare }) => git(bare, "update-ref", "--no-deref", "HEAD", git(bare, "rev-parse", "main")),
  };
  const questions = [
    ["peel", "symrefs", "unborn"],
    ["peel", "symrefs", "ref-prefix refs/heads/", "ref-prefix refs/tags/"],
    ["ref-prefix HEAD", "ref-prefix refs/heads/cody/"],
    ["unborn"],
    [],
  ];
  it.each(Object.entries(changes))("%s", async (_, change) => {
    const app = await forgeWithApp();
    change(app);
    for (const asked of questions.map((one) => lsRefs(...one)))
      expect(await overHttp(app, "git-upload-pack", asked)).toBe(byGit(app.bare, "upload-pack", asked));
    const toPush = byGit(app.bare, "receive-pack", "", "--advertise-refs");
    for (const _again of [1, 2]) expect(await overHttp(app, "info/refs?service=git-receive-pack")).toBe(toPush);
  });

  it("an empty repository", async () => {
    const app = await forgeWithApp();
    await app.forge.admin.addRepository({ name: "acme/empty" });
    const empty = {
      ...app,
      clone: app.clone.replace(NAME, "acme/empty"),
      bare: app.forge.admin.gitFolder("acme/empty"),
    };
    const asked = lsRefs("symrefs", "unborn");
    expect(await overHttp(empty, "git-upload-pack", asked)).toBe(byGit(empty.bare, "upload-pack", asked));
    const toPush = byGit(empty.bare, "receive-pack", "", "--advertise-refs");
    for (const _again of [1, 2]) expect(await overHttp(empty, "info/refs?service=git-receive-pack")).toBe(toPush);
  });
});

describe("a clone", () => {
  it("that was answered before is answered again, and a push in between is seen", async () => {
    const { forge, bare, clone } = await forgeWithApp();
    const cloned = async () => {
      const folder = scratchFolder();
      await gitOverHttp(folder, "clone", "--quiet", clone, ".");
      git(folder, "fsck", "--strict");
      return { folder, head: git(folder, "rev-parse", "HEAD") };
    };
    const [first, second] = [await cloned(), await cloned()];
    expect(second.head).toBe(first.head);
    const pushed = await pushBranch(forge, NAME, "cody/more");
    expect(git((await cloned()).folder, "rev-parse", "origin/cody/more")).toBe(pushed);
    git(bare, "update-ref", "refs/heads/main", pushed);
    await gitOverHttp(first.folder, "pull", "--quiet");
    expect(git(first.folder, "rev-parse", "HEAD")).toBe(pushed);
    git(bare, "tag", "-a", "-m", "One", "v1", "main");
    expect(git((await cloned()).folder, "tag")).toBe("v1");
  });

  it("of a repository that lacks what another one has is refused", async () => {
    const { forge, clone } = await forgeWithApp();
    const folder = scratchFolder();
    await gitOverHttp(folder, "clone", "--quiet", clone, ".");
    const head = git(folder, "rev-parse", "HEAD");
    const asked = `${line("command=fetch")}${line("object-format=sha1")}0001${line(`want ${head}\n`)}${line("done\n")}0000`;
    await forge.admin.addRepository({ name: "acme/empty" });
    const empty = { forge, bare: "", clone: clone.replace(NAME, "acme/empty") };
    for (const _again of [1, 2])
      expect(await overHttp({ forge, bare: "", clone }, "git-upload-pack", asked)).toContain("packfile");
    expect(await overHttp(empty, "git-upload-pack", asked)).not.toContain("packfile");
  });

  it("has the tags of its commits, also one of later", async () => {
    const app = await forgeWithApp();
    const head = git(app.bare, "rev-parse", "main");
    const lines = [`want ${head}\n`, "include-tag\n", "done\n"].map(line).join("");
    const asked = `${line("command=fetch")}${line("object-format=sha1")}0001${lines}0000`;
    const before = await overHttp(app, "git-upload-pack", asked);
    git(app.bare, "tag", "-a", "-m", "One", "v1", "main");
    expect((await overHttp(app, "git-upload-pack", asked)).length).toBeGreaterThan(before.length + 50);
  });

  it("that names what has to be looked up is looked up each time", async () => {
    const { bare } = await forgeWithApp();
    const lines = ["command=fetch", `want ${git(bare, "rev-parse", "main")}`, "done"];
    expect(keptAs(bare, lines)).toBeDefined();
    for (const one of ["want-ref refs/heads/main", "deepen-not main", "deepen-since 1640995200"])
      expect(keptAs(bare, [...lines, one])).toBeUndefined();
  });
});

it("a made-up history has the commits that git makes of it", async () => {
  const forge = await testForge();
  const steps: Record<string, string | null>[] = [
    { "a/b": "1\n", "a.b": "2\n", "a-b": "3\n", "deep/er/x": "4\n", run: "#!/bin/sh\n" },
    { "deep/er/x": null, "a/b": null, "a/c": "5\n" },
    { a: "a file now\n", "a.b": null, "a.b/in": "6\n", nothing: null },
    { '\u202e"quoted"': "7\n", run: "no more\n", "not/there": null },
  ];
  const commits = steps.map((files, i) => ({ message: `Step ${i}\n`, date: DATE, files }));
  await forge.admin.addRepository({ name: NAME, from: { commits: commits.slice(0, 2) } });
  for (const commit of commits.slice(2)) await forge.admin.commit(NAME, "main", commit);
  const work = scratchFolder();
  git(work, "init", "--quiet", "--initial-branch=main");
  const date = { GIT_AUTHOR_DATE: "1640995200 +0000", GIT_COMMITTER_DATE: "1640995200 +0000" };
  for (const { message, files } of commits) {
    for (const path of Object.keys(files)) execFileSync("rm", ["-rf", join(work, path)]);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) continue;
      mkdirSync(join(work, path, ".."), { recursive: true });
      writeFileSync(join(work, path), content, { mode: content.startsWith("#!") ? 0o755 : 0o644 });
    }
    git(work, "add", "-A");
    execFileSync(
      "git",
      ["-c", "user.name=Sample Author", "-c", "user.email=sample@example.invalid", "commit", "-qm", message],
      {
        cwd: work,
        env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", ...date },
      },
    );
  }
  const bare = forge.admin.gitFolder(NAME);
  git(bare, "fsck", "--strict");
  expect(git(bare, "rev-list", "main")).toBe(git(work, "rev-list", "main"));
});

describe("commits of the forge's own", () => {
  const commit = (name: string) => ({ message: `Add ${name}\n`, date: DATE, files: { [name]: "new\n" } });
  it("that come at once are all there, or refused", async () => {
    const { forge, bare } = await forgeWithApp();
    const ends = await Promise.allSettled(
      ["a", "b", "c"].map((name) => forge.admin.commit(NAME, "main", commit(name))),
    );
    const done = ends.filter(({ status }) => status === "fulfilled").length;
    expect(git(bare, "ls-tree", "--name-only", "main").split("\n")).toHaveLength(1 + done);
  });

  it.each(["loose", "packed"])("make no branch beside the folder of others, with %s refs", async (refs) => {
    const { forge, bare } = await forgeWithApp();
    git(bare, "branch", "team/more", "main");
    if (refs === "packed") git(bare, "pack-refs", "--all");
    await expect(forge.admin.commit(NAME, "team", commit("a"))).rejects.toThrow(/team/);
    git(bare, "branch", "-D", "team/more");
    await forge.admin.commit(NAME, "team", commit("a"));
    expect(git(bare, "ls-tree", "--name-only", "team")).toBe("a");
  });

  it("keep a name that is not UTF-8 as it is", async () => {
    const { forge, bare } = await forgeWithApp();
    const named = execFileSync(
      "sh",
      ["-c", "printf '100644 blob %s\\tcaf\\351\\n' $(git hash-object -w -t blob /dev/null) | git mktree"],
      { cwd: bare },
    );
    const made = git(bare, "commit-tree", "-m", "odd", named.toString().trim());
    git(bare, "update-ref", "refs/heads/main", made);
    await forge.admin.commit(NAME, "main", commit("a"));
    expect(git(bare, "ls-tree", "--name-only", "main").split("\n")).toEqual(["a", '"caf\\351"']);
  });
});
