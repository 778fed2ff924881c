import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STAGES, startWorld, type World } from "./world.ts";

/** One mode with mounts and one without show the others: git gets the same from them. */
const MODES = STAGES.filter(({ as, mode }) => as === undefined && ["bubblewrap", "own-uid"].includes(mode));

describe.skipIf(MODES.length === 0)("git on a tree that commands wrote (needs a sandbox)", () => {
  describe.for(MODES)("$name", (stage) => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(stage);
    });
    afterAll(() => void world?.stop());

    /** Leaves a mark wherever it runs. */
    const payload = 'touch "$PWD/executed" /tmp/executed';
    const executed = () =>
      ["tree/executed", "tmp/executed", "home/executed"].filter((path) => existsSync(join(world.workspace, path)));
    const config = [
      "[core]",
      "repositoryformatversion = 0",
      "bare = false",
      "worktree = .",
      "hooksPath = hooks",
      `fsmonitor = "${payload.replaceAll('"', '\\"')}; true"`,
      `sshCommand = "${payload.replaceAll('"', '\\"')}"`,
      '[filter "x"]',
      `clean = "${payload.replaceAll('"', '\\"')}; cat"`,
      `smudge = "${payload.replaceAll('"', '\\"')}; cat"`,
      "required = true",
      "[diff]",
      `external = "${payload.replaceAll('"', '\\"')}"`,
      '[diff "x"]',
      `command = "${payload.replaceAll('"', '\\"')}"`,
      `textconv = "${payload.replaceAll('"', '\\"')}; cat"`,
      "[credential]",
      `helper = "!${payload.replaceAll('"', '\\"')}"`,
      "[gpg]",
      `program = "${payload.replaceAll('"', '\\"')}"`,
      "[alias]",
      `status = "!${payload.replaceAll('"', '\\"')}"`,
    ].join("\n");
    const evil = (gitDir: string) =>
      `mkdir -p ${gitDir}/hooks ${gitDir}/info && cat > ${gitDir}/config <<'EOF'\n${config}\nEOF\n` +
      `printf '#!/bin/sh\\n${payload}\\n' > ${gitDir}/hooks/post-index-change; cp ${gitDir}/hooks/post-index-change ${gitDir}/hooks/pre-commit; chmod +x ${gitDir}/hooks/*;` +
      `echo '* filter=x diff=x' > ${gitDir}/info/attributes;`;
    const repository = (folder: string) =>
      `mkdir -p ${folder}; (cd ${folder}; git init -q . && echo x > file && git add file && git -c user.name=a -c user.email=a@b.invalid commit -qm x); ${evil(`${folder}/.git`)}`;

    const TREES: { title: string; command: string; refused?: string; files?: string[]; not?: string[] }[] = [
      {
        title: "the repository at the top, with all that can name a program in it",
        command: `${repository(".")} echo x > note; mkdir -p .git/objects/info; echo "$PWD" > .git/objects/info/alternates; echo ../far > .git/commondir; cp README.md .git/index; ${evil("far")}`,
        files: ["file", "note"],
      },
      {
        title: "a repository below is removed and the patch refused",
        command: `${repository("sub/deep")} echo '* filter=x diff=x' > .gitattributes`,
        refused: "nested-repository",
        files: ["sub/deep/file"],
      },
      {
        title: "a nested repository among ignored files is only removed",
        command: repository("ignored/dep"),
        not: ["ignored/dep/file"],
      },
      {
        title: "a .git that is a file",
        command: `rm -rf .git; mkdir -p far sub; ${evil("far")} echo "gitdir: $PWD/far" > .git; cp .git sub/.git; echo x > sub/x`,
        refused: "nested-repository",
        files: ["far/config", "sub/x"],
      },
      {
        title: "a .git that is a link",
        command: `rm -rf .git; mkdir -p far sub; ${evil("far")} ln -s ../far sub/.git; ln -s far .git; echo x > sub/x`,
        refused: "nested-repository",
      },
      {
        title: "a fake bare repository",
        command: `mkdir -p bare/objects bare/refs; echo 'ref: refs/heads/main' > bare/HEAD; ${evil("bare")}`,
        files: ["bare/HEAD", "bare/config"],
      },
      {
        title: "attributes that name filters and drivers",
        command: "echo '* filter=x diff=x merge=x' > .gitattributes; echo x > a; echo x >> README.md",
        files: [".gitattributes", "a"],
      },
      {
        title: "a .gitmodules with an update command",
        command: `printf '[submodule "x"]\\npath = x\\nurl = ext::sh -c id\\nupdate = !touch executed\\n' > .gitmodules; mkdir x; echo x > x/x`,
        files: [".gitmodules", "x/x"],
      },
      {
        title: "settings in the command's home",
        command: `cd "$HOME"; ${evil(".")} mv config .gitconfig; mkdir -p .config/git; cp .gitconfig .config/git/config; cp info/attributes .config/git/`,
        files: [],
      },
      {
        title: ".GIT, which is .git elsewhere",
        command: "mkdir .GIT; echo x > .GIT/config",
        refused: "tree-unreadable",
      },
      {
        title: "git~1, which is .git elsewhere",
        command: "mkdir git~1; echo x > git~1/config",
        refused: "tree-unreadable",
      },
      {
        title: "a file and a folder that were closed, and the tree itself",
        command: "echo x > closed; mkdir -p shut/deep; echo x > shut/deep/x; chmod 0 closed shut/deep shut .",
        files: ["closed", "shut/deep/x"],
      },
      {
        title: "a .git that was closed",
        command: `${repository("sub")} mkdir -p sub/.git/x/y; chmod 0 sub/.git/x sub/.git sub; rm -rf .git`,
        refused: "nested-repository",
        files: ["sub/file"],
      },
      {
        title: "a folder that became a link to itself, and one to a copy of itself",
        command: "mkdir e; echo x > e/x; rm -rf d; ln -s d d; cp -r e f; rm -rf e; ln -s f e",
        files: ["d", "e", "f/x"],
      },
      {
        title: "a path that is too long for git",
        command:
          "n=$(printf %0200d 0); echo x > x; for i in $(seq 30); do mkdir $n && cd $n || break; done; echo y > y; true",
        files: ["x"],
      },
      {
        title: "FIFOs, sockets and links in a circle",
        command:
          "mkfifo pipe; ln -s circle circle; node -e 'net.createServer().listen(\"sock\", () => process.exit())' 2>/dev/null; echo x > x",
        files: ["circle", "x"],
        not: ["pipe", "sock"],
      },
      {
        title: "sparse files, together more than a change can be",
        command: "truncate -s 31M a b c d e f g",
        refused: "change-too-large",
      },
      {
        title: "more files than a change can have",
        command: "mkdir many; cd many; seq 10001 | xargs touch",
        refused: "change-too-large",
      },
      {
        title: "an index and alternates of its own",
        command: `mkdir -p objects/info; echo ${"$PWD"} > objects/info/alternates; cp README.md index`,
        files: ["index", "objects/info/alternates"],
      },
    ];

    test.for(TREES)("$title", async ({ command, refused, files, not }) => {
      await world.run(
        `rm -rf .[!.]* * "$HOME"/.[!.]* "$TMPDIR"/*; printf 'hello\\n' > README.md; echo ignored/ > .gitignore; printf '#!/bin/sh\\necho ran\\n' > run.sh; chmod +x run.sh`,
      );
      const made = await world.run(`${command}\ntrue`);
      expect(made).toMatchObject({ exitCode: 0 });
      await world.run(
        'rm -f executed /tmp/executed "$TMPDIR/executed"; find . -name executed -delete 2>/dev/null; true',
      );
      const facts = await world.git();
      expect(executed()).toEqual([]);
      expect((facts.refused ?? facts.patchOnly)?.code).toBe(refused);
      if (files) expect(facts.files).toEqual(expect.arrayContaining(files));
      if (not) expect(facts.files.filter((path) => not.includes(path))).toEqual([]);
      expect(existsSync(join(world.workspace, "tree", "sub", ".git"))).toBe(false);
      expect(facts.patch).not.toMatch(/160000/);
    });
  });
});
