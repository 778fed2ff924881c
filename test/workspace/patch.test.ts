import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyPatch } from "../../packages/workspace/apply.ts";
import { takePatch } from "../../packages/workspace/patch.ts";
import { type Files, makeOrigin } from "./origin.ts";
import { cloneOf, expectFaithfulPatch } from "./patch-journey.ts";

const bytes = (length: number, seed = 7) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) % 256);
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");

type Row = {
  title: string;
  base: Files;
  edit: (at: (path: string) => string, tree: string) => void;
  /** What must be true of the patch, beyond fidelity. */
  patch?: RegExp;
  paths?: string[];
  /** Ignored files stay behind, or git's line-ending rules give other bytes on the next checkout. */
  notSameBytes?: true;
};

/**
 * Each is a repository of its own: a rename is looked for among all files of a change, and a link that goes turns the
 * search off.
 */

const ALONE: Row[] = [
  { title: "nothing changed", base: { a: "1\n" }, edit: () => {}, paths: [] },
  {
    title: "a symlink gets another target",
    base: { a: "1\n", b: { link: "a" } },
    edit: (at) => {
      unlinkSync(at("b"));
      symlinkSync("../x", at("b"));
    },
  },
  {
    title: "a file becomes a symlink and a symlink a file",
    base: { a: "1\n", b: { link: "a" } },
    edit: (at) => {
      unlinkSync(at("b"));
      writeFileSync(at("b"), "2\n");
      unlinkSync(at("a"));
      symlinkSync("b", at("a"));
    },
  },
  {
    title: "a rename with a change",
    base: { a: lines(0, 100) },
    edit: (at) => {
      renameSync(at("a"), at("b"));
      writeFileSync(at("b"), lines(0, 99));
    },
    patch: /rename from a/,
    paths: ["a", "b"],
  },
  {
    title: "two files swap their names",
    base: { a: lines(0, 50), b: lines(50, 100) },
    edit: (at) => {
      renameSync(at("a"), at("c"));
      renameSync(at("b"), at("a"));
      renameSync(at("c"), at("b"));
    },
  },
  {
    title: "a file is replaced by another one that was renamed",
    base: { a: lines(0, 50), b: lines(50, 100) },
    edit: (at) => renameSync(at("a"), at("b")),
  },
  {
    title: "only the case of a name changes",
    base: { "Readme.md": "1\n" },
    edit: (at) => renameSync(at("Readme.md"), at("README.md")),
  },
  {
    title: "every file is deleted",
    base: { a: "1\n", "b/c": "2\n" },
    edit: (at) => {
      unlinkSync(at("a"));
      rmSync(at("b"), { recursive: true });
    },
  },
  {
    title: "names that are no UTF-8",
    base: { a: "1\n" },
    edit: (_, tree) => writeFileSync(Buffer.concat([Buffer.from(`${tree}/caf`), Buffer.from([0xe9, 0xff])]), "1\n"),
    patch: /"b\/caf\\351\\377"/,
  },
];

