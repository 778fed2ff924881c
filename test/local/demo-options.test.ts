import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readAttachments } from "../../packages/local/demo/act.ts";
import { parseDemoOptions } from "../../packages/local/demo/options.ts";
import { patchedTree } from "../../packages/local/demo/patched-tree.ts";
import { prepareRepositories, whereCalled } from "../../packages/local/demo/repositories.ts";
import { checkGit } from "../../packages/local/stack/git.ts";
import { typedAs } from "../../packages/local/typed-as.ts";
import { git, scratchFolder, testForge } from "../stand-ins/forge-fixture.ts";

afterEach(() => void vi.unstubAllEnvs());

/** What people have in their ~/.gitconfig, and what would break a clone, a look or a patch of ours. */
function oddGitSettings(folder: string): string {
  const hooks = join(folder, "hooks");
  mkdirSync(hooks, { recursive: true });
  for (const hook of ["post-checkout", "reference-transaction", "post-index-change"])
    writeFileSync(join(hooks, hook), `#!/bin/sh\necho $0 >> '${join(folder, "hooked")}'\nexit 1\n`, { mode: 0o755 });
  const path = join(folder, "odd.gitconfig");
  writeFileSync(
    path,
    [
      `[core]\nautocrlf = true\nsafecrlf = true\nhooksPath = ${hooks}\npager = false`,
      "[commit]\ngpgSign = true\n[gpg]\nprogram = false",
      "[init]\ndefaultBranch = trunk\n[user]\nuseConfigOnly = true",
      '[url "ssh://nowhere.invalid/"]\ninsteadOf = http://127.0.0.1\ninsteadOf = /',
      "[protocol]\nallow = never\n[http]\nproxy = http://127.0.0.1:1",
      "[apply]\nwhitespace = fix\n[diff]\nnoprefix = true\n[status]\nshowUntrackedFiles = no",
      "[safe]\nbareRepository = explicit\n[clone]\nrejectShallow = true",
    ].join("\n"),
  );
  return path;
}

