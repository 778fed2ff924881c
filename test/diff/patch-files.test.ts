import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patchFiles } from "../../packages/diff/patch-files.ts";
import { factsOf } from "../../packages/transcript/diff-view.ts";

let folder: string;
const git = (...args: string[]) =>
  execFileSync("git", [
    "-C",
    folder,
    "-c",
    "user.name=T",
    "-c",
    "user.email=t@example.invalid",
    "-c",
    "core.autocrlf=false",
    ...args,
  ]);
const write = (path: string, content: string | Uint8Array) => writeFileSync(join(folder, path), content);
const patch = (...args: string[]) => {
  git("add", "-A");
  return git("diff", "--cached", "--binary", "--full-index", ...args);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "transcript-patch-"));
  git("init", "-q");
  await mkdir(join(folder, "dir with space"));
  write("changed.txt", "one\ntwo\nthree\n");
  write("gone.txt", "bye\n");
  write("dir with space/moved.txt", "a\nb\nc\nd\ne\nf\n");
  write("script.sh", "#!/bin/sh\n");
  write("crlf.txt", "a\r\nb\r\n");
  write("end.txt", "no newline");
  write("data.bin", new Uint8Array([0, 1, 2, 255]));
  write("empty-mode.txt", "");
  git("add", "-A");
  git("commit", "-q", "-m", "base");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a patch that git wrote", () => {
  it("is read file by file, every kind of change", async () => {
    write("changed.txt", "one\n2\nthree\n");
    rmSync(join(folder, "gone.txt"));
    await rename(join(folder, "dir with space/moved.txt"), join(folder, "dir with space/neu ü.txt"));
    chmodSync(join(folder, "script.sh"), 0o755);
    write("crlf.txt", "a\r\nB\r\n");
    write("end.txt", "no newline, still");
    write("data.bin", new Uint8Array([0, 1, 2, 254]));
    write("new.txt", "hello\n");
    write("empty.txt", "");
    symlinkSync("new.txt", join(folder, "link"));
    const { files, unread } = patchFiles(patch("-M"));
    git("reset", "-q", "--hard");
    expect(unread).toBe("");
    expect(
      files.map((file) =>
        [
          `${file.oldPath ? `${file.oldPath} > ` : ""}${file.path}`,
          file.change,
          `+${file.additions} -${file.deletions}`,
          ...factsOf(file),
        ].join(" | "),
      ),
    ).toEqual([
      "changed.txt | changed | +1 -1",
      "crlf.txt | changed | +1 -1",
      "data.bin | changed | +0 -0 | binary content, not shown",
      "dir with space/moved.txt > dir with space/neu ü.txt | renamed | +0 -0",
      "empty.txt | added | +0 -0",
      "end.txt | changed | +1 -1",
      "gone.txt | deleted | +0 -1",
      "link | added | +1 -0 | symbolic link",
      "new.txt | added | +1 -0",
      "script.sh | changed | +0 -0 | mode 100644 is now 100755",
    ]);
    const end = files.find(({ path }) => path === "end.txt")!;
    expect(end.hunks[0]!.lines.map(({ text, noNewline }) => [text, noNewline])).toEqual([
      ["no newline", true],
      ["no newline, still", true],
    ]);
    expect(files.find(({ path }) => path === "crlf.txt")!.hunks[0]!.lines.at(-1)!.text).toBe("B\r");
  });

  it("gives back both sides of a file, whatever is in it", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "",
        "+++ b/x",
        "--- a/x",
        "diff --git a/x b/x",
        "@@ -1 +1 @@",
        "\\ No newline at end of file",
        "a\rb",
        "*",
        "\r",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\n", "").replaceAll("\0", "")),
    );
    const content = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.boolean())
      .map(([all, last]) => all.join("\n") + (last ? "\n" : ""));
    fc.assert(
      fc.property(content, content, (before, after) => {
        write("before.txt", before);
        write("after.txt", after);
        const options = ["--no-index", "--text", "--full-index", "-U9999"];
        const diff = spawnSync("git", ["-C", folder, "diff", ...options, "before.txt", "after.txt"]);
        const { files, unread } = patchFiles(diff.stdout);
        expect(unread).toBe("");
        expect(files).toHaveLength(before === after ? 0 : 1);
        const lines = files.flatMap(({ hunks }) => hunks).flatMap((hunk) => hunk.lines);
        const side = (kind: string) =>
          lines
            .filter((one) => one.kind === "same" || one.kind === kind)
            .map(({ text, noNewline }) => text + (noNewline ? "" : "\n"))
            .join("");
        if (before === after) return;
        expect(side("removed")).toBe(before.toWellFormed());
        expect(side("added")).toBe(after.toWellFormed());
      }),
      { numRuns: 60 },
    );
  });

  it("hands back what it does not understand, and shows nothing wrong instead", () => {
    const good = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
    expect(patchFiles(Buffer.from(`${good}what is this\n`))).toMatchObject({
      files: [{ path: "x" }],
      unread: "what is this",
    });
    const cut = patchFiles(Buffer.from("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-a\n"));
    expect(cut.files[0]!.hunks).toEqual([]);
    expect(cut.unread).toBe("@@ -1,5 +1,5 @@\n-a");
    expect(patchFiles(new Uint8Array())).toEqual({ files: [], unread: "" });
  });
});