/** Each has a folder of its own in one repository. */
const TOGETHER: Row[] = [
  { title: "a changed line", base: { a: lines(0, 50) }, edit: (at) => writeFileSync(at("a"), lines(1, 50)) },
  {
    title: "binary content changes",
    base: { a: bytes(5000) },
    edit: (at) => writeFileSync(at("a"), bytes(6000, 11)),
    patch: /GIT binary patch/,
  },
  {
    title: "a new binary file",
    base: { a: "1\n" },
    edit: (at) => writeFileSync(at("b.png"), bytes(300)),
    patch: /GIT binary patch/,
  },
  {
    title: "CRLF stays CRLF",
    base: { a: "1\r\n2\r\n" },
    edit: (at) => writeFileSync(at("a"), "1\r\n3\r\n"),
    patch: /\+3\r\n/,
  },
  { title: "mixed line endings", base: { a: "1\r\n2\n3\r" }, edit: (at) => writeFileSync(at("a"), "1\n2\r\n3\r\r\n") },
  {
    title: "no newline at the end, before and after",
    base: { a: "1", b: "1\n", c: "1" },
    edit: (at) => {
      writeFileSync(at("a"), "2");
      writeFileSync(at("b"), "2");
      writeFileSync(at("c"), "1\n");
    },
    patch: /No newline at end of file/,
  },
  {
    title: "a file becomes a program",
    base: { a: "1\n" },
    edit: (at) => chmodSync(at("a"), 0o755),
    patch: /new mode 100755/,
  },
  {
    title: "a program changes and is no program any more",
    base: { a: { program: "#!/bin/sh\n" } },
    edit: (at) => {
      writeFileSync(at("a"), "#!/bin/bash\n");
      chmodSync(at("a"), 0o644);
    },
    patch: /new mode 100644/,
  },
  {
    title: "a new symlink, one that points nowhere, one out of the tree",
    base: { a: "1\n" },
    edit: (at) => {
      symlinkSync("a", at("b"));
      symlinkSync("nowhere", at("c"));
      symlinkSync("/etc/passwd", at("d"));
    },
    patch: /new file mode 120000/,
  },
  {
    title: "a file becomes a folder and a folder a file",
    base: { a: "1\n", "b/c": "2\n" },
    edit: (at) => {
      unlinkSync(at("a"));
      mkdirSync(at("a"));
      writeFileSync(at("a/x"), "1\n");
      rmSync(at("b"), { recursive: true });
      writeFileSync(at("b"), "2\n");
    },
  },
  {
    title: "deletions, the last file of a folder too",
    base: { a: "1\n", "b/c/d": "2\n", e: bytes(300, 5) },
    edit: (at) => {
      rmSync(at("b"), { recursive: true });
      unlinkSync(at("e"));
    },
  },
  {
    title: "empty files come, go, fill and become empty",
    base: { a: "", b: "", c: "1\n" },
    edit: (at) => {
      unlinkSync(at("a"));
      writeFileSync(at("b"), "1\n");
      writeFileSync(at("c"), "");
      writeFileSync(at("d"), "");
    },
  },
  {
    title: "an empty program, an empty folder left out",
    base: { a: "1\n" },
    edit: (at) => {
      writeFileSync(at("b"), "", { mode: 0o755 });
      mkdirSync(at("empty"));
    },
    paths: ["b"],
  },
  {
    title: "names that need quotes",
    base: { 'a "b"': "1\n", "tab\there": "1\n" },
    edit: (at) => {
      writeFileSync(at('a "b"'), "2\n");
      for (const name of [
        "new\nline",
        "back\\slash",
        " space ",
        "b/ü",
        "-rf",
        "--upload-pack=x",
        ":(glob)*",
        "*",
        "$(id)",
        "\u202egnp.exe",
        "\x1b[31m",
      ]) {
        if (name === "b/ü") mkdirSync(at("b"));
        writeFileSync(at(name), name);
      }
    },
  },
  {
    title: "folders whose names end with a space: binary, empty, a new mode, text",
    base: { "d /b /c ": bytes(300), "d /e": "", "d /m ": "1\n", "d /t ": "1\n" },
    edit: (at) => {
      writeFileSync(at("d /b /c "), bytes(400, 3));
      writeFileSync(at("d /new "), "");
      unlinkSync(at("d /e"));
      chmodSync(at("d /m "), 0o755);
      writeFileSync(at("d /t "), "2\n");
    },
    paths: ["d /b /c ", "d /e", "d /m ", "d /new ", "d /t "],
  },
  {
    title: "composed and decomposed names stand side by side",
    base: { "\u00e9": "1\n" },
    edit: (at) => {
      writeFileSync(at("e\u0301"), "2\n");
      writeFileSync(at("\u00e9"), "3\n");
    },
    paths: ["e\u0301", "\u00e9"],
  },
  {
    title: "a line of two megabytes",
    base: { a: "x".repeat(2_000_000) },
    edit: (at) => writeFileSync(at("a"), `${"x".repeat(1_000_000)}y${"x".repeat(1_000_000)}`),
  },
  {
    title: "text with NUL bytes, and content that looks like a patch",
    base: { a: "1\n" },
    edit: (at) => {
      writeFileSync(at("a"), "1\n\0\n");
      writeFileSync(at("b"), "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\ndiff --git a/y b/y\nGIT binary patch\n");
    },
  },
  {
    title: ".gitattributes with eol",
    base: { ".gitattributes": "*.txt text eol=crlf\n*.sh text eol=lf\n", "a.txt": "1\n2\n", "a.sh": "1\n" },
    edit: (at) => {
      writeFileSync(at("a.txt"), "1\r\n3\r\n");
      writeFileSync(at("b.txt"), "1\r\n");
      writeFileSync(at("a.sh"), "1\r\n2\n");
    },
    notSameBytes: true,
  },
  {
    title: ".gitattributes with text=auto arrives together with CRLF files",
    base: { "a.txt": "1\r\n" },
    edit: (at) => {
      writeFileSync(at(".gitattributes"), "* text=auto\n");
      writeFileSync(at("b.txt"), "1\r\n2\r\n");
    },
    notSameBytes: true,
  },
  {
    title: ".gitattributes names a filter, a diff driver, a merge driver",
    base: { ".gitattributes": "* filter=evil diff=evil merge=evil\n", a: "1\n" },
    edit: (at) => {
      writeFileSync(at("a"), "2\n");
      writeFileSync(at("b"), "1\n");
    },
  },
  {
    title: ".gitattributes calls text binary and binary text",
    base: { ".gitattributes": "*.txt binary\n*.bin diff\n", "a.txt": "1\n", "a.bin": bytes(300) },
    edit: (at) => {
      writeFileSync(at("a.txt"), "2\n");
      writeFileSync(at("a.bin"), bytes(400, 3));
    },
  },
  {
    title: ".gitattributes with ident and an encoding",
    base: { ".gitattributes": "*.c ident\n*.u working-tree-encoding=UTF-16LE\n", "a.c": "/* $Id$ */\n" },
    edit: (at) => {
      writeFileSync(at("a.c"), "/* $Id$ */ int x;\n");
      writeFileSync(at("a.u"), Buffer.from("hi\n", "utf16le"));
    },
    notSameBytes: true,
  },
  {
    title: "LFS pointers stay pointers",
    base: {
      ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
      "a.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n",
    },
    edit: (at) => writeFileSync(at("b"), "1\n"),
    paths: ["b"],
  },
  {
    title: "ignored files are left out, tracked ones of the same name are not",
    base: { ".gitignore": "*.log\nout/\n", "kept.log": "1\n" },
    edit: (at) => {
      mkdirSync(at("out"));
      writeFileSync(at("out/x"), "1\n");
      writeFileSync(at("new.log"), "1\n");
      writeFileSync(at("kept.log"), "2\n");
    },
    paths: ["kept.log"],
    notSameBytes: true,
  },
  {
    title: "a .gitignore of a command hides its files",
    base: { a: "1\n" },
    edit: (at) => {
      writeFileSync(at(".gitignore"), "hidden\n");
      writeFileSync(at("hidden"), "1\n");
    },
    paths: [".gitignore"],
    notSameBytes: true,
  },
];

