import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCapture } from "../../packages/sandbox/capture.ts";
import { boundaryAfter, boundaryBefore } from "../../packages/text/boundary.ts";
import { headBytes, tailBytes } from "../../packages/text/bytes.ts";
import { around, clip, clipStart, head, headAndTail, part, pieces, tail } from "../../packages/text/cut.ts";
import { illFormedAt, wellFormed } from "../../packages/text/well-formed.ts";
import { changedParts } from "../../packages/transcript/changed-part.ts";
import { firstHunks } from "../../packages/views/hunks.ts";
import { anyCharacter } from "../any-character.ts";

const FAMILY = "👩‍👩‍👧";
const FLAG = "🇩🇪";
const ACCENTED = "e\u0301";

/** [text, max, head, tail] */
const CUTS: [string, string, number, string, string][] = [
  ["plain letters", "abcdef", 3, "abc", "def"],
  ["nothing to cut", "abc", 3, "abc", "abc"],
  ["nothing wanted", "abc", 0, "", ""],
  ["less than nothing", "abc", -5, "", ""],
  ["an emoji at the limit", "a😀b", 2, "a", "b"],
  ["an emoji that fits", "a😀b", 3, "a😀", "😀b"],
  ["a letter with an accent of its own", `x${ACCENTED}x`, 2, "x", "x"],
  ["a family", `x${FAMILY}y`, 5, "x", "y"],
  ["the second of two flags", FLAG + FLAG, 6, FLAG, FLAG],
  ["two flags in a row of a thousand", FLAG.repeat(1_000), 2_002, FLAG.repeat(500), FLAG.repeat(500)],
  ["CR LF", "a\r\nb", 2, "a", "b"],
  ["Chinese", "漢字漢字", 3, "漢字漢", "字漢字"],
  ["Hangul syllables in parts", "\u1100\u1161\u11a8".repeat(2), 4, "\u1100\u1161\u11a8", "\u1100\u1161\u11a8"],
];

