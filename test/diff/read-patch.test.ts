import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { endOfWholeFiles, fileStarts, patchBytes } from "../../packages/diff/file-starts.ts";
import { patchFiles } from "../../packages/diff/patch-files.ts";
import { unquoted } from "../../packages/diff/quoted-path.ts";
import { readPatch } from "../../packages/diff/read-patch.ts";
import { addedContent } from "../../packages/secrets/added-content.ts";
import { scanPatch } from "../../packages/secrets/scan.ts";
import { firstHunks } from "../../packages/views/hunks.ts";

const NAMES = [
  "plain.txt",
  "a b/with space.txt",
  "ends with space /x.txt",
  "ü/日本.txt",
  'q"uote\\s.txt',
  "tab\tnew\nline\u0007bell.txt",
  "b/a/b.txt",
  "-- a.txt",
  "😀.txt",
];

let folder: string;
const git = (...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=T", "-c", "user.email=t@example.invalid", ...args], {
    maxBuffer: 1e8,
  });
const write = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const diff = (...args: string[]): Buffer => {
  git("add", "-A");
  return git("diff", "--cached", "--binary", "--full-index", ...args);
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "read-patch-"));
  git("init", "-q");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a name means one file to every reader", () => {
  /** Every kind of change in which git names a file on another line, or on none but the first. */
  const changes: [string, (path: string) => void, (path: string) => string][] = [
    ["new text", (path) => write(path, "hello\n"), (path) => path],
    ["changed text", (path) => write(path, "hello\nthere\n"), (path) => path],
    ["a new mode", (path) => chmodSync(join(folder, path), 0o755), (path) => path],
    ["binary content", (path) => write(path, Uint8Array.of(0, 1, 2)), (path) => path],
    ["an empty file", (path) => write(path, ""), (path) => path],
    ["a rename", (path) => renameSync(join(folder, path), `${join(folder, path)}.moved`), (path) => `${path}.moved`],
    ["a removal", (path) => rmSync(`${join(folder, path)}.moved`), (path) => `${path}.moved`],
  ];

  it.each(changes)("%s", (what, change, nameAfter) => {
    if (what === "a rename") {
      for (const path of NAMES) write(path, `${path}\nso that\nit is\nlike itself\n`);
      git("add", "-A");
    }
    git("commit", "-q", "--allow-empty", "-m", "before");
    for (const path of NAMES) change(path);
    for (const quoting of ["true", "false"]) {
      git("config", "core.quotePath", quoting);
      const patch = diff("-M");
      const wanted = NAMES.map(nameAfter).toSorted();
      expect(
        patchFiles(patch)
          .files.map(({ path }) => path)
          .toSorted(),
      ).toEqual(wanted);
      expect([...addedContent(patch)].map(({ path }) => path).toSorted()).toEqual(wanted);
      const shown = firstHunks(patch, { lines: 500, chars: 50_000 });
      for (const name of wanted) expect(shown).toContain(name);
    }
    git("commit", "-q", "-m", what);
  });

  it("prefixes of a person's own settings are no part of it", () => {
    write("plain.txt", "again\n");
    expect(patchFiles(diff("--src-prefix=i/", "--dst-prefix=w/")).files[0]).toMatchObject({ path: "plain.txt" });
  });
});

test.each([
  ['"a\\303\\274.txt"', "aü.txt"],
  ['"\\"\\\\\\a\\t\\n"', '"\\\u0007\t\n'],
  ['"raw ü \\303\\274"', "raw ü ü"],
  ["plain \\n", "plain \\n"],
  ['"open', '"open'],
  ['""', ""],
])("the path %s is %j", (quoted, path) => expect(unquoted(quoted)).toBe(path));

describe("a patch", () => {
  const head = (path: string) => `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n`;
  const partsOf = (patch: string) => [...readPatch(Buffer.from(patch))];

  it("is read to its last part, with the numbers of both sides", () => {
    const patch = `${head("x")}@@ -3,2 +3,2 @@ fn()\n same\n-old\n+new\n\\ No newline at end of file\n`;
    expect(partsOf(patch)).toEqual([
      { kind: "file", head: { path: "x", change: "changed" } },
      { kind: "hunk", header: "@@ -3,2 +3,2 @@ fn()", heading: "fn()" },
      { kind: "same", text: "same", oldNumber: 3, newNumber: 3 },
      { kind: "removed", text: "old", oldNumber: 4, newNumber: 4 },
      { kind: "added", text: "new", oldNumber: 5, newNumber: 4 },
      { kind: "no-newline" },
    ]);
  });

  const SECRET = `ghp_${"x7Kq2mZp".repeat(5).slice(0, 36)}`;
  it.each([
    ["before the first file", `+${SECRET}\n${head("x")}`],
    ["behind a hunk", `${head("x")}@@ -1 +1 @@\n-a\n+b\n+${SECRET}\n`],
    ["in a hunk that is too short", `${head("x")}@@ -1,9 +1,9 @@\n-a\n+${SECRET}\n`],
    ["behind a header that is none", `${head("x")}@@ what @@\n+${SECRET}\n`],
  ])("what cannot be understood hides no secret: %s", async (_, patch) => {
    expect(partsOf(patch).at(-1)).toMatchObject({ kind: "unread" });
    expect((await scanPatch(Buffer.from(patch), []))?.code).toBe("secret");
    expect(JSON.stringify(patchFiles(Buffer.from(patch)).files)).not.toContain(SECRET);
  });

  it("files are found by a search, without a look at their lines", () => {
    const [one, two, three] = [`${head("x")}@@ -0,0 +1 @@\n+diff --git a/y b/y\n`, head("y"), head("z")];
    const patch = Buffer.from(one + two + three);
    expect([...fileStarts(patch)]).toEqual([0, one.length, one.length + two.length]);
    expect([...fileStarts(patch, one.length)]).toEqual([one.length, one.length + two.length]);
    expect(endOfWholeFiles(patch, one.length)).toBe(one.length);
    expect(endOfWholeFiles(patch, one.length - 2)).toBe(0);
    expect([...fileStarts(patchBytes(new Uint8Array()))]).toEqual([]);
  });

  it("needs no more than a line at a time, also with 50 MB", () => {
    const lines = 400_000;
    const patch = Buffer.from(`${head("big")}@@ -0,0 +1,${lines} @@\n${`+${"x".repeat(120)}\n`.repeat(lines)}`);
    const before = process.memoryUsage();
    let count = 0;
    for (const { kind } of readPatch(patch)) if (kind === "added") count++;
    expect(count).toBe(lines);
    const after = process.memoryUsage();
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(8_000_000);
  });
});
