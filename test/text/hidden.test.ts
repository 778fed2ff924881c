import { describe, expect, it, test } from "vitest";
import { readGuidance } from "../../packages/agent/guidance.ts";
import type { Tree } from "../../packages/agent/tree.ts";
import { unescaped, visible, visibleName } from "../../packages/encoding/visible.ts";
import { codeBlock, codeSpan, inertLine, inertMarkdown } from "../../packages/github/inert-markdown.ts";
import { countHidden, looks, spellHidden, textParts, withoutHidden } from "../../packages/text/hidden.ts";
import { withoutTerminalCodes } from "../../packages/text/terminal-codes.ts";
import { html, shownText } from "../../packages/transcript/html.ts";
import { escaped, literal, plain } from "../../packages/views/text.ts";
import { readRemoteWords } from "../../packages/workspace/remote-words.ts";

/** [what, the characters, each of them hidden] */
const HIDDEN: [string, string][] = [
  ["a control", "\u0007"],
  ["an escape", "\u001b"],
  ["a control of Latin-1", "\u009b"],
  ["a soft hyphen", "\u00ad"],
  ["the joiner that joins nothing", "\u034f"],
  ["a mark of Arabic direction", "\u061c"],
  ["a Hangul filler", "\u115f"],
  ["a half-wide Hangul filler", "\uffa0"],
  ["the other Hangul filler", "\u3164"],
  ["a Mongolian separator", "\u180e"],
  ["a zero-width space", "\u200b"],
  ["a mark of direction", "\u200f"],
  ["a line separator", "\u2028"],
  ["a paragraph separator", "\u2029"],
  ["trojan source", "\u202e"],
  ["an isolate", "\u2066"],
  ["a word joiner", "\u2060"],
  ["an invisible times", "\u2062"],
  ["what is not assigned yet and never seen", "\u2065"],
  ["a deprecated format character", "\u206a"],
  ["a byte order mark", "\ufeff"],
  ["an annotation", "\ufff9"],
  ["a tag letter", "\u{e0041}"],
  ["a selector of the supplement", "\u{e0100}"],
  ["private use", "\ue000"],
  ["half of a pair", "\ud83d"],
  ["a joiner behind ASCII", "\u200d"],
  ["a selector behind ASCII", "\ufe0f"],
  ["a Mongolian selector behind ASCII", "\u180b"],
];

/** What writing needs. */
const SEEN = ["tab\tand\nnewline", "👩‍👩‍👧 ❤️‍🔥 👩🏽‍💻 🏳️‍🌈", "1️⃣ #️⃣ ☎️", "نمی‌دانم", "क्‍ष", "ᠠ᠋", "é e\u0301", "漢字", "a b"];

describe("the rule", () => {
  it.each(HIDDEN)("%s is hidden", (_, character) => {
    expect(countHidden(`a${character}b`)).toBe(1);
    expect(withoutHidden(`a${character}b`)).toBe("ab");
    expect(spellHidden(`a${character}b`)).toMatch(/^a\[U\+[0-9A-F]{4,6}\]b$/);
    expect(textParts(`a${character}b`).map(({ kind }) => kind)).toEqual(["text", "hidden", "text"]);
    expect(countHidden(character.repeat(3))).toBe(3);
  });

  it.each(SEEN)("%s is left as it is", (text) => {
    expect([countHidden(text), withoutHidden(text), visible(text)]).toEqual([0, text, text]);
  });

  it("joiners and selectors that stand where no writing has them carry a message: all but the first are hidden", () => {
    expect(countHidden("é\u200d\u200c\u200d")).toBe(2);
    expect(countHidden("😀\ufe0f\ufe01\ufe02")).toBe(2);
    expect(countHidden("a\u00ad\u200d")).toBe(2);
    expect(countHidden("\u200d")).toBe(1);
  });

  it("stays linear", () => {
    const from = performance.now();
    for (const text of ["\u200d", "😀\ufe0f", "\u00ad\u200d", "a"]) countHidden(text.repeat(300_000));
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});

describe("no entry point lets one through", () => {
  /** Only what is asked for is left of the character: a sign that it was there, or nothing. */
  const entries: [string, (text: string) => string | Promise<string>][] = [
    ["what the model reads of a file", visible],
    ["a name that the model reads", visibleName],
    ["text in Slack", (text) => literal(text).text],
    ["mrkdwn in Slack", escaped],
    ["plain text in Slack", (text) => plain(text, 1_000).text],
    ["text on a page", (text) => html`${text}`.markup],
    ["text with marks on a page", (text) => shownText(text).markup],
    ["Markdown for GitHub", (text) => inertMarkdown(text, 1_000)],
    ["a line for GitHub", (text) => inertLine(text, 1_000)],
    ["code for GitHub", (text) => codeSpan(text, 1_000)],
    ["a block of code for GitHub", (text) => codeBlock(text, 1_000)],
    ["what a server said", (text) => readRemoteWords(text).git.join("")],
    ["a repository's guidance", guidanceOf],
  ];

  it.each(entries)("%s", async (_, enter) => {
    for (const [what, character] of HIDDEN) {
      const after = await enter(`safe${character}word`);
      expect(after, what).toContain("safe");
      expect(after, what).toContain("ord"); // Behind an escape, the w is part of a terminal code.
      expect(countHidden(after.replaceAll("\n", "")), what).toBe(0);
    }
  });

  async function guidanceOf(text: string): Promise<string> {
    const tree = {
      list: async () => [{ path: "AGENTS.md", kind: "file" as const, bytes: 1 }],
      read: async () => Buffer.from(text),
    };
    return (await readGuidance(tree as unknown as Tree, (words) => words))[0]!.text;
  }
});

test("what the model is shown of a hidden character finds it again", () => {
  for (const [what, character] of HIDDEN.filter(([, one]) => one.isWellFormed())) {
    const written = visible(`a${character}b`);
    expect(unescaped(written), what).toBe(`a${character}b`);
    expect(unescaped(visibleName(`a${character}b`)), what).toBe(`a${character}b`);
  }
});

test("texts that look the same have one look", () => {
  expect(looks("cafe\u0301\u00a0\u200bx\u00ad\ufe0f")).toBe(looks("café x"));
  expect(looks("a")).not.toBe(looks("b"));
});

test("terminal codes go, their text stays", () => {
  expect(
    withoutTerminalCodes("\x1b[31mred\x1b[0m \x1b]0;title\x07a\r\nb \x1b]8;;https://a.b\x1b\\link\x1b]8;;\x1b\\"),
  ).toBe("red a\nb link");
  const from = performance.now();
  withoutTerminalCodes("\x1b]".repeat(100_000) + "\x1b[".repeat(100_000));
  expect(performance.now() - from).toBeLessThan(5_000);
});