describe("one cutter", () => {
  it.each(CUTS)("%s", (_, text, max, first, last) => {
    expect([head(text, max), tail(text, max)]).toEqual([first, last]);
  });

  it("no cut is longer than asked for, ill-formed, or another text", () => {
    const anything = fc.string({
      unit: fc.oneof(
        fc.constantFrom("a", " ", "\n", "\r\n", "😀", FAMILY, FLAG, ACCENTED, "漢"),
        fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 80 }), (text, max) => {
        for (const cut of [
          head(text, max),
          tail(text, max),
          clip(text, max),
          clipStart(text, max),
          headAndTail(text, max, () => "…"),
        ]) {
          expect(cut.length).toBeLessThanOrEqual(max);
          expect(cut.isWellFormed()).toBe(true);
        }
        expect(text.startsWith(head(text, max)) && text.endsWith(tail(text, max))).toBe(true);
        const [before, after] = [boundaryBefore(text, max), boundaryAfter(text, max)];
        expect(before <= Math.min(max, text.length) && after >= Math.min(max, text.length)).toBe(true);
        const cut = pieces(text, max + 1);
        expect(cut.join("")).toBe(text);
        expect(cut.every((piece) => piece !== "" && piece.isWellFormed() && piece.length <= Math.max(2, max + 1))).toBe(
          true,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("a pile of accents longer than the window is cut between code points", () => {
    const pile = `a${"\u0301".repeat(5_000)}`;
    expect([head(pile, 1_000).length, tail(pile, 1_000).length]).toEqual([1_000, 1_000]);
    const pairs = `a${"\u{1d167}".repeat(5_000)}`;
    expect([head(pairs, 1_000).length, tail(pairs, 1_001).length]).toEqual([999, 1_000]);
  });

  it("an ellipsis counts, at either end", () => {
    expect([clip("😀😀😀", 5), clipStart("😀😀😀", 5), clip("ab", 2)]).toEqual(["😀😀…", "…😀😀", "ab"]);
  });

  it("head and tail with the count of what is missing, within the limit", () => {
    const cut = headAndTail("😀".repeat(1_000), 201);
    expect(cut).toBe(`${"😀".repeat(41)}\n[... 1,836 characters left out ...]\n${"😀".repeat(41)}`);
    expect(cut.length).toBeLessThanOrEqual(201);
  });

  it("columns and the surroundings of a match are whole characters", () => {
    expect(part("a😀b", 2, 3)).toBe("😀");
    const line = `${"😀".repeat(500)}needle${"😀".repeat(500)}`;
    const { start, end } = around(line, 1_000, 1_006, 31);
    expect(line.slice(start, end)).toBe(`${"😀".repeat(6)}needle${"😀".repeat(6)}`);
    expect(around("abc", 0, 1, 10)).toEqual({ start: 0, end: 3 });
    expect(around("a".repeat(50), 45, 50, 10)).toEqual({ start: 40, end: 50 });
    expect(around("a".repeat(50), 10, 40, 10)).toEqual({ start: 10, end: 20 });
  });

  it("pieces end at a line, else at a word, else between characters", () => {
    expect(pieces("one two\nthree four five", 12)).toEqual(["one two\n", "three four ", "five"]);
    expect(pieces("漢".repeat(7), 3)).toEqual(["漢漢漢", "漢漢漢", "漢"]);
    expect(pieces(FAMILY, 3)).toEqual(["👩‍", "👩‍", "👧"]);
    expect([pieces("", 3), pieces("abc", 3)]).toEqual([[], ["abc"]]);
  });

  it("looks at a window, however long the text is", () => {
    const text = "😀".repeat(5_000_000);
    const from = performance.now();
    for (let i = 0; i < 1_000; i++) head(text, 3_000_001 + i);
    // A thousand times five million characters would take minutes.
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});

describe("bytes", () => {
  const cuts = (text: string | Buffer, max: number) => {
    const bytes = Buffer.from(text as string);
    return [headBytes(bytes, max), tailBytes(bytes, max)].map((cut) => cut.toString("latin1"));
  };
  const latin1 = (text: string) => Buffer.from(text).toString("latin1");

  it("are cut between UTF-8 characters", () => {
    expect(cuts("é😀é", 4)).toEqual([latin1("é"), latin1("é")]);
    expect(cuts("é😀é", 6)).toEqual([latin1("é😀"), latin1("😀é")]);
    expect(cuts("漢字", 5)).toEqual([latin1("漢"), latin1("字")]);
    expect(cuts("abc", 2)).toEqual(["ab", "bc"]);
    expect(cuts("é", 0)).toEqual(["", ""]);
  });

  it("that are no UTF-8 are cut where asked", () => {
    expect(cuts(Buffer.from([0xe9, 0x41, 0xe9, 0x42]), 1)).toEqual(["\xe9", "B"]);
    expect(cuts(Buffer.from([0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf]), 4)).toEqual(["\xbf".repeat(4), "\xbf".repeat(4)]);
  });
});

describe("well formed", () => {
  const half = "😀".slice(0, 1);

  it("half of a pair becomes U+FFFD, wherever it stands in a request", () => {
    const request = { model: "m", messages: [{ content: [{ text: `a${half}`, [half]: 1 }] }], stream: true };
    expect(wellFormed(request)).toEqual({
      model: "m",
      messages: [{ content: [{ text: "a\ufffd", "\ufffd": 1 }] }],
      stream: true,
    });
    expect(illFormedAt(request)).toBe("/messages/0/content/0/text");
    expect(illFormedAt(wellFormed(request))).toBeUndefined();
  });

  it("what is well formed is the very same value, and bytes are left alone", () => {
    const value = { a: ["😀", { b: null, c: 1.5 }], at: new Date(0), bytes: new Uint8Array(2), none: undefined };
    expect(wellFormed(value)).toBe(value);
  });
});

describe("what a command prints", () => {
  const captured = (maxBytes: number, ...chunks: (string | Uint8Array)[]) => {
    const capture = createCapture(maxBytes);
    for (const chunk of chunks) capture.add(Buffer.from(chunk as string));
    return capture.text();
  };

  it("may come in chunks that end inside a character, and may be no UTF-8", () => {
    const emoji = Buffer.from("😀");
    expect(captured(100, emoji.subarray(0, 1), emoji.subarray(1, 3), emoji.subarray(3))).toBe("😀");
    expect(captured(100, "caf", Uint8Array.of(0xe9), "!")).toBe("caf\ufffd!");
  });

  it("is cut between characters, and without the line that the gap would cut in two", () => {
    for (const shift of [0, 1, 2, 3]) {
      const cut = captured(1_000, `${"a".repeat(shift)}${"😀".repeat(2_000)}`);
      expect(cut).toMatch(/^a*(?:😀)+\n\[\.\.\. [\d,]+ bytes left out \.\.\.\]\n(?:😀)+$/u);
    }
    const lines = Array.from({ length: 2_000 }, (_, i) => `line ${i} of many`);
    const [before, after] = captured(4_000, lines.join("\n")).split(/\n\[\.\.\. .* bytes left out \.\.\.\]\n/);
    expect(lines.join("\n").startsWith(`${before}\n`) && lines.join("\n").endsWith(`\n${after}`)).toBe(true);
  });
});

describe("text that is shown", () => {
  it("hunks of a patch are cut between characters", () => {
    for (const shift of [0, 1, 2, 3]) {
      const line = "a".repeat(shift) + "😀".repeat(2_000);
      const patch = `diff --git a/${line} b/${line}\n--- a/x\n+++ b/${line}\n@@ -0,0 +1 @@\n+${line}\n`;
      for (const chars of [100, 101, 1_000, 1_001])
        expect(firstHunks(Buffer.from(patch), { lines: 20, chars }).isWellFormed()).toBe(true);
    }
  });

  it("two emoji that differ in their second half are marked whole", () => {
    const lines = [
      { kind: "removed" as const, text: "so 😀 it is" },
      { kind: "added" as const, text: "so 😁 it is" },
    ];
    const spans = changedParts(lines);
    expect(lines.map((line) => line.text.slice(spans.get(line)!.from, spans.get(line)!.to))).toEqual(["😀", "😁"]);
  });
});
