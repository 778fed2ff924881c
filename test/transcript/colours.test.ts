import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coloured, languageOf } from "../../packages/transcript/colours.ts";
import { anyCharacter } from "../any-character.ts";

describe("colours", () => {
  it("change no character of any line", () => {
    const languages = ["pom.xml", "a.ts", "b.json", "c.java", "d.md", "Dockerfile", "e.gradle", "f.properties"];
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: anyCharacter }).map((s) => s.replaceAll("\n", "")),
          { minLength: 1 },
        ),
        fc.constantFrom(...languages),
        (lines, path) => {
          const pieces = coloured(lines, languageOf(path));
          expect(pieces.map((line) => line.map(({ text }) => text).join(""))).toEqual(lines);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("a comment over several lines is one, and its words stay words", () => {
    const [first, second] = coloured(["<a/><!-- <b>", "</b> --><c/>"], languageOf("pom.xml"));
    expect(first!.at(-1)).toEqual({ text: "<!-- <b>", colour: "hljs-comment" });
    expect(second![0]).toEqual({ text: "</b> -->", colour: "hljs-comment" });
  });

  it.each(["constructor", "__proto__", "README", "a.unknown"])("%s has no language", (path) => {
    expect(languageOf(path)).toBeUndefined();
  });
});
