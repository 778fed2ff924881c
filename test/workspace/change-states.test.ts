import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RepoRun } from "../../packages/jobs/repo-run.ts";
import { keepTurn, restoreTree } from "../../packages/work/checkpoint.ts";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { candidatesOf } from "../../packages/workspace/candidates.ts";
import { remarksOn } from "../../packages/workspace/remarks.ts";
import { aNewJob, aRunOf } from "../builders.ts";
import { memoryRecords } from "../store/memory-records.ts";
import { turn } from "../transcript/stage.ts";
import { git, makeOrigin, type Origin, scratchFolder } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";
import { treeWithHands } from "./tree-hands.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
let origin: Origin;
beforeAll(async () => {
  origin = await makeOrigin({
    ".gitignore": "build/\nnode_modules/\nconfig/\n",
    "README.md": "hello\n",
    "package-lock.json": "{}\n",
    gradlew: "#!/bin/sh\necho\n",
    "run.sh": { program: "#!/bin/sh\n" },
    "src/a.txt": "a\n",
    "src/deep/b.txt": "b\n",
    "src/link": { link: "a.txt" },
    "config/app.json": "{ 1 }\n",
    "config/other.json": "{ other }\n",
  });
  origin = await withSubmodule("library", origin);
});

async function withSubmodule(path: string, on?: Origin): Promise<Origin> {
  const { source, ...rest } = on ?? (await makeOrigin({}));
  git(source, ["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},${path}`]);
  git(source, ["commit", "-q", "-m", "A submodule"]);
  mkdirSync(join(source, path), { recursive: true });
  return { ...rest, source, commit: git(source, ["rev-parse", "HEAD"]).toString().trim() };
}

/** A run's tree; `command` does what a command would, by hand, and is looked after as one. */
async function stage(of = origin) {
  const workspace = await cloneOf(of);
  const tree = treeWithHands(workspace);
  const at = (path: string) => join(workspace.tree, path);
  const put = (path: string, content: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  const command = (work: () => void) => {
    work();
    workspace.suspect = true;
    tree.touched();
  };
  const setUp = (work: () => void) =>
    tree.setUp(async () => {
      work();
      workspace.suspect = true;
    });
  const check = (work: () => void) =>
    tree.checked(async () => {
      work();
      workspace.suspect = true;
    });
  const change = async () => {
    const { patch: _, refused, patchOnly, paths } = await tree.patch();
    expect([refused, patchOnly]).toEqual([undefined, undefined]);
    return paths.toSorted();
  };
  return { workspace, tree, at, put, command, setUp, check, change };
}
type Stage = Awaited<ReturnType<typeof stage>>;

/** What a command of any kind can do to a tree, and the tracked paths that it changed. */
const DEEDS: [string, (on: Stage) => void, string[]][] = [
  ["rewrites a lock file", ({ put }) => put("package-lock.json", "{ 2 }\n"), ["package-lock.json"]],
  [
    "keeps size and time of what it rewrites",
    ({ at, put }) => {
      const { atime, mtime } = lstatSync(at("README.md"));
      put("README.md", "HELLO\n");
      utimesSync(at("README.md"), atime, mtime);
    },
    ["README.md"],
  ],
  [
    "deletes a file and a folder",
    ({ at }) => {
      for (const path of ["README.md", "src"]) rmSync(at(path), { recursive: true });
    },
    ["README.md", "src/a.txt", "src/deep/b.txt", "src/link"],
  ],
  ["takes the program bit", ({ at }) => chmodSync(at("run.sh"), 0o644), ["run.sh"]],
  [
    "puts a folder where a file was, and a file where a folder was",
    ({ at, put }) => {
      unlinkSync(at("README.md"));
      put("README.md/x", "x");
      rmSync(at("src"), { recursive: true });
      put("src", "x");
    },
    ["README.md", "src/a.txt", "src/deep/b.txt", "src/link"],
  ],
  [
    "puts a folder that is closed to writing where a file was",
    ({ at, put }) => {
      unlinkSync(at("README.md"));
      put("README.md/deep/x", "x");
      chmodSync(at("README.md/deep"), 0o555);
      chmodSync(at("README.md"), 0o555);
    },
    ["README.md"],
  ],
  [
    "puts a FIFO where a file was",
    ({ at }) => {
      unlinkSync(at("README.md"));
      execFileSync("mkfifo", [at("README.md")]);
    },
    ["README.md"],
  ],
  [
    "puts a link where a folder was, to the same files",
    ({ at }) => {
      rmSync(at("node_modules"), { recursive: true, force: true });
      renameSync(at("src"), at("node_modules"));
      symlinkSync("node_modules", at("src"));
    },
    ["src/a.txt", "src/deep/b.txt", "src/link"],
  ],
  [
    "puts a link to itself where a folder was",
    ({ at }) => {
      rmSync(at("src"), { recursive: true });
      symlinkSync("src", at("src"));
    },
    ["src/a.txt", "src/deep/b.txt", "src/link"],
  ],
  [
    "puts folders where files were that git cannot remove: too deep, closed",
    ({ at }) => {
      unlinkSync(at("README.md"));
      mkdirSync(at("README.md"));
      const deeper = 'for i in $(seq 20); do mkdir "$1" && cd -P "$1" || exit; done; echo > x';
      execFileSync("sh", ["-c", deeper, "sh", "d".repeat(250)], { cwd: at("README.md") });
      mkdirSync(at("README.md/closed"));
      chmodSync(at("README.md/closed"), 0);
    },
    ["README.md"],
  ],
  [
    "gives tracked files a second name",
    ({ at }) => {
      mkdirSync(at("names"), { recursive: true });
      for (const [i, path] of ["src/a.txt", "run.sh"].entries()) {
        rmSync(at(`names/${i}`), { force: true });
        linkSync(at(path), at(`names/${i}`));
      }
    },
    ["run.sh", "src/a.txt"],
  ],
  [
    "points a link elsewhere",
    ({ at }) => {
      unlinkSync(at("src/link"));
      symlinkSync("/etc/passwd", at("src/link"));
    },
    ["src/link"],
  ],
  [
    "closes what it changed, and the tree",
    ({ at, put }) => {
      put("src/deep/b.txt", "c\n");
      chmodSync(at("src/deep/b.txt"), 0);
      chmodSync(at("src/deep"), 0);
      chmodSync(at("."), 0);
    },
    ["src/deep/b.txt"],
  ],
  ["deletes a tracked file that is ignored", ({ at }) => unlinkSync(at("config/app.json")), ["config/app.json"]],
  [
    "makes a FIFO that git would read, in place of one that it does",
    ({ at }) => {
      unlinkSync(at(".gitignore"));
      mkdirSync(at("pipes"), { recursive: true });
      execFileSync("mkfifo", [".gitignore", "pipes/.gitignore", "pipes/.gitattributes"].map(at));
    },
    [".gitignore"],
  ],
  [
    "fills a submodule with repositories",
    ({ put }) => {
      put("library/.git", "gitdir: elsewhere");
      put("library/third-party/part/.git", "gitdir: elsewhere");
    },
    [],
  ],
  ["fills a submodule", ({ put }) => put("library/x", "x"), []],
  ["takes a submodule's folder away", ({ at }) => rmSync(at("library"), { recursive: true }), ["library"]],
  ["rewrites what is ignored", ({ put }) => put(".gitignore", "*\n"), [".gitignore"]],
];

const filesOf = ({ at }: Stage) =>
  ["README.md", "package-lock.json", "src/a.txt", "src/deep/b.txt", "src/link", "config/app.json", ".gitignore"].map(
    (path) => (lstatSync(at(path)).isSymbolicLink() ? "link" : readFileSync(at(path), "utf8")),
  );

describe.concurrent("setup prepares and a check looks: neither changes what is published", () => {
  test.for(DEEDS)("a command that %s", async ([, deed, touched]) => {
    const on = await stage();
    const files = filesOf(on);
    expect((await on.setUp(() => deed(on))).putBack).toEqual(touched.toSorted());
    expect([await on.change(), await on.tree.status()]).toEqual([[], ""]);
    expect(filesOf(on)).toEqual(files);
    expect(lstatSync(on.at("run.sh")).mode & 0o777).toBe(0o755);

    await on.tree.write("src/a.txt", bytes("agent\n"));
    await on.tree.write("build/made.txt", bytes("ignored, and made by a tool\n"));
    on.command(() => on.put("new.txt", "by a command\n"));
    const [agents, before] = [filesOf(on), await on.tree.patch()];
    expect(before.paths.toSorted()).toEqual(["build/made.txt", "new.txt", "src/a.txt"]);
    await on.check(() => {
      deed(on);
      on.put("report.xml", "<x/>");
      on.put("reports/.gitignore", "hidden\n");
      on.put("reports/hidden", "x");
      on.put("build/cache", "x");
    });
    expect(filesOf(on)).toEqual(agents);
    expect(await on.tree.patch()).toEqual(before);
    on.tree.touched();
    expect(await on.tree.patch()).toEqual(before);
    expect(["reports", "report.xml", "build/cache"].map((path) => existsSync(on.at(path)))).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("a program bit that setup gave is for commands: never a change, also when the file is edited or moved", async () => {
    const on = await stage();
    const { putBack } = await on.setUp(() => chmodSync(on.at("gradlew"), 0o755));
    expect([putBack, await on.change()]).toEqual([[], []]);
    expect(lstatSync(on.at("gradlew")).mode & 0o111).toBe(0o111);
    await on.check(() => chmodSync(on.at("README.md"), 0o755));
    expect(lstatSync(on.at("README.md")).mode & 0o111).toBe(0);
    expect(lstatSync(on.at("gradlew")).mode & 0o111).toBe(0o111);
    await on.tree.write("gradlew", bytes("#!/bin/sh\necho 2\n"));
    expect(await on.tree.diff()).not.toContain("new mode");
    await on.tree.move("gradlew", "tools/gradlew");
    expect(await on.tree.diff()).not.toContain("100755");
  });

  test("a program bit that setup gave costs nothing of the change: on any number of files, and when one becomes a link", async () => {
    const on = await stage();
    await on.setUp(() => execFileSync("chmod", ["-R", "755", on.at(".")]));
    expect(await candidatesOf(on.workspace)).toMatchObject({ gone: [], here: [] });
    await on.tree.write("README.md", bytes("agent\n"));
    expect(await on.change()).toEqual(["README.md"]);
    await on.tree.remove("gradlew");
    await on.tree.change([{ kind: "link", path: "gradlew", target: "run.sh" }]);
    expect(await on.change()).toEqual(["README.md", "gradlew"]);
  });

  test("nothing is removed through a link: not a file that a tool wrote there once, not a submodule's folder", async () => {
    const on = await stage();
    const outside = await scratchFolder();
    const kept = join(outside, "deep/precious");
    mkdirSync(dirname(kept));
    writeFileSync(kept, "x");
    await on.tree.write("drop/deep/precious", bytes("x"));
    on.command(() => rmSync(on.at("drop"), { recursive: true }));
    expect(await on.change()).toEqual([]);
    await on.check(() => symlinkSync(outside, on.at("drop")));
    expect([existsSync(kept), existsSync(on.at("drop"))]).toEqual([true, false]);

    const nested = await stage(await withSubmodule("vendor/deep"));
    const { putBack } = await nested.setUp(() => {
      rmSync(nested.at("vendor"), { recursive: true });
      symlinkSync(outside, nested.at("vendor"));
    });
    expect([putBack, existsSync(kept)]).toEqual([["vendor/deep"], true]);
    expect([lstatSync(nested.at("vendor")).isDirectory(), await nested.change()]).toEqual([true, []]);
  });

  test("a check takes nothing away that counts: a folder in a written file's place, what could not be taken in", async () => {
    const on = await stage();
    await on.tree.write("made", bytes("by a tool\n"));
    on.command(() => {
      unlinkSync(on.at("made"));
      on.put("made/part", "by a command\n");
    });
    expect(await on.change()).toEqual(["made/part"]);
    await on.check(() => {});
    on.tree.touched();
    expect(await on.change()).toEqual(["made/part"]);
    on.command(() => truncateSync(on.at("gradlew"), 60 << 20));
    const before = await on.tree.patch();
    expect(before.patchOnly?.message).toMatch(/^gradlew has 60 MB/);
    await on.check(() => {});
    on.tree.touched();
    expect(await on.tree.patch()).toEqual(before);
  });

  test("what setup made anew is environment in any number; in it only what a tool writes counts", async () => {
    const on = await stage();
    await on.setUp(() => {
      mkdirSync(on.at("venv/bin"), { recursive: true });
      for (let i = 0; i < 10_050; i++) writeFileSync(on.at(`venv/f${i}`), "");
      on.put("src/generated.txt", "made\n");
      on.put("odd [x]/*", "made\n");
    });
    expect(await on.change()).toEqual([]);
    on.command(() => {
      on.put("venv/bin/tool", "by a command\n");
      on.put("src/generated.txt", "again\n");
      on.put("src/mine.txt", "by a command\n");
      on.put("odd [x]/more", "by a command\n");
      on.put("odd x", "by a command\n");
    });
    await on.tree.write("venv/pip.conf", bytes("[x]\n"));
    expect(await on.change()).toEqual(["odd x", "src/mine.txt", "venv/pip.conf"]);
    on.command(() => on.put(".gitignore", "build/\n"));
    on.command(() => on.put("node_modules/left-pad/index.js", "by a command, and not ignored any more\n"));
    expect(await on.change()).toContain("node_modules/left-pad/index.js");
  });

  test("what is ignored and was there after setup stays environment when nothing ignores it any more", async () => {
    const on = await stage();
    await on.setUp(() => on.put("node_modules/left-pad/index.js", "x"));
    await on.tree.write(".gitignore", bytes("build/\n"));
    expect(await on.change()).toEqual([".gitignore"]);
  });
});

describe.concurrent("what a tool wrote counts even where git ignores it", () => {
  const rows: [string, (on: Stage) => Promise<unknown>, string[], string?][] = [
    [
      "a new file below an ignored folder",
      ({ tree }) => tree.write("build/x.gradle", bytes("x\n")),
      ["build/x.gradle"],
    ],
    [
      "not what a command leaves beside it",
      async ({ tree, command, put }) => {
        await tree.write("build/x.gradle", bytes("x\n"));
        command(() => put("build/y.class", "y"));
      },
      ["build/x.gradle"],
    ],
    [
      "not what a command makes where a tool deleted",
      async ({ tree, command, put }) => {
        await tree.write("build/x", bytes("x\n"));
        await tree.remove("build");
        command(() => put("build/x", "y"));
      },
      [],
    ],
    [
      "a tracked file below an ignored folder: deleted, and written again a turn later",
      async ({ tree }) => {
        await tree.remove("config/app.json");
        expect(await tree.status()).toBe("D  config/app.json\n");
        await tree.write("config/app.json", bytes("{ 2 }\n"));
      },
      ["config/app.json"],
      "M  config/app.json\n",
    ],
    [
      "deleted by a tool, written again by a command: the base tracks it",
      async ({ tree, command, put }) => {
        await tree.remove("config/app.json");
        await tree.patch();
        command(() => put("config/app.json", "{ 2 }\n"));
      },
      ["config/app.json"],
      "M  config/app.json\n",
    ],
    [
      "moved within it",
      ({ tree }) => tree.move("config/app.json", "config/web.json"),
      ["config/app.json", "config/web.json"],
      "R  config/app.json -> config/web.json\n",
    ],
    [
      "a folder moved out of it, and ignored rubbish left behind in the change",
      async ({ tree, command, put }) => {
        command(() => put("config/cache.tmp", "by a command"));
        await tree.write("config/new.json", bytes("{}\n"));
        await tree.move("config", "build");
      },
      [
        "build/app.json",
        "build/new.json",
        "build/other.json",
        "config/app.json",
        "config/new.json",
        "config/other.json",
      ].filter((path) => path !== "config/new.json"),
    ],
    [
      "a file beside a FIFO that git would read, which a command has just made",
      async ({ tree, command, at }) => {
        command(() => execFileSync("mkfifo", [at(".gitattributes"), at("src/deep/.gitattributes")]));
        await tree.write("src/deep/new.txt", bytes("new\n"));
        command(() => execFileSync("mkfifo", [at("src/deep/.gitignore")]));
        await tree.move("src/deep", "src/deeper");
        await tree.move("src/deeper", "src/deep");
      },
      ["src/deep/new.txt"],
    ],
    [
      "a file that setup made, edited by a tool",
      async ({ tree, setUp, put }) => {
        await setUp(() => put("local.properties", "sdk=1\n"));
        await tree.write("local.properties", bytes("sdk=2\n"));
      },
      ["local.properties"],
    ],
    [
      "a folder that becomes a link when a tool wrote in it: nothing there any more",
      async ({ tree, at, command }) => {
        await tree.write("build/x", bytes("x\n"));
        command(() => {
          renameSync(at("build"), at("node_modules"));
          symlinkSync("node_modules", at("build"));
        });
      },
      ["build"],
    ],
  ];
  test.for(rows)("%s", async ([, work, paths, status]) => {
    const on = await stage();
    await work(on);
    expect(await on.change()).toEqual(paths.toSorted());
    if (status) expect(await on.tree.status()).toBe(status);
  });

  test("and the tool says so, and what else it should say", async () => {
    const { tree, workspace } = await stage();
    const remarks = (...paths: string[]) => remarksOn(workspace, paths);
    expect(await remarks("README.md", "build/x", "config/app.json", "./src/new", "library/x")).toEqual([
      expect.stringMatching(/^git ignores build\/x; it is part of the change/),
      expect.stringMatching(/^library\/x is in a submodule/),
    ]);
    await tree.write(".gitattributes", bytes("*.csv filter=lfs diff=lfs merge=lfs -text\n"));
    expect(await remarks("data.csv", "data.txt")).toEqual([expect.stringMatching(/^data\.csv .* filter lfs/)]);
  });
});

test("more new files than git can list cost no result: they are not in the change, and a check's are taken away", async () => {
  const on = await stage();
  const flooded = treeWithHands({
    ...on.workspace,
    sandbox: {
      ...on.workspace.sandbox,
      git: (of, args, request) =>
        on.workspace.sandbox.git(of, args, { ...request, ...(args.includes("--others") && { maxBytes: 100_000 }) }),
    },
  });
  const long = "x".repeat(200);
  await on.tree.write("README.md", bytes("agent\n"));
  await on.tree.write("new.txt", bytes("new\n"));
  await flooded.checked(async () => {
    for (let i = 0; i < 800; i++) on.put(`made/${long}${i}`, "");
  });
  expect(existsSync(on.at("made"))).toBe(false);
  expect(await on.change()).toEqual(["README.md", "new.txt"]);
  for (let i = 0; i < 800; i++) on.put(`made/${long}${i}`, "");
  flooded.touched();
  expect(await flooded.patch()).toMatchObject({
    paths: ["README.md", "new.txt"],
    patchOnly: { code: "change-too-large" },
  });
});

describe("a touched submodule makes the change a patch only, and the rest of it is kept", () => {
  const rows: [string, (on: Stage) => Promise<unknown>, string[], string?][] = [
    ["deleted by a tool", ({ tree }) => tree.remove("library"), ["library"]],
    ["moved by a tool: its place is empty, so nothing arrives", ({ tree }) => tree.move("library", "lib"), ["library"]],
    [
      "its files in its place",
      async ({ tree }) => {
        await tree.remove("library");
        await tree.write("library/x.txt", bytes("x\n"));
      },
      ["library", "library/x.txt"],
    ],
    [
      "a file in its place, by a command",
      async (on) =>
        on.command(() => {
          rmSync(on.at("library"), { recursive: true });
          on.put("library", "x");
        }),
      ["library"],
    ],
    ["a file written into it, which git leaves out", ({ tree }) => tree.write("library/x.txt", bytes("x\n")), []],
  ];
  test.for(rows)("%s", async ([, work, paths]) => {
    const on = await stage();
    await on.tree.write("README.md", bytes("agent\n"));
    await work(on);
    const taken = await on.tree.patch();
    expect(taken).toMatchObject({ patchOnly: { code: "submodule-changed" } });
    expect([taken.refused, taken.paths.toSorted()]).toEqual([undefined, ["README.md", ...paths]]);
    const publish = await cloneOf(origin, { checkout: false });
    expect((await applyPatch(publish, taken.patch)).treeId).toBe(taken.treeId);
    if (paths.length === 0) return;
    const next = await stage();
    await applyPatch(next.workspace, taken.patch);
    expect(await next.tree.patch()).toEqual(taken);
  });
});

test("a CRLF file under text that is moved keeps its bytes, and an edit of it is of the edited line", async () => {
  const { source, ...rest } = await makeOrigin({ "a.sh": `${"same\r\n".repeat(20)}3\r\n`, "b.sh": "4\r\n5\r\n" });
  writeFileSync(join(source, ".gitattributes"), "*.sh text eol=lf\n");
  git(source, ["add", ".gitattributes"]);
  git(source, ["commit", "-q", "-m", "Attributes"]);
  const commit = git(source, ["rev-parse", "HEAD"]).toString().trim();
  const on = await stage({ ...rest, source, commit });
  await on.tree.move("a.sh", "bin/a.sh");
  on.command(() => renameSync(on.at("b.sh"), on.at("bin/b.sh")));
  expect(await on.tree.status()).toBe("R  a.sh -> bin/a.sh\nR  b.sh -> bin/b.sh\n");
  await on.tree.write("bin/a.sh", bytes(`${"same\r\n".repeat(20)}three\r\n`));
  await on.tree.write("new.sh", bytes("6\r\n"));
  expect((await on.tree.diff()).match(/^[-+][^-+][^\n]*/gm)).toEqual(["-3\r", "+three\r", "+6"]);
});

describe("a killed runner loses nothing of it", () => {
  test("a restored tree: what a tool wrote, what is environment, what setup may not change", async () => {
    const { records } = memoryRecords();
    const run: RepoRun = { ...aRunOf(aNewJob(), { round: 1 }), repository: "acme/orders" };
    const first = await stage();
    const setup = (on: Stage) => () => {
      on.put("package-lock.json", "{ setup }\n");
      on.put("README.md", "setup\n");
      on.put("src/a.txt", "setup\n");
      for (const path of ["gradlew", "run.sh"]) chmodSync(on.at(path), 0o755);
      on.put("venv/x", "env");
    };
    await first.setUp(setup(first));
    await first.tree.write("build/kept.txt", bytes("ignored\n"));
    await first.tree.write("build/gone.txt", bytes("ignored\n"));
    await first.tree.write("venv/conf", bytes("mine\n"));
    await first.tree.write("README.md", bytes("agent\n"));
    await first.tree.remove("src/a.txt");
    await first.tree.change([{ kind: "mode", path: "run.sh", executable: false }]);
    first.command(() => unlinkSync(first.at("build/gone.txt")));
    const paths = ["README.md", "build/kept.txt", "run.sh", "src/a.txt", "venv/conf"];
    expect(await first.change()).toEqual(paths);
    const stored = { ...turn(1, [], []), jobId: run.jobId };
    expect(await keepTurn(stored, { tree: first.tree, records })).toBe("stored");

    const next = await stage();
    const turns = await records.turnsOf(run);
    await restoreTree(next.tree, turns, run, records);
    expect(await next.change()).toEqual(paths);
    const { putBack } = await next.setUp(setup(next));
    expect(putBack).toEqual(["README.md", "package-lock.json", "src/a.txt"]);
    expect([await next.change(), (await next.tree.patch()).treeId]).toEqual([paths, (await first.tree.patch()).treeId]);
    expect([existsSync(next.at("src/a.txt")), readFileSync(next.at("README.md"), "utf8")]).toEqual([false, "agent\n"]);
    // A later command in the environment is none of the change, also where the tool's file kept the folder apart.
    next.command(() => {
      next.put("venv/more", "by a command");
      next.put("build/gone.txt", "ignored\n");
    });
    expect(await next.change()).toEqual([...paths, "build/gone.txt"].toSorted());
  });
});