describe("what `npm run demo` is told", () => {
  it.each([
    [["--cost-limit", "9999"], /^--cost-limit: The cost limit can be at most/],
    [["--cost-limit", "abc"], /^--cost-limit: The cost limit is a number of dollars/],
    [["--cap", "-3"], /^--cost-limit: The cost limit must be above \$0\.\n/],
    [["--cap"], /^--cap needs a value behind it\.\ncody --help/],
    [["--prompt", "--review"], /^--prompt needs a value/],
    [["--keep=yes"], /^--keep takes no value/],
    [["--verfy", "make"], /^There is no --verfy here\. Did you mean --verify\?\ncody --help/],
    [["--prompt", "Raise", "log4j"], /^"log4j" belongs to no option\. A text of several words needs quotes/],
    [["--repo", "", "--prompt", "x"], /^--repo: Name a folder/],
    [["--cost-limit", ""], /^--cost-limit: The cost limit must be above/],
    [["--repo", "x"], /--prompt/],
    [["--ask-first", "--draft"], /Choose one/],
    [["--prompt", " "], /^--prompt: Say what Cody should do/],
  ])("%j is refused in words that name the flag", (args, says) => {
    expect(() => parseDemoOptions(args)).toThrow(says);
  });

  it("takes a cost limit, and none", () => {
    expect(parseDemoOptions(["--cost-limit", "2.5"])).toMatchObject({ costLimit: 2.5 });
    expect(parseDemoOptions([])).toMatchObject({ costLimit: undefined });
  });

  it.each([
    [[], "open-pr"],
    [["--ask-first"], "review-first"],
    [["--draft-pull-requests"], "draft-pr"],
    [["--patches-only"], "patch-only"],
    [["--review", "--ask-first"], "review-first"],
    [["--draft"], "draft-pr"],
    [["--patch-only"], "patch-only"],
  ])("%j chooses a delivery by its name, or by the one it had", (args, delivery) => {
    expect(parseDemoOptions(args)).toMatchObject({ delivery });
  });

  it("the samples have a check, unless a person gives another; a repository of one's own has the one that is given", () => {
    const own = ["--repo", ".", "--prompt", "Do it."];
    const checkOf = (...args: string[]) => (parseDemoOptions(args) as { check?: string }).check;
    expect(checkOf()).toBe("node --test");
    expect(checkOf("--check", "make")).toBe("make");
    expect(checkOf("--verify", "make")).toBe("make");
    expect(checkOf(...own)).toBeUndefined();
    expect(checkOf(...own, "--check", "make")).toBe("make");
  });

  it("a URL that git cannot clone is said in git's words, without what the URL holds", async () => {
    const folder = scratchFolder();
    const forge = await testForge(folder);
    const refusal = prepareRepositories(["http://me:hidden-token@127.0.0.1:1/app.git"], forge, {
      from: folder,
      say: () => {},
    });
    await expect(refusal).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(
        /^git cannot clone http:\/\/127\.0\.0\.1:1\/app\.git: unable to access .*\. Try git clone/,
      ),
    });
    await expect(refusal).rejects.not.toThrow("hidden-token");
  });

  it("a folder is cloned as it is committed, whatever the person's git is told; what is not there for Cody is said", async () => {
    const folder = realpathSync(scratchFolder());
    const root = join(folder, "Straße 漢 ", "x".repeat(120));
    mkdirSync(join(root, "src"), { recursive: true });
    git(root, "init", "-q", "-b", "main");
    writeFileSync(join(root, "src/a.txt"), "a\n");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "first");
    writeFileSync(join(root, "src/new.txt"), "new\n");
    const index = readFileSync(join(root, ".git/index"));
    vi.stubEnv("GIT_CONFIG_GLOBAL", oddGitSettings(folder));
    for (const name of ["GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"]) vi.stubEnv(name, "/nowhere");
    vi.stubEnv("HOME", folder);
    const forge = await testForge(join(folder, "forge"));
    const said: string[] = [];
    const prepare = (source: string) =>
      prepareRepositories([source], forge, { from: root, say: (line) => said.push(line) });

    const [name = ""] = await prepare("src");
    expect(name).toBe(`local/${"x".repeat(96)}`);
    expect(git(forge.admin.gitFolder(name), "ls-tree", "-r", "--name-only", "main")).toBe("src/a.txt");
    expect(said).toEqual([
      `${root}/src belongs to the repository ${root}: Cody works on all of it.`,
      `1 uncommitted file of ${root} left out: Cody sees what is committed.`,
    ]);
    // Later starts catch up. A shell leaves ~ as it is behind --repo=.
    expect(await prepare(`~/Straße 漢 /${"x".repeat(120)}`)).toEqual([name]);
    expect(readFileSync(join(root, ".git/index"))).toEqual(index);
    expect(existsSync(join(folder, "hooked"))).toBe(false);
  });

  it("a partial clone cannot be worked on, and its source is named in its place; a damaged one is called so", async () => {
    const folder = realpathSync(scratchFolder());
    const [whole, partial] = [join(folder, "whole"), join(folder, "partial")];
    mkdirSync(whole);
    git(whole, "init", "-q", "-b", "main");
    for (const name of ["a", "b"]) writeFileSync(join(whole, name), name);
    git(whole, "add", "-A");
    git(whole, "commit", "-qm", "first");
    git(whole, "config", "uploadpack.allowFilter", "true");
    git(folder, "clone", "-q", "--filter=blob:none", "--no-checkout", `file://${whole}`, partial);
    const forge = await testForge(join(folder, "forge"));
    await expect(prepareRepositories([partial], forge, { from: folder, say: () => {} })).rejects.toThrow(
      `${partial} is a partial clone: 2 objects of its newest commit are not there. Name its source instead: --repo file://${whole}`,
    );
    expect(await prepareRepositories([`file://${whole}`], forge, { from: folder, say: () => {} })).toEqual([
      "local/whole",
    ]);
    const lost = git(whole, "rev-parse", "HEAD:a");
    rmSync(join(whole, ".git/objects", lost.slice(0, 2), lost.slice(2)));
    await expect(prepareRepositories([whole], forge, { from: folder, say: () => {} })).rejects.toThrow(
      `${whole} is damaged: 1 object of its newest commit is not there. git fsck lists them; name a whole clone instead.`,
    );
  });

  it("a downloaded patch is tried without the person's settings, proxies and line ends", async () => {
    const folder = scratchFolder();
    const forge = await testForge(join(folder, "forge"));
    const files = {
      ".gitattributes": "* text eol=lf\n*.bin filter=lfs\n",
      "a.txt": "one\r\ntwo \r\n",
      "b.bin": "raw\n",
    };
    const commits = [{ message: "Start\n", date: "2026-01-05T10:00:00Z", files }];
    const { name } = await forge.admin.addRepository({ name: "acme/app", from: { commits } });
    const bare = forge.admin.gitFolder(name);
    const commit = git(bare, "rev-parse", "main");
    await forge.admin.commit(name, "main", {
      message: "Later\n",
      date: "2026-01-06T10:00:00Z",
      files: { ...files, "a.txt": "one\r\nthree \r\n", "b.bin": "other\n" },
    });
    const patch = execFileSync("git", ["-C", bare, "diff", "--binary", commit, "main"]);
    vi.stubEnv("GIT_CONFIG_GLOBAL", oddGitSettings(folder));
    for (const variable of ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
      vi.stubEnv(variable, "http://127.0.0.1:1");
    const remote = { commit, url: `${forge.serverUrl}/${name}.git`, token: forge.readToken };
    expect(await patchedTree(patch, remote)).toBe(git(bare, "rev-parse", "main^{tree}"));
    await expect(patchedTree(Buffer.from("no patch"), remote)).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(
        /^The downloaded patch could not be tried on a fresh clone of \S+: error: No valid patches/,
      ),
    });
  });

  it("and in a repository with ids of SHA-256", async () => {
    const folder = scratchFolder();
    git(folder, "init", "-q", "-b", "main", "--object-format=sha256");
    writeFileSync(join(folder, "a.txt"), "one\n");
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "first");
    writeFileSync(join(folder, "a.txt"), "two\n");
    git(folder, "add", "-A");
    const patch = execFileSync("git", ["-C", folder, "diff", "--cached", "--binary"]);
    const remote = { commit: git(folder, "rev-parse", "main"), url: `file://${folder}`, token: "t" };
    expect(await patchedTree(patch, remote)).toBe(git(folder, "write-tree"));
  });

  it("a relative path begins where npm was called, and else where the program runs", () => {
    expect(whereCalled({ INIT_CWD: "/home/me/orders" })).toBe("/home/me/orders");
    expect(whereCalled({})).toBe(process.cwd());
  });

  it("a file to attach is looked for where the command was typed, and said before anything starts", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "a.txt"), "text");
    expect(await readAttachments(["a.txt"], folder)).toEqual([{ name: "a.txt", bytes: Buffer.from("text") }]);
    await expect(readAttachments(["."], folder)).rejects.toThrow(/^--attach: \S+ cannot be read \(EISDIR\)/);
  });

  it("a clone of an earlier start is kept, catches up with its source, and is told from another of the same name", async () => {
    const folder = realpathSync(scratchFolder());
    const commit = (path: string, file: string) => {
      writeFileSync(join(path, file), file);
      git(path, "add", "-A");
      git(path, "commit", "-qm", file);
      return git(path, "rev-parse", "HEAD");
    };
    const [one, other] = ["one/app", "other/app"].map((path) => join(folder, path)) as [string, string];
    for (const path of [one, other]) {
      mkdirSync(path, { recursive: true });
      git(path, "init", "-q", "-b", "main");
      commit(path, "first");
    }
    const forge = await testForge(join(folder, "forge"));
    const said: string[] = [];
    const prepare = (...sources: string[]) =>
      prepareRepositories(sources, forge, { from: folder, say: (line) => said.push(line) });
    const headOf = (name: string) => git(forge.admin.gitFolder(name), "rev-parse", "main");

    expect(await prepare("one/app")).toEqual(["local/app"]);
    expect(forge.admin.repository("local/app").description).toBe(`Cloned from ${one}`);
    expect(await prepare(other, one)).toEqual(["local/app-2", "local/app"]);
    const second = commit(one, "second");
    expect(await prepare("one/app")).toEqual(["local/app"]);
    expect(headOf("local/app")).toBe(second);
    expect(said).toEqual([]);

    await forge.admin.commit("local/app", "main", {
      message: "Merged\n",
      date: "2026-11-28T10:00:00Z",
      files: { a: "a" },
    });
    const merged = headOf("local/app");
    expect(await prepare("one/app")).toEqual(["local/app"]);
    commit(one, "third");
    expect(await prepare("one/app")).toEqual(["local/app"]);
    expect(headOf("local/app")).toBe(merged);
    expect(said).toEqual([expect.stringMatching(/^local\/app keeps what was merged there; .* has gone another way/)]);
  });

  it("without git a stack says so and does not begin", () => {
    expect(() => checkGit("/nowhere")).toThrow(/^git is not installed/);
    expect(() => checkGit()).not.toThrow();
  });

  it("says commands as this person types them", () => {
    expect(typedAs("demo", { npm_lifecycle_event: "demo" })).toBe("npm run demo --");
    expect(typedAs("start", { npm_lifecycle_event: "demo" })).toBe("npm start --");
    expect(typedAs("demo", {})).toBe("cody");
    expect(typedAs("start", { npm_lifecycle_event: "test" })).toBe("cody start");
  });
});
