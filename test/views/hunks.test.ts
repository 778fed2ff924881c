import { describe, expect, it } from "vitest";
import { firstHunks, type HunkRoom } from "../../packages/views/hunks.ts";

const hunksOf = (patch: string, room: HunkRoom) => firstHunks(Buffer.from(patch), room);

const fileDiff = (name: string, lines: string[]) =>
  [
    `diff --git a/${name} b/${name}`,
    "index 1..2 100644",
    `--- a/${name}`,
    `+++ b/${name}`,
    `@@ -1,${lines.filter((line) => line[0] === "-").length} +1,${lines.filter((line) => line[0] === "+").length} @@`,
    ...lines,
    "",
  ].join("\n");

describe("the first hunks of a patch", () => {
  it("show every file with its own lines, and count what is left out", () => {
    const patch = fileDiff("a.txt", ["-one", "+two"]) + fileDiff("b.txt", Array(40).fill("+line"));
    expect(hunksOf(patch, { lines: 20, chars: 2_000 })).toBe(
      [
        "a.txt",
        "@@ -1,1 +1,1 @@",
        "-one",
        "+two",
        "",
        "b.txt",
        "@@ -1,0 +1,40 @@",
        ...Array(9).fill("+line"),
        "… 31 more lines of it",
      ].join("\n"),
    );
  });

  it("never grow beyond their room, whatever the patch holds", () => {
    const many = Array.from({ length: 200 }, (_, i) => fileDiff(`src/${i}.ts`, [`+${"x".repeat(5_000)}`])).join("");
    const shown = hunksOf(many, { lines: 60, chars: 2_700 });
    expect(shown.length).toBeLessThan(2_900);
    expect(shown).toMatch(/… \d+ more files$/);
  });

  it("a binary file, a deleted one and a renamed one are named", () => {
    const binary = "diff --git a/logo.png b/logo.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKc${NkU\n";
    const deleted =
      "diff --git a/old.txt b/old.txt\ndeleted file mode 100644\n--- a/old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n";
    const renamed = "diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n";
    const shown = hunksOf(binary + deleted + renamed, { lines: 60, chars: 2_000 });
    expect(shown).toContain("logo.png");
    expect(shown).toContain("old.txt\n@@ -1 +0,0 @@\n-x");
    expect(shown).toContain("y\n(only its name or mode)");
  });

  it("a line of a file that looks like a header stays a line", () => {
    expect(hunksOf(fileDiff("a.txt", ["+diff --git a/fake b/fake"]), { lines: 20, chars: 500 })).toContain(
      "+diff --git a/fake",
    );
  });

  it("what cannot be read is said, and nothing of it is shown as something else", () => {
    const broken = `${fileDiff("a.txt", ["+one"])}${fileDiff("b.txt", ["+two"]).replace("+two", "what is this")}`;
    const shown = hunksOf(broken, { lines: 20, chars: 500 });
    expect(shown).toContain("a.txt\n@@ -1,0 +1,1 @@\n+one");
    expect(shown).toMatch(/… the rest of the patch cannot be read; download it$/);
  });
});
