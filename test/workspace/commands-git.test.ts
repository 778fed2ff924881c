import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { probeSandbox } from "../../packages/sandbox/probe.ts";
import { runJobCommand } from "../../packages/work/job-command.ts";
import { createTree } from "../../packages/work/tree.ts";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { runCommand } from "../../packages/workspace/run-command.ts";
import { type Files, git, makeOrigin, type Origin } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const FILES: Files = {
  "a.txt": "one\n",
  "crlf.txt": "one\r\ntwo\r\n",
  "run.sh": { program: "#!/bin/sh\n" },
  "way/link": { link: "../a.txt" },
  ".gitignore": "ignored/\n",
  "big.bin": `version https://git-lfs.github.com/spec/v1\noid sha256:${"1".repeat(64)}\nsize 5\n`,
  "id.c": "/* $Id: old $ */\n",
  "wide.u": bytes("\0\x01 not what it says"),
};

const ATTRIBUTES =
  "*.txt text eol=lf\n*.bin filter=lfs diff=lfs merge=lfs -text\n*.c ident\n*.u working-tree-encoding=UTF-16LE\n";

/** Blobs that their own attributes would write otherwise: with a git that obeyed them nothing here was clean. */
const origin = await makeOrigin(FILES);
const id = git(origin.source, ["hash-object", "-w", "--stdin"], ATTRIBUTES).toString().trim();
git(origin.source, ["update-index", "--add", "--cacheinfo", `100644,${id},.gitattributes`]);
git(origin.source, ["commit", "-q", "--amend", "-m", "Start"]);
origin.commit = git(origin.source, ["rev-parse", "HEAD"]).toString().trim();

async function stage(origin: Origin, branch = "trunk/of-1") {
  // What all modes share; test/sandbox has the rows of each.
  const sandbox = await probeSandbox({ unsafe: true, modes: ["unsafe"] });
  const workspace = await cloneOf(origin, { sandbox, branch });
  const tree = createTree(workspace, { asCloned: true });
  const run = async (command: string) => {
    const { exitCode, output } = await tree.run!(command, { timeoutMs: 20_000 });
    expect({ command, exitCode, output }).toMatchObject({ exitCode: 0 });
    return output;
  };
  return { workspace, tree, run, at: (path: string) => join(workspace.tree, path) };
}

const change = async (tree: ReturnType<typeof createTree>) => (await tree.patch()).paths;

