import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { changeFiles } from "../../packages/workspace/change-files.ts";
import { FileProblem } from "../../packages/workspace/file-problem.ts";
import { readFile } from "../../packages/workspace/files.ts";
import { listFiles } from "../../packages/workspace/list.ts";
import { statusText } from "../../packages/workspace/patch.ts";
import { namesOf } from "../../packages/workspace/paths.ts";
import type { SearchQuery } from "../../packages/workspace/search/one-search.ts";
import { searchFiles } from "../../packages/workspace/search/search.ts";
import type { Workspace } from "../../packages/workspace/workspace.ts";
import { makeOrigin, scratchFolder } from "./origin.ts";
import { cloneOf } from "./patch-journey.ts";

const CANARY = "canary outside the tree\n";
const writeFile = (on: Workspace, path: string, content: Uint8Array) =>
  changeFiles(on, [{ kind: "write", path, bytes: content }]);
const removePath = (on: Workspace, path: string) => changeFiles(on, [{ kind: "remove", path }]);
const movePath = (on: Workspace, from: string, to: string) => changeFiles(on, [{ kind: "move", from, to }]);
const bytes = (text: string) => new TextEncoder().encode(text);

describe("paths that are refused before any disk is looked at", () => {
  test.for([
    ["/etc/passwd", "absolute"],
    ["../secret", '".."'],
    ["src/../../secret", '".."'],
    ["src/..", '".."'],
    ["a\0b", "NUL"],
    ["a\ud83d", "half of a surrogate pair"],
    [".git/config", "git's own"],
    [".GIT/config", "git's own"],
    ["sub/.git", "git's own"],
    ["git~1/config", "git's own"],
    [".g\u200cit/config", "git's own"],
    [".git ./config", "git's own"],
    [".git::$INDEX_ALLOCATION/config", "git's own"],
    ["x".repeat(256), "longer than 255 bytes"],
  ] as const)("%j", ([path, why]) => {
    expect(() => namesOf(path)).toThrow(why);
  });

  test("names that only look like them are fine", () => {
    for (const path of [".github/x", ".gitignore", "..a/b..", "git/x", "./a//b", "agit~1"])
      expect(namesOf(path)).toBeTruthy();
  });
});