const folderOf = (i: number) => `case-${i}`;

/** The parts of a patch about a folder, as if that were the root. */
const partsOf = (patch: Uint8Array, folder: string) =>
  Buffer.from(patch)
    .toString("latin1")
    .split(/^(?=diff --git )/m)
    .filter((part) => part.includes(`${folder}/`))
    .map((part) => part.replaceAll(`${folder}/`, ""))
    .join("");

describe.concurrent("a patch gives exactly the work tree", () => {
  test.each([
    ["the same bytes come back", TOGETHER.filter((row) => !row.notSameBytes)],
    ["git's rules change bytes or leave files behind", TOGETHER.filter((row) => row.notSameBytes)],
  ])("many cases at once, where %s", async (_, rows) => {
    const base = rows.flatMap((row, i) =>
      Object.entries(row.base).map(([path, entry]) => [`${folderOf(i)}/${path}`, entry]),
    );
    const origin = await makeOrigin(Object.fromEntries(base));
    const work = await cloneOf(origin);
    for (const [i, { edit }] of rows.entries()) {
      const folder = join(work.tree, folderOf(i));
      edit((path) => join(folder, path), folder);
    }
    const taken = await expectFaithfulPatch(origin, work, { sameBytes: !rows.some((row) => row.notSameBytes) });
    for (const [i, { title, patch, paths }] of rows.entries()) {
      const own = partsOf(taken.patch, folderOf(i));
      expect(own, title).toMatch(patch ?? /^diff --git/);
      const named = taken.paths
        .filter((path) => path.startsWith(`${folderOf(i)}/`))
        .map((path) => path.slice(folderOf(i).length + 1));
      if (paths) expect(named.toSorted(), title).toEqual(paths.toSorted());
    }
  });

  test.for(ALONE)("$title", async ({ base, edit, patch, paths, notSameBytes }) => {
    const origin = await makeOrigin(base);
    const work = await cloneOf(origin);
    edit((path) => join(work.tree, path), work.tree);
    const taken = await expectFaithfulPatch(origin, work, { sameBytes: !notSameBytes });
    if (patch) expect(Buffer.from(taken.patch).toString("latin1")).toMatch(patch);
    if (paths) expect(taken.paths.toSorted()).toEqual(paths.toSorted());
  });

  test("5,000 files", async () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `d${i % 50}/f${i}.txt`);
    const origin = await makeOrigin(Object.fromEntries(names.slice(0, 4_000).map((name) => [name, `${name}\n`])));
    const work = await cloneOf(origin);
    for (const name of names.slice(2_000)) writeFileSync(join(work.tree, name), `${name} changed\n`);
    const taken = await takePatch(work);
    expect(taken.files).toBe(3_000);
    const publish = await cloneOf(origin, { checkout: false });
    expect((await applyPatch(publish, taken.patch)).treeId).toBe(taken.treeId);
  });

  test("a repository with SHA-256 ids", async () => {
    const origin = await makeOrigin({ a: "1\n" }, { objectFormat: "sha256" });
    const work = await cloneOf(origin);
    writeFileSync(join(work.tree, "a"), "2\n");
    expect((await expectFaithfulPatch(origin, work)).treeId).toHaveLength(64);
  });

  test("the same change gives the same bytes", async () => {
    const origin = await makeOrigin({ a: lines(0, 100), b: bytes(900) });
    const patches = await Promise.all(
      [await cloneOf(origin), await cloneOf(origin)].map(async (work) => {
        writeFileSync(join(work.tree, "a"), lines(3, 99));
        writeFileSync(join(work.tree, "b"), bytes(950, 5));
        return Buffer.from((await takePatch(work)).patch).toString("latin1");
      }),
    );
    expect(patches[0]).toBe(patches[1]);
  });
});
