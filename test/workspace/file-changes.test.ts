import { Buffer } from "node:buffer";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createTools } from "../../packages/agent/tools/create-tools.ts";
import { runTool } from "../../packages/agent/tools/tool.ts";
import { decodeUtf8 } from "../../packages/encoding/opaque.ts";
import { createTree } from "../../packages/work/tree.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { makeOrigin, type Origin } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";

const ODD = Buffer.concat([Buffer.from("caf"), Buffer.from([0xe9]), Buffer.from(".txt")]);
const NFD = "docs/re\u0301sume\u0301.md";

let origin: Origin;
let workspace: Workspace;
let tree: ReturnType<typeof createTree>;
const at = (path: string) => join(workspace.tree, path);
const text = (path: string) => readFileSync(at(path), "utf8");
const isProgram = (path: string) => (lstatSync(at(path)).mode & 0o111) !== 0;

beforeEach(async () => {
  origin ??= await makeOrigin({
    "run.sh": { program: "#!/bin/sh\necho a\n" },
    "a/x.txt": "one\n",
    "a/sub/y.txt": "two\n",
    "b/z.txt": "three\n",
    "b/sub/w.txt": "four\n",
    "crlf.txt": "one\r\ntwo\r\nthree\r\n",
    "bom.txt": "\ufeffone\r\ntwo\r\n",
    "wide.rc": Buffer.from("\ufeffONE\r\nTWO\r\n", "utf16le"),
    "old.txt": Buffer.from("caf\xe9\n", "latin1"),
    "App.java": "class OldName { OldName(OldNames x) {} }\n",
    "Use.java": "// OldName\nnew OldName();\r\n",
    "Shot at 9.41\u202fAM.png": "x\n",
    [NFD]: "cv\n",
    ".gitignore": "build/\n",
    link: { link: "a/x.txt" },
  });
  workspace = await cloneOf(origin);
  tree = createTree(workspace);
});

const call = async (name: string, input: Record<string, unknown>) => {
  const tool = createTools(tree).find((one) => one.name === name)!;
  const { text, isError } = await runTool(tool, input, { tree });
  return isError ? `ERROR ${text}` : text;
};

describe("a mode, a link", () => {
  test("a program that is deleted and written again is a program; so is one that only this tree had", async () => {
    await call("delete_file", { path: "run.sh" });
    expect(await call("write_file", { path: "run.sh", content: "#!/bin/sh\n" })).toBe(
      "Wrote 10 bytes to run.sh. run.sh is executable, as before.",
    );
    expect(isProgram("run.sh")).toBe(true);
    await call("write_file", { path: "bin/new", content: "x", executable: true });
    await call("delete_file", { paths: ["bin"] });
    await call("write_file", { path: "bin/new", content: "y" });
    expect(isProgram("bin/new")).toBe(true);
    expect(await call("write_file", { path: "bin/new", executable: false })).toBe("bin/new is no longer executable.");
    expect(await call("write_file", { path: "a/x.txt", executable: true })).toBe("a/x.txt is executable.");
    expect(await tree.status()).toBe("M  a/x.txt\nA  bin/new\nM  run.sh\n");
    expect(isProgram("bin/new")).toBe(false);
  });

  test("a link is made, and takes the place of another link alone", async () => {
    expect(await call("write_file", { path: "current", link_to: "a" })).toBe("Made current a link to a.");
    expect(await call("write_file", { path: "link", link_to: "b/z.txt" })).toBe("Made link a link to b/z.txt.");
    expect(readlinkSync(at("link"))).toBe("b/z.txt");
    expect(await call("write_file", { path: "run.sh", link_to: "a" })).toMatch(/^ERROR run\.sh exists already\./);
    expect(await call("write_file", { path: "x", link_to: "a", content: "y" })).toMatch(/^ERROR link_to makes a link/);
    expect(await call("write_file", { path: "x" })).toMatch(/^ERROR Give content, or executable, or link_to/);
    expect(await tree.status()).toBe("A  current\nM  link\n");
  });
});