describe("the repository that commands see", () => {
  it("is the base commit on its branch, clean byte for byte, without history, remote, hooks or secret", async () => {
    const { run, at, workspace } = await stage(origin);
    const seen = "git status --porcelain --ignored && git diff HEAD --stat && git ls-files -m -o && git stash list";
    expect(await run(seen)).toBe("");
    expect(
      await run("git rev-parse HEAD; git rev-parse --abbrev-ref HEAD; git log --format=%s; git describe --always"),
    ).toBe(`${origin.commit}\ntrunk/of-1\nStart\n${origin.commit.slice(0, 7)}\n`);
    expect(
      await run("git remote; git config --list --local | grep -iE 'remote|token|url|helper' ; git fsck --strict 2>&1"),
    ).toBe("");
    expect(existsSync(at(".git/hooks"))).toBe(false);
    expect([lstatSync(at(".git")).isDirectory(), statSync(at(".git")).dev]).toEqual([
      true,
      statSync(workspace.tree).dev,
    ]);
    expect(await run("git ls-files | wc -l; git grep -l one")).toBe("9\na.txt\ncrlf.txt\n");
  });

  it("shows what tools and commands change, and nothing that is done in it is a change", async () => {
    const { tree, run } = await stage(origin);
    await tree.change([{ kind: "write", path: "a.txt", bytes: bytes("uno\n") }]);
    expect(await run("echo new > new.txt; git status --porcelain; git diff --numstat")).toBe(
      " M a.txt\n?? new.txt\n1\t1\ta.txt\n",
    );
    expect(
      await run(
        "git add -A && git commit -qm work && git tag v9 && git checkout -qb other && git log --format='%an <%ae> %s' -1",
      ),
    ).toBe("Cody <cody@localhost> work\n");
    expect(await change(tree)).toEqual(["a.txt", "new.txt"]);
    await run("git reset -q --hard HEAD~1");
    expect(await change(tree)).toEqual([]);
    await run("echo x >> run.sh && git stash -q");
    expect(await change(tree)).toEqual([]);
    await run("git stash pop -q && git mv a.txt b.txt");
    expect(await change(tree)).toEqual(["a.txt", "b.txt", "run.sh"]);
    expect((await tree.list()).filter(({ path }) => path.startsWith(".git/"))).toEqual([]);
  });

  it("is closed to the file tools", async () => {
    const { tree, run } = await stage(origin);
    await run("git status");
    const query = { pattern: "Cody", literal: true, ignoreCase: false, maxMatches: 5, timeoutMs: 5_000 };
    const attempts = [
      () => tree.list([".git/**"]),
      () => tree.list(["**/.git/config"]),
      () => tree.read(".git/config"),
      () => tree.search({ ...query, globs: [".git"] }),
      () => tree.change([{ kind: "write", path: ".git/hooks/pre-commit", bytes: bytes("x") }]),
      () => tree.change([{ kind: "remove", path: ".git" }]),
      () => tree.change([{ kind: "move", from: ".git", to: "git" }]),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow("git's own");
    expect((await tree.search({ ...query, globs: [] })).matches).toEqual([]);
  });

  it.each([
    ["removed", "rm -rf .git"],
    ["a file that points elsewhere", "mv .git ../elsewhere; echo gitdir: ../elsewhere > .git"],
    ["a link", "mv .git ../elsewhere; ln -s ../elsewhere .git"],
    ["a FIFO", "rm -rf .git; mkfifo .git"],
    ["closed", "mkdir -p .git/x/y; chmod 0 .git/x .git"],
    ["empty", "rm -rf .git; mkdir .git"],
  ])("is there again when a command left it %s", async (_, command) => {
    const { tree, run } = await stage(origin);
    await run(`${command}; echo uno > a.txt`);
    expect(await change(tree)).toEqual(["a.txt"]);
    expect(await run("git status --porcelain; git log --format=%s")).toBe(" M a.txt\nStart\n");
  });

  it("is read by the commands alone, whatever stands in it", async () => {
    const { tree, run, at } = await stage(origin);
    // Who opens a FIFO waits for ever.
    const fifos = [
      "config",
      "HEAD",
      "index",
      "info/attributes",
      "info/exclude",
      "packed-refs",
      "commondir",
      "refs/heads/main",
    ];
    await run(
      `cd .git && for f in ${fifos.join(" ")}; do mkdir -p $(dirname $f); rm -f $f; mkfifo $f; done; cd ..; echo uno > a.txt`,
    );
    expect(await change(tree)).toEqual(["a.txt"]);
    expect(await tree.status()).toBe("M  a.txt\n");
    expect(await tree.diff()).toContain("+uno");
    expect(lstatSync(at(".git/config")).isFIFO()).toBe(true);
  });

  it("is a fresh one for a check, and the old one again afterwards", async () => {
    const { workspace, tree, run } = await stage(origin);
    await run(
      "echo uno > a.txt; git add -A; git commit -qm work; echo mine > .git/mine; printf '[alias]\\nst = !false\\n' >> .git/config",
    );
    const given = { redactor: { redact: async (text: string) => text } as never, commandTimeoutMs: 20_000 };
    const command =
      "git diff HEAD --name-only; git log --format=%s; git st; ls .git/mine; git commit -qam check; echo dos > a.txt";
    const check = () => runJobCommand(workspace, { command, signal: AbortSignal.timeout(20_000) }, given);
    const { tail } = await tree.checked(check);
    expect(tail).toMatch(/^a\.txt\nStart\ngit: 'st' is not a git command/);
    expect(tail).toContain("No such file");
    expect(await run("git log --format=%s; ls .git/mine; cat a.txt")).toBe("work\nStart\n.git/mine\nuno\n");
    expect(await change(tree)).toEqual(["a.txt"]);
  });

  it.each([
    ["none", "rm -rf .git"],
    ["a link", "mv .git ../elsewhere; ln -s ../elsewhere .git"],
  ])("what a check did in it is gone, also where commands had left %s", async (_, command) => {
    const { workspace, tree, run } = await stage(origin);
    await run(`${command}; echo uno > a.txt`);
    const request = { timeoutMs: 20_000, maxBytes: 1_000 };
    const checked = await tree.checked(() =>
      runCommand(workspace, { ...request, command: "git log --format=%s; git tag of-check; touch .git/of-check" }),
    );
    expect(checked.output).toBe("Start\n");
    expect(await run("git tag; ls .git ../elsewhere 2>/dev/null | grep of-check; cat a.txt")).toBe("uno\n");
  });

  /** All in their own repository: none of it is to be believed by ours. */
  const LIES: [title: string, command: string][] = [
    [
      "programs, by a file that the config includes",
      `printf '[include]\npath = more\n[includeIf "gitdir:**"]\npath = more\n' >> .git/config; mkdir .git/h; printf '[core]\nfsmonitor = "touch executed; false"\nhooksPath = .git/h\npager = "touch executed"\n' > .git/more; printf '#!/bin/sh\ntouch executed\n' > .git/h/post-index-change; chmod +x .git/h/*`,
    ],
    [
      "programs, by the config of a worktree",
      `git config extensions.worktreeConfig true; git config --worktree core.fsmonitor 'touch executed; false'`,
    ],
    [
      "another commit in place of the base",
      `echo other > a.txt; git commit -qam other; git replace HEAD~1 HEAD; git update-ref refs/heads/trunk/of-1 HEAD; git checkout -q HEAD~1 -- . || git checkout -q -- .`,
    ],
    [
      "another parent, tree, git dir and place of objects",
      `echo ${"1".repeat(40)} > .git/shallow; echo $(git rev-parse HEAD) > .git/info/grafts; mkdir -p ../far .git/objects/info; git config core.worktree $PWD/../far; cp -r .git/. ../far; echo ../../far > .git/commondir; echo /nowhere > .git/objects/info/alternates`,
    ],
    [
      "that nothing changed, and that everything is ignored or to be filtered",
      "git update-index --assume-unchanged a.txt; git update-index --skip-worktree crlf.txt run.sh; echo '*' > .git/info/exclude; git config core.excludesFile .git/info/exclude; echo '* -diff -text filter=x' > .git/info/attributes; git config filter.x.clean 'touch executed'",
    ],
    [
      "that it is locked, bare and of a format to come",
      "touch .git/index.lock .git/HEAD.lock .git/config.lock .git/shallow.lock; git config -f .git/config core.bare true; printf '[core]\\nrepositoryFormatVersion = 99\\n' >> .git/config",
    ],
  ];
  describe("may say", () => {
    let one: Awaited<ReturnType<typeof stage>>;
    beforeAll(async () => {
      one = await stage(origin);
    });

    it.each(LIES)("%s: ours does not hear it", async (_, command) => {
      const { workspace, tree, run, at } = one;
      // Whatever was said before is gone with its repository.
      await run("rm -rf .git ../far new.txt; printf 'one\\n' > a.txt; printf '#!/bin/sh\\n' > run.sh");
      await run(`(${command}) 2>&1; echo uno > a.txt; echo x >> run.sh; echo new > new.txt; rm -f executed; true`);
      expect(await change(tree)).toEqual(["a.txt", "new.txt", "run.sh"]);
      expect(await tree.diff()).toContain("-one\n+uno");
      expect([existsSync(at("executed")), existsSync(at("../far/executed"))]).toEqual([false, false]);
      expect(readFileSync(join(workspace.gitDir, "HEAD"), "utf8")).toBe(`${origin.commit}\n`);
    });

    it("and runs what it is told to, when commands ask it: what is shown above can fail", async () => {
      for (const [, command] of LIES.slice(0, 2)) {
        await one.run("rm -rf .git executed");
        expect(await one.run(`${command}; git status >/dev/null; ls executed`)).toBe("executed\n");
      }
    });

    it("what it likes: another run of the same commit does not hear it", async () => {
      const { run } = await stage(origin);
      expect(await run("git status --porcelain; git log --format=%s; git for-each-ref --format='%(refname)'")).toBe(
        "Start\nrefs/heads/trunk/of-1\n",
      );
    });
  });

  it("has worktrees that are no part of a pull request", async () => {
    const { tree, run, at } = await stage(origin);
    await run("git worktree add -q wt && echo x > wt/x; git init -q --separate-git-dir=../apart sub; echo x > sub/x");
    expect((await tree.patch()).patchOnly?.code).toBe("nested-repository");
    expect([existsSync(at("wt/.git")), existsSync(at("sub/.git"))]).toEqual([false, false]);
  });

  it("belongs to a restored tree too: the base is HEAD, and the earlier change is not committed", async () => {
    const first = await stage(origin);
    await first.run("echo uno > a.txt; rm crlf.txt; git add -A; git commit -qm work");
    const { patch } = await first.tree.patch();
    const second = await stage(origin);
    await applyPatch(second.workspace, patch);
    expect(await second.run("git status --porcelain; git log --format=%s")).toBe(" M a.txt\n D crlf.txt\nStart\n");
  });

  it("shows submodules as empty, and a repository below is what it was: no part of a pull request", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n" });
    git(origin.source, ["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},library`]);
    git(origin.source, ["commit", "-qm", "Second"]);
    const commit = git(origin.source, ["rev-parse", "HEAD"]).toString().trim();
    const { tree, run, at } = await stage({ ...origin, commit });
    expect(await run("git status --porcelain; git log --format=%s")).toBe("Second\n");
    await run("mkdir sub && cd sub && git init -q && echo x > x");
    expect((await tree.patch()).patchOnly?.code).toBe("nested-repository");
    expect([existsSync(at("sub/.git")), existsSync(at(".git"))]).toEqual([false, true]);
  });

  it("works with SHA-256", async () => {
    const origin = await makeOrigin({ "a.txt": "one\n" }, { objectFormat: "sha256" });
    const { run } = await stage(origin);
    expect(await run("echo x > b; git add b; git commit -qm x; git rev-parse HEAD~1; git status --porcelain")).toBe(
      `${origin.commit}\n`,
    );
  });

  it("shares no byte with ours: what a command does to its objects cannot change a base", async () => {
    const { workspace, tree, run } = await stage(origin);
    await run(
      "find .git/objects -type f -exec chmod u+w {} + -exec sh -c 'for f; do echo bad > $f; done' sh {} +; echo uno > a.txt",
    );
    expect(await change(tree)).toEqual(["a.txt"]);
    expect(() => git(workspace.gitDir, ["fsck", "--strict"])).not.toThrow();
  });

  it("costs no command where there is no room for it", async () => {
    const { workspace } = await stage(origin);
    rmSync(join(workspace.gitDir, "..", "template"), { recursive: true });
    const ran = await runCommand(workspace, { command: "cat a.txt", timeoutMs: 5_000, maxBytes: 1_000 });
    expect(ran).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^\[git does not work here: .*\]\none\n$/),
    });
    expect(readdirSync(join(workspace.gitDir, ".."))).toEqual(["git"]);
  });
});