describe("on a clone", () => {
  let workspace: Workspace;
  let at: (path: string) => string;
  let outside: string;

  beforeEach(async () => {
    const origin = await makeOrigin({
      "README.md": "hello\n",
      "src/app.ts": "const a = 1;\n",
      "run.sh": { program: "#!/bin/sh\n" },
      alias: { link: "README.md" },
      ".gitignore": "out/\n",
    });
    workspace = await cloneOf(origin);
    at = (path) => join(workspace.tree, path);
    outside = join(await scratchFolder(), "secret");
    writeFileSync(outside, CANARY);
  });

  const sentence = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FileProblem);
    return (error as FileProblem).message;
  };

  describe("read, write, remove, move", () => {
    test("work on files of the tree and make missing folders", async () => {
      await writeFile(workspace, "new/deep/file.txt", bytes("1\n"));
      expect(readFileSync(at("new/deep/file.txt"), "utf8")).toBe("1\n");
      await writeFile(workspace, "README.md", bytes("x"));
      expect(Buffer.from(await readFile(workspace, "README.md")).toString()).toBe("x");
      await movePath(workspace, "new/deep/file.txt", "moved/file.txt");
      await removePath(workspace, "src");
      expect(await statusText(workspace)).toBe("M  README.md\nA  moved/file.txt\nD  src/app.ts\n");
    });

    test("keep the mode of a program and the target of a removed link", async () => {
      await writeFile(workspace, "run.sh", bytes("#!/bin/bash\n"));
      expect(statSync(at("run.sh")).mode & 0o777).toBe(0o755);
      await removePath(workspace, "alias");
      expect(await statusText(workspace)).toBe("D  alias\nM  run.sh\n");
    });

    test("say what to do when a path is not what was meant", async () => {
      expect(await sentence(readFile(workspace, "nope.txt"))).toBe(
        "There is no nope.txt. List the files to see what there is.",
      );
      expect(await sentence(readFile(workspace, "no/pe.txt"))).toBe(
        "There is no folder no. List the files to see what there is.",
      );
      expect(await sentence(readFile(workspace, "src"))).toBe("src is a folder. List the files to see what is in it.");
      expect(await sentence(writeFile(workspace, "src", bytes("")))).toBe(
        "src is a folder. List the files to see what is in it.",
      );
      expect(await sentence(writeFile(workspace, "README.md/x", bytes("")))).toBe("README.md is not a folder.");
      expect(await sentence(readFile(workspace, "alias"))).toBe(
        "alias is a symbolic link to README.md; links are not followed. Use the path of what it points to.",
      );
      expect(await sentence(movePath(workspace, "src", "README.md"))).toBe(
        "README.md exists already. Remove it first or choose another name.",
      );
      expect(await sentence(movePath(workspace, "src", "src/sub"))).toBe("src cannot be moved into itself.");
      expect(await sentence(removePath(workspace, "."))).toBe("That is the root folder; name a file or folder in it.");
      expect(await sentence(readFile(workspace, "a\u202eb\u001b[31m"))).toContain("a\\u{202e}b\\u{1b}[31m");
    });

    test("never leave the tree through a link, wherever it stands", async () => {
      symlinkSync(outside, at("leaf"));
      symlinkSync(join(outside, ".."), at("folder"));
      symlinkSync("../../..", at("up"));
      for (const path of ["leaf", "folder/secret", "up/secret", "folder/new"]) {
        expect(await sentence(readFile(workspace, path))).toContain("links are not followed");
        expect(await sentence(writeFile(workspace, path, bytes("overwritten")))).toContain("links are not followed");
      }
      expect(await sentence(removePath(workspace, "folder/secret"))).toContain("links are not followed");
      expect(await sentence(movePath(workspace, "folder/secret", "stolen"))).toContain("links are not followed");
      expect(await sentence(movePath(workspace, "README.md", "folder/x"))).toContain("links are not followed");
      await removePath(workspace, "folder");
      await removePath(workspace, "leaf");
      expect(readFileSync(outside, "utf8")).toBe(CANARY);
    });

    test("refuse a hard link to a file outside, and do not change it", async () => {
      linkSync(outside, at("hard"));
      expect(await sentence(readFile(workspace, "hard"))).toContain("is a hard link");
      expect(await sentence(writeFile(workspace, "hard", bytes("overwritten")))).toContain("is a hard link");
      expect(readFileSync(outside, "utf8")).toBe(CANARY);
    });

    test("refuse FIFOs and huge files without waiting", async () => {
      execFileSync("mkfifo", [at("pipe")]);
      expect(await sentence(readFile(workspace, "pipe"))).toBe("pipe is not a regular file.");
      expect(await sentence(writeFile(workspace, "pipe", bytes("1")))).toBe("pipe is not a regular file.");
      writeFileSync(at("sparse"), "");
      truncateSync(at("sparse"), 10 * 2 ** 30);
      expect(await sentence(readFile(workspace, "sparse"))).toContain("too many to read");
    });

    test.skipIf(process.platform !== "linux")(
      "hold when links take the place of what was checked (needs Linux)",
      async () => {
        mkdirSync(at("dir"));
        writeFileSync(at("dir/secret"), "inside\n");
        symlinkSync(join(outside, ".."), at("evil"));
        let swapping = true;
        const swap = async (...moves: [from: string, to: string][]) => {
          while (swapping) {
            for (const [from, to] of moves) {
              renameSync(at(from), at(to));
              await new Promise(setImmediate);
            }
          }
        };
        const swaps = [
          swap(["dir", "spare"], ["evil", "dir"], ["dir", "evil"], ["spare", "dir"]),
          (async () => {
            while (swapping) {
              symlinkSync(outside, at("link"));
              renameSync(at("link"), at("leaf"));
              await new Promise(setImmediate);
              writeFileSync(at("plain"), "inside\n");
              renameSync(at("plain"), at("leaf"));
              await new Promise(setImmediate);
            }
          })(),
        ];
        const seen = new Set<string>();
        const note = (found: Uint8Array | string) => void seen.add(Buffer.from(found).toString());
        for (let i = 0; i < 120; i++) {
          await readFile(workspace, "dir/secret").then(note, () => note("refused"));
          await readFile(workspace, "leaf").then(note, () => note("refused"));
          await writeFile(workspace, "leaf", bytes("inside\n")).catch(() => note("refused"));
        }
        swapping = false;
        await Promise.all(swaps);
        expect([...seen].filter((found) => found !== "").toSorted()).toEqual(["inside\n", "refused"]);
        expect(readFileSync(outside, "utf8")).toBe(CANARY);
      },
    );
  });

  describe("list", () => {
    test("what git tracks or would track, with size and kind; neither ignored nor special files", async () => {
      mkdirSync(at("out"));
      writeFileSync(at("out/x"), "ignored");
      writeFileSync(at("new.txt"), "12345");
      rmSync(at("run.sh"));
      execFileSync("mkfifo", [at("pipe")]);
      expect(await listFiles(workspace)).toEqual([
        { path: ".gitignore", bytes: 5, kind: "file" },
        { path: "README.md", bytes: 6, kind: "file" },
        { path: "alias", bytes: 9, kind: "symlink" },
        { path: "new.txt", bytes: 5, kind: "file" },
        { path: "src/app.ts", bytes: 13, kind: "file" },
      ]);
    });
  });

  test("a glob that was made to be slow is given up with a sentence", async () => {
    mkdirSync(at("a/".repeat(60)), { recursive: true });
    writeFileSync(at(`${"a/".repeat(60)}b`), "");
    expect(await sentence(listFiles(workspace, [`${"**/".repeat(150)}c`], { timeoutMs: 200 }))).toMatch(
      /takes too long.*simpler/,
    );
  });

  describe("search", () => {
    const search = (query: Partial<SearchQuery>) =>
      searchFiles(workspace, {
        pattern: "a",
        literal: true,
        ignoreCase: false,
        globs: [],
        maxMatches: 10,
        timeoutMs: 5_000,
        ...query,
      });

    test("literal and regular expressions, globs, new files, case", async () => {
      writeFileSync(at("new.ts"), "// A = 1;\nconst b = 2;\n");
      expect((await search({ pattern: "a = 1;", ignoreCase: true })).matches).toEqual([
        { path: "new.ts", line: 1, column: 4, text: "// A = 1;", cut: false },
        { path: "src/app.ts", line: 1, column: 7, text: "const a = 1;", cut: false },
      ]);
      expect((await search({ pattern: "^const [ab] =", literal: false, globs: ["**/*.ts"] })).matches).toHaveLength(2);
      expect((await search({ pattern: "const", globs: ["src/**"] })).matches).toHaveLength(1);
      expect(await search({ pattern: "^const", literal: true })).toEqual({
        matches: [],
        truncated: false,
        timedOut: false,
        files: { searched: 5, all: 5 },
        binaries: [],
        guessed: [],
        leftOut: [],
      });
    });

    test("takes a pattern that looks like an option for a pattern", async () => {
      writeFileSync(at("new.txt"), "--open-files-in-pager=id\n");
      expect((await search({ pattern: "--open-files-in-pager=id" })).matches).toHaveLength(1);
      expect((await search({ pattern: "open", globs: ["--open-files-in-pager=id"] })).matches).toHaveLength(0);
    });

    test("says what is wrong with a pattern", async () => {
      expect(await sentence(search({ pattern: "(", literal: false }))).toMatch(
        /^The search does not work: .*Correct it/,
      );
      expect(await sentence(search({ pattern: "" }))).toContain("empty");
      expect(await sentence(search({ pattern: "a\0b" }))).toContain("NUL");
    });

    test("stops at the number asked for, at a flood, and at a time-out", async () => {
      writeFileSync(at("many.txt"), "needle\n".repeat(50));
      expect(await search({ pattern: "needle" })).toMatchObject({ matches: { length: 10 }, truncated: true });
      writeFileSync(at("flood.txt"), `needle ${"x".repeat(1000)}\n`.repeat(6_000));
      expect(await search({ pattern: "needle" })).toMatchObject({ matches: { length: 10 }, truncated: true });
      expect(await search({ pattern: "needle", timeoutMs: 1 })).toMatchObject({ timedOut: true });
    });
  });

  test("a tree without rights is no obstacle to wiping it", async () => {
    mkdirSync(at("shut/in"), { recursive: true });
    chmodSync(at("shut/in"), 0);
    chmodSync(at("shut"), 0);
    const origin = await makeOrigin({ a: "1\n" });
    const again = await cloneOf(origin, { folder: workspace.folder });
    expect(await listFiles(again)).toEqual([{ path: "a", bytes: 2, kind: "file" }]);
  });
});