describe("a whole file keeps what it had", () => {
  test.for<[path: string, content: string, bytes: Buffer, says: RegExp]>([
    [
      "crlf.txt",
      "one\n2\nthree\nfour\n",
      Buffer.from("one\r\n2\r\nthree\r\nfour\r\n"),
      /Its lines end in CRLF, as before/,
    ],
    ["bom.txt", "one\n2\n", Buffer.from("\ufeffone\r\n2\r\n"), /CRLF.*byte order mark/],
    [
      "wide.rc",
      "ONE\nZWEI ß\n",
      Buffer.from("\ufeffONE\r\nZWEI ß\r\n", "utf16le"),
      /It stays utf-16le with its byte order mark/,
    ],
    ["old.txt", "cafe\n", Buffer.from("cafe\n"), /^Wrote 5 bytes to old\.txt\.$/],
    ["b/z.txt", "naïve\n", Buffer.from("naïve\n"), /^Wrote 7 bytes/],
  ])("%s", async ([path, content, bytes, says]) => {
    expect(await call("write_file", { path, content })).toMatch(says);
    expect(readFileSync(at(path)).toString("latin1")).toBe(bytes.toString("latin1"));
  });

  test("unless it is told otherwise; what it cannot keep it refuses", async () => {
    await call("write_file", { path: "crlf.txt", content: "one\ntwo\n", line_ends: "lf" });
    expect(text("crlf.txt")).toBe("one\ntwo\n");
    expect(await call("write_file", { path: "old.txt", content: "naïve" })).toMatch(/^ERROR old\.txt is not UTF-8/);
    await call("write_file", { path: "old.txt", content: "naïve", encoding: "windows-1252" });
    expect(readFileSync(at("old.txt")).toString("latin1")).toBe("na\xefve");
    await call("write_file", { path: "bom.txt", content: "one\n", encoding: "utf-8", line_ends: "lf" });
    expect(await call("write_file", { path: "b/z.txt", content: "three\n" })).toMatch(/holds exactly this already/);
    expect(await call("edit_file", { path: "crlf.txt", old_text: "one\r\ntwo", new_text: "one\ntwo" })).toMatch(
      /^ERROR Nothing would change in crlf\.txt/,
    );
  });
});

