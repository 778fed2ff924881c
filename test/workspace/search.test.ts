import { Buffer } from "node:buffer";
import { linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import iconv from "iconv-lite";
import { beforeAll, describe, expect, test } from "vitest";
import { createTools } from "../../packages/agent/tools/create-tools.ts";
import { runTool } from "../../packages/agent/tools/tool.ts";
import { createTimed } from "../../packages/workspace/search/in-time.ts";
import { fromPcre, neededBy } from "../../packages/workspace/search/pcre.ts";
import { type FolderTree, folderTree } from "../agent/folder-tree.ts";
import { cpuMs } from "../cpu-time.ts";

describe("an expression means what it means in PCRE", () => {
  test.for<[expression: string, matches: string[], not: string[]]>([
    [String.raw`version \d+`, ["version 12"], ["version x"]],
    [String.raw`^\s*\w+\b`, ["  abc"], ["  -"]],
    [String.raw`\bcaf\w\b`, ["a café", "cafe"], ["cafés"]],
    [String.raw`\Bé`, ["café"], ["é"]],
    ["[[:alpha:]]+[[:digit:]]", ["é1"], ["1é"]],
    [String.raw`[^[:space:]\d]`, ["a"], ["1 2"]],
    ["^[]a]+$", ["]a]"], ["b"]],
    [String.raw`[\w.-]+@[a-z]`, ["x.y-z@a"], ["@a"]],
    [String.raw`[a\]b]`, ["]"], ["c"]],
    ["(?i)straße|ÄPFEL", ["STRAße", "äpfel"], ["apfel"]],
    ["a(?i)b|c", ["aB", "C"], ["AB"]],
    ["(?i:a)b", ["Ab"], ["AB"]],
    ["(?-i:a)B", ["aB"], ["b"]],
    [String.raw`(?x) a \s b # not c`, ["a b"], ["ab"]],
    [String.raw`(?<year>\d{4})-\k<year>`, ["2026-2026"], ["2026-2025"]],
    ["(?P<q>['\"]).*?(?P=q)", [`'a'`], [`'a"`]],
    [String.raw`(a)(b)\2\g1\g{-1}`, ["abbab"], ["abab"]],
    [String.raw`(?<=\$)\d+(?!\d|\.)`, ["$12"], ["12", "$1."]],
    ["(?<!foo|quux)bar", ["xbar"], ["foobar", "quuxbar"]],
    ["(?>a+)ab", [], ["aaab"]],
    ['"[^"]*+"', [`"a"`], [`"a`]],
    ["a{2}b{,3}c{1,}", ["aac", "aabbbcc"], ["ac"]],
    ["x{a}{", ["x{a}{"], ["xa"]],
    [String.raw`\Qa.b[\E+`, ["a.b[["], ["axb["]],
    [String.raw`\x41\x{e9}\t\e?`, ["Aé\t"], ["Ae\t"]],
    [String.raw`\p{Lu}\p{Greek}\pN\P{L}`, ["Aα1-"], ["aα1-"]],
    [String.raw`\p{^L}\p{Script=Han}`, ["1漢"], ["a漢"]],
    [String.raw`\h\H\R?\N`, ["\u00a0ab"], ["ab"]],
    [String.raw`\Aab\z`, ["ab"], ["aab", "abb"]],
    [String.raw`foo\Kbar`, ["foobar"], ["bar"]],
    [String.raw`a/b-c#d&e!f~g\/h`, ["a/b-c#d&e!f~g/h"], ["a"]],
    ["a&&b--c", ["a&&b--c"], ["a"]],
    ["[&&a-]", ["&", "-"], ["b"]],
    ["😀{2}", ["😀😀"], ["😀a"]],
    ["^.$", ["漢", "\u2028", "\r"], ["ab"]],
    [String.raw`(?#why)a|\(b\)`, ["a", "(b)"], ["b"]],
  ])("%s", ([expression, matching, not]) => {
    for (const ascii of [true, false]) {
      const compiled = fromPcre(expression, { ignoreCase: false, ascii });
      const counts = (line: string) => !ascii || !/[^\0-\x7f]/.test(line);
      for (const line of matching.filter(counts)) expect(compiled.test(line), line).toBe(true);
      for (const line of not.filter(counts)) expect(compiled.test(line), line).toBe(false);
    }
  });

  test.for([
    ["(", "a ( is not closed"],
    ["a)", "a ) closes nothing"],
    ["[a", "a [ is not closed"],
    ["*a", "nothing to repeat"],
    ["a**", "nothing to repeat"],
    ["[z-a]", "out of order"],
    [String.raw`\p{Klingon}`, "no property Klingon"],
    [String.raw`(a)\2`, "no group 2"],
    [String.raw`\y`, "\\y is not supported"],
    ["(?R)", "is not supported"],
    ["a(*SKIP)b", "is not supported"],
    ["a{2,1}", "out of order"],
    ["\\", "ends in the middle"],
  ] as const)("%s is refused: %s", ([expression, why]) => {
    expect(() => fromPcre(expression, { ignoreCase: false, ascii: false })).toThrow(why);
  });

  test.for([
    [String.raw`\bversion \d+`, "version "],
    [String.raw`foo\(bar\)\s+quux`, "foo(bar)"],
    ["(foo)bar?quux", "quux"],
    ["colou?r", "colo"],
    ["foo|bar", undefined],
    ["(?i)foo", undefined],
    ["fo(?:o|bar)", "fo"],
    ["a{2}bc", "bc"],
    ["(foo){0}x", undefined],
    [String.raw`\dd\ww`, undefined],
  ] as const)("a line that matches %s holds %j", ([expression, needed]) => {
    expect(neededBy(expression, { ignoreCase: false })).toBe(needed);
  });

  test("one that never ends is ended", () => {
    const slow = fromPcre("^(a+)+$", { ignoreCase: false, ascii: true });
    const took = cpuMs(() => {
      expect(createTimed()(100, () => void slow.test(`${"a".repeat(50)}!`))).toBe("out of time");
    });
    expect(took).toBeLessThan(2_000);
  });
});

const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("search and list_files say nothing only when there is nothing", () => {
  let tree: FolderTree;
  beforeAll(async () => {
    tree = await folderTree({
      ".gitignore": "dist/\n*.log\n",
      "app/[slug]/page.tsx": "export const slug = 1;\n",
      "app/[slug]/[id].tsx": "export const id = 2;\n",
      "app/s/i.tsx": "export const other = 3;\n",
      "src/main.c": "int version 12;\r\n\tint caf\u0065\u0301;\r\n",
      "src/deep/x.c": "version x\n",
      "lib/src/y.c": "version 7\n",
      "strings.rc": Buffer.concat([Buffer.from([0xff, 0xfe]), utf16("HELLO version 3\r\n")]),
      "plain16.rc": utf16("HELLO version 4 naïve\r\n"),
      "latin1.txt": Buffer.from("caf\xe9 version 5\nna\xefve\n", "latin1"),
      "sjis.txt": iconv.encode("// 設定\nversion 6\n", "shift_jis"),
      "logo.bin": Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from("NEEDLE"), Buffer.from([0xff])]),
      "lfs.csv": `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`,
      "min.js": `${"x".repeat(20_000)};needle = 1;${"y".repeat(12_000)}`,
      "old-mac.txt": "one\rneedle two\rthree",
      "d/shadow": "inside\n",
      "trojan.c": "r\u202el\n",
    });
    mkdirSync(join(tree.folder, "dist"));
    writeFileSync(join(tree.folder, "dist/out.js"), "ghost\n");
  });
  const call = async (name: string, input: Record<string, unknown>) => {
    const tool = createTools(tree).find((one) => one.name === name)!;
    return await runTool(tool, input, { tree });
  };
  const search = async (pattern: string, more: Record<string, unknown> = {}) =>
    (await call("search", { pattern, ...more })).text;
  const paths = async (glob: string) =>
    (await call("list_files", { glob })).text.split("\n").map((line) => line.replace(/ \d+$/, ""));

  test.for<[pattern: string, more: Record<string, unknown>, answer: string[]]>([
    ["version \\d+", { regex: true, glob: "src" }, ["src/main.c:1: int version 12;"]],
    ["12;$", { regex: true }, ["src/main.c:1: int version 12;"]],
    ["HELLO", {}, ["plain16.rc:1: HELLO version 4 naïve", "strings.rc:1: HELLO version 3"]],
    [
      "hello version [34]",
      { regex: true, ignore_case: true, glob: "*.rc" },
      ["plain16.rc:1: HELLO version 4 naïve", "strings.rc:1: HELLO version 3"],
    ],
    ["int caf\u00e9", { glob: "*.c" }, ["src/main.c:2: \tint caf\u0065\u0301;"]],
    [
      "naïve",
      { glob: "*.txt" },
      [
        "latin1.txt:2: naïve",
        "[Not UTF-8, read as a guess: latin1.txt (windows-1252).]",
        "[Not UTF-8 and of unknown encoding, so letters outside ASCII may have been missed in: sjis.txt.]",
      ],
    ],
    [
      "設定",
      {},
      [
        "sjis.txt:1: // 設定",
        "[Not UTF-8, read as a guess: sjis.txt (shift_jis).]",
        "[Not UTF-8 and of unknown encoding, so letters outside ASCII may have been missed in: latin1.txt.]",
      ],
    ],
    ["caf. version", { regex: true }, ["latin1.txt:1: caf\\xe9 version 5"]],
    ["needle two", {}, ["old-mac.txt:2: needle two"]],
    ["caf\\xe9 version", {}, ["latin1.txt:1: caf\\xe9 version 5"]],
    ["r\\u{202e}l", {}, ["trojan.c:1: r\\u{202e}l"]],
    ["slug", { glob: "app/[slug]/**" }, ["app/[slug]/page.tsx:1: export const slug = 1;"]],
  ])("search %j %j", async ([pattern, more, answer]) => {
    expect((await search(pattern, more)).split("\n")).toEqual(answer);
  });

  test("what was not searched is named, and only then is it no match", async () => {
    const answer = await search("NEEDLE");
    expect(answer).toMatch(/^No match for the text NEEDLE; \d+ files were searched\.\n/);
    expect(answer).toContain("[Binary file matches: logo.bin.]");
    expect(answer).toContain("[lfs.csv is a Git LFS pointer: the content is not in this clone.]");
    expect(answer).toContain("[What git ignores was not searched: dist/.]");
    expect(await search("ghöst")).toContain("letters outside ASCII may have been missed in: latin1.txt and sjis.txt.");
    expect(await search("x", { glob: "*.rs" })).toMatch(/^No file matches \*\.rs, so nothing was searched\./);
    writeFileSync(join(tree.folder, "huge.txt"), "");
    truncateSync(join(tree.folder, "huge.txt"), 100 * 1024 * 1024);
    tree.touched();
    expect(await search("ghost")).toContain("[Too large to be searched: huge.txt.]");
    rmSync(join(tree.folder, "huge.txt"));
    tree.touched();
  });

  test("an expression that takes for ever on one file says so, and the rest is searched", async () => {
    writeFileSync(join(tree.folder, "app/slow.txt"), `${"a".repeat(60)}!\n`);
    tree.touched();
    const query = { literal: false, ignoreCase: false, globs: ["app"], maxMatches: 9, timeoutMs: 1_000 };
    const found = await tree.search({ ...query, pattern: "^(a+)+$|other" });
    expect(found.matches.map(({ path }) => path)).toEqual(["app/s/i.tsx"]);
    expect(found.leftOut).toEqual([{ why: "too slow", paths: ["app/slow.txt"] }]);
    rmSync(join(tree.folder, "app/slow.txt"));
    expect((await call("search", { pattern: "\ud83d" })).text).toContain("half of a surrogate pair");
    expect(await call("search", { pattern: "a{1000}{1000}{1000}", regex: true })).toMatchObject({ isError: true });
  });

  test("a long line is cut around the match, and read_file goes to its column", async () => {
    const answer = await search("needle =");
    expect(answer).toMatch(/^min\.js:1: \[around column 20,002\] x+;needle = 1;y+$/);
    expect(answer.length).toBeLessThan(400);
    const { text } = await call("read_file", { path: "min.js", from_column: 20_002 });
    expect(text).toMatch(
      /^ {4}1\t\[from column 20,002\] needle = 1;y+ \[\.\.\. line cut, 32,012 characters; go on with from_column 30002\]$/,
    );
  });

  test.for<[glob: string, found: string[]]>([
    ["src", ["src/deep/x.c", "src/main.c"]],
    ["./src/", ["src/deep/x.c", "src/main.c"]],
    ["src/main.c", ["src/main.c"]],
    ["deep", ["src/deep/x.c"]],
    ["main.c", ["src/main.c"]],
    ["app/[slug]/**", ["app/[slug]/[id].tsx", "app/[slug]/page.tsx"]],
    ["[id].tsx", ["app/[slug]/[id].tsx"]],
    ["app/*/[id].tsx", ["app/[slug]/[id].tsx"]],
    ["app/[st]/i.tsx", ["app/s/i.tsx"]],
    ["{src,lib}", ["lib/src/y.c", "src/deep/x.c", "src/main.c"]],
    ["src/d*", ["src/deep/x.c"]],
  ])("list_files %j", async ([glob, found]) => {
    expect(await paths(glob)).toEqual(found);
  });

  test("a text that is nearly in a long line is shown where it begins", async () => {
    const edit = { path: "min.js", old_text: "xxxxxxxx;needle = 2;", new_text: "" };
    expect((await call("edit_file", edit)).text).toMatch(
      /The nearest lines are:\n {4}1\t\[from column 19,\d+\] x+;needle = 1;y+\nCopy/,
    );
    expect(await call("edit_file", { ...edit, old_text: ";needle = 1;" })).toMatchObject({ isError: false });
  });

  test("a hard link is not read, because it may lead outside", async () => {
    const outside = join(tree.folder, "../outside");
    writeFileSync(outside, "canary\n");
    linkSync(outside, join(tree.folder, "hard.txt"));
    tree.touched();
    expect(await search("canary")).toMatch(/^No match.*\n[\s\S]*were not searched: hard\.txt\.\]/);
    rmSync(join(tree.folder, "hard.txt"));
  });

  test("nothing is followed: a link in a folder's place hides what is behind it", async () => {
    rmSync(join(tree.folder, "d"), { recursive: true });
    symlinkSync("/etc", join(tree.folder, "d"));
    tree.touched();
    const { text } = await call("list_files", {});
    expect(text).toMatch(/^d \(symlink\)$/m);
    expect(text).not.toContain("d/shadow");
    expect(await search("root", { glob: "d/**" })).toMatch(/nothing was searched/);
  });
});