describe("many at once, or none", () => {
  test("several edits of a file", async () => {
    const edits = [
      { old_text: "one", new_text: "1" },
      { old_text: "1\ntwo", new_text: "1\n2" },
      { old_text: "e", new_text: "E", replace_all: true },
    ];
    expect(await call("edit_file", { path: "crlf.txt", edits })).toBe(
      "Edited crlf.txt in 4 places, at lines 1, 2 and 3.",
    );
    expect(text("crlf.txt")).toBe("1\r\n2\r\nthrEE\r\n");
    const failing = [...edits.slice(2), { old_text: "nowhere", new_text: "" }];
    expect(await call("edit_file", { path: "a/x.txt", edits: failing })).toMatch(
      /^ERROR Edit 2 of 2 cannot be made, so none was\. old_text is not in a\/x\.txt/,
    );
    expect(text("a/x.txt")).toBe("one\n");
  });

  test("the same replacement in many files", async () => {
    const input = { old_text: "OldName", new_text: "NewName", glob: "*.java", whole_words: true };
    expect(await call("replace_in_files", input)).toBe("Replaced 4 places in 2 files.\nApp.java: 2\nUse.java: 2");
    expect(text("App.java")).toBe("class NewName { NewName(OldNames x) {} }\n");
    expect(text("Use.java")).toBe("// NewName\nnew NewName();\r\n");
    expect(await call("replace_in_files", input)).toMatch(
      /^ERROR old_text is in no file that was searched; nothing was changed\./,
    );
  });

  test("the same replacement in what search finds: another encoding, another form of a letter, an escape", async () => {
    writeFileSync(at("new.txt"), "café\n");
    writeFileSync(at("accent.txt"), "cafe\u0301\n");
    writeFileSync(at("unseen.txt"), "a\u200bb café\n");
    const input = { old_text: "café", new_text: "tea", glob: "*.txt" };
    expect(await call("replace_in_files", input)).toMatch(/^Replaced 4 places in 4 files\.\n/);
    for (const path of ["new.txt", "accent.txt", "old.txt"]) expect(readFileSync(at(path), "latin1")).toBe("tea\n");
    const escaped = { old_text: "a\\u{200b}b", new_text: "c" };
    expect(await call("replace_in_files", escaped)).toBe("Replaced 1 place in 1 file.\nunseen.txt: 1");
    expect(text("unseen.txt")).toBe("c tea\n");
  });

  test("a list of moves; folders merge where nothing collides", async () => {
    const moves = [
      { from: "crlf.txt", to: "t/crlf.txt" },
      { from: "t/crlf.txt", to: "t/c.txt" },
      { from: "a", to: "b" },
    ];
    expect(await call("move_file", { moves })).toMatch(/^Made 3 moves:\ncrlf\.txt to t\/crlf\.txt\n/);
    expect(await tree.status()).toBe("R  a/sub/y.txt -> b/sub/y.txt\nR  a/x.txt -> b/x.txt\nR  crlf.txt -> t/c.txt\n");
    expect(readdirSync(workspace.tree)).not.toContain("a");
  });

  test.for<[what: string, moves: { from: string; to: string }[], says: RegExp]>([
    ["a missing one", [{ from: "nope", to: "x" }], /Change 3 of 3 cannot be made, so none was\. There is no nope\./],
    ["one that is taken", [{ from: "run.sh", to: "crlf.txt" }], /crlf\.txt exists already/],
    [
      "a file onto a folder",
      [{ from: "run.sh", to: "b" }],
      /b is a folder\. Give the new path itself, such as b\/run\.sh\./,
    ],
    ["a folder into itself", [{ from: "b", to: "b/c" }], /b cannot be moved into itself/],
    [
      "a folder over files that are there",
      [{ from: "moved", to: "b" }],
      /b has b\/z\.txt already, so moved cannot be merged into it/,
    ],
  ])("a list with %s leaves everything as it was", async ([, moves, says]) => {
    mkdirSync(at("moved/sub"), { recursive: true });
    writeFileSync(at("moved/z.txt"), "mine\n");
    writeFileSync(at("moved/sub/new.txt"), "mine\n");
    const before = await tree.status();
    const all = [{ from: "a", to: "new/a" }, { from: "App.java", to: "new/a/App.java" }, ...moves];
    expect(await call("move_file", { moves: all })).toMatch(says);
    tree.touched();
    expect(await tree.status()).toBe(before);
    expect(readdirSync(workspace.tree)).not.toContain("new");
  });

  test("a list of paths to delete", async () => {
    expect(await call("delete_file", { paths: ["a", "b/z.txt", "nope"] })).toMatch(/^ERROR Change 3 of 3/);
    expect(await tree.status()).toBe("");
    expect(await call("delete_file", { paths: ["a", "b/z.txt"] })).toBe("Deleted 2 paths: a, b/z.txt.");
    expect(await tree.status()).toBe("D  a/sub/y.txt\nD  a/x.txt\nD  b/z.txt\n");
    expect(readdirSync(join(workspace.gitDir, ".."))).toEqual(["git"]);
  });

  test("calls of earlier releases mean what they meant", async () => {
    expect(await call("edit_file", { path: "a/x.txt", old_text: "one", new_text: "1" })).toBe(
      "Edited a/x.txt at line 1.",
    );
    expect(await call("move_file", { from: "a/x.txt", to: "x.txt" })).toBe("Moved a/x.txt to x.txt.");
    expect(await call("delete_file", { path: "x.txt" })).toBe("Deleted x.txt.");
    expect(await call("write_file", { path: "x.txt", content: "1\n" })).toBe("Wrote 2 bytes to x.txt.");
  });
});

describe("a name", () => {
  test("whose bytes are not UTF-8 is shown escaped, and found so", async () => {
    const place = Buffer.concat([Buffer.from(`${workspace.tree}/`), ODD]);
    writeFileSync(place, "one\n");
    expect(await call("list_files", { glob: "*.txt" })).toContain("caf\\xe9.txt 4");
    expect(await call("list_files", { glob: "caf\\xe9.txt" })).toBe("caf\\xe9.txt 4");
    expect(await call("search", { pattern: "one", glob: "caf*" })).toBe("caf\\xe9.txt:1: one");
    expect(await call("edit_file", { path: "caf\\xe9.txt", old_text: "one", new_text: "two" })).toMatch(
      /^Edited caf\\xe9\.txt/,
    );
    expect(readFileSync(place, "utf8")).toBe("two\n");
    expect(await call("delete_file", { path: decodeUtf8(ODD) })).toBe("Deleted caf\\xe9.txt.");
  });

  test("as such bytes may be a folder's: what is in it counts where it is moved, also where git ignores it", async () => {
    const folder = Buffer.concat([Buffer.from(`${workspace.tree}/d`), Buffer.from([0xe9])]);
    mkdirSync(folder);
    writeFileSync(Buffer.concat([folder, Buffer.from("/n.txt")]), "one\n");
    expect(await call("move_file", { from: "d\\xe9", to: "build" })).toMatch(/^Moved d\\xe9 to build\./);
    expect(await tree.status()).toBe("A  build/n.txt\n");
  });

  test.for<[what: string, typed: string, found: string]>([
    ["in the other form of Unicode", NFD.normalize("NFC"), NFD],
    ["with a plain space for another one", "Shot at 9.41 AM.png", "Shot at 9.41\u202fAM.png"],
    ["as it is listed", "Shot at 9.41\\u{202f}AM.png", "Shot at 9.41\u202fAM.png"],
  ])("%s is the one that is there", async ([, typed, found]) => {
    expect(await call("read_file", { path: typed })).toMatch(/^ {4}1\t(cv|x)$/);
    expect(await call("write_file", { path: typed, content: "new\n" })).toContain("The repository spells it");
    expect(text(found)).toBe("new\n");
    expect(await call("list_files", { glob: typed })).toMatch(/ 4$/);
  });

  test.for([
    ["readme.md in another case", "APP.JAVA", "Is it App.java?"],
    ["in another folder", "src/y.txt", "Is it a/sub/y.txt?"],
    ["a letter wrong", "crfl.txt", "Is it crlf.txt?"],
    ["nothing like it", "zzz", "List the files to see what there is."],
  ] as const)("%s gets the nearest one", async ([, path, hint]) => {
    expect(await call("read_file", { path })).toContain(hint);
  });

  test("that git ignores is written, and said", async () => {
    expect(await call("write_file", { path: "build/release.gradle", content: "x\n" })).toMatch(
      /^Wrote 2 bytes to build\/release\.gradle\.\ngit ignores build\/release\.gradle; it is part of the change/,
    );
    expect(await tree.status()).toBe("A  build/release.gradle\n");
    // The rest of what is ignored is not looked at; this is part of the change.
    writeFileSync(at("build/made.gradle"), "x\n");
    for (const glob of ["build", "*.gradle", "build/**/*.gradle"])
      expect(await call("list_files", { glob })).toBe("build/release.gradle 2");
    expect(await call("search", { pattern: "x", glob: "*.gradle" })).toBe("build/release.gradle:1: x");
    expect(await call("replace_in_files", { old_text: "x", new_text: "y", glob: "build" })).toMatch(
      /^Replaced 1 place in 1 file\./,
    );
    expect(text("build/made.gradle")).toBe("x\n");
    await call("delete_file", { path: "build/release.gradle" });
    expect(await call("list_files", { glob: "build" })).toMatch(/^No file matches build;/);
  });
});

test("what a tool wrote where git ignores it is searched, and is not said to be left out", async () => {
  await call("write_file", { path: "build/out.txt", content: "found here\n" });
  await tree.snapshotIfChanged();
  expect(await call("search", { pattern: "found here" })).toContain("build/out.txt:1: found here");
  expect(await call("search", { pattern: "absent" })).not.toContain("was not searched");
});
