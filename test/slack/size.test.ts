import type { RespondFn } from "@slack/bolt";
import { WebAPIPlatformError } from "@slack/web-api";
import { describe, expect, it } from "vitest";
import { firstTaken } from "../../packages/notify/first-taken.ts";
import { checkMessageBlocks } from "../../packages/stand-ins/slack/blocks/message.ts";
import { withinMessage } from "../../packages/views/history/blocks.ts";
import { clipToSize, headOfSize, MESSAGE_SIZE, sizeOf, sizeOfBlocks } from "../../packages/views/size.ts";
import { escapedWithin, LIMITS, mrkdwn, named, plain } from "../../packages/views/text.ts";
import { tell } from "../../slack/listen.ts";

describe("what Slack counts of a text", () => {
  it.each<[string, number]>([
    ["abc", 3],
    ["a & b", 9],
    ["<T>", 9],
    ["if (a < b && c > d)", 19 + 3 + 4 + 4 + 3],
    ["&amp;", 9],
    ["👍", 2],
    ["", 0],
  ])("of %j: %i", (text, size) => expect(sizeOf(text)).toBe(size));

  it.each<[string, number, string]>([
    ["abc", 3, "abc"],
    ["a&b", 6, "a…"],
    ["a&b", 7, "a&b"],
    ["<<<<", 9, "<<…"],
    ["ab👍c", 4, "ab…"],
    ["e\u0301e\u0301e\u0301", 4, "e\u0301…"],
  ])("%j in %i: %j", (text, max, cut) => {
    expect(clipToSize(text, max)).toBe(cut);
    expect(sizeOf(cut)).toBeLessThanOrEqual(max);
    expect(text.startsWith(headOfSize(text, max))).toBe(true);
  });

  it("each field keeps to its limit as it is counted, whatever it holds", () => {
    const wild = "<a&b>".repeat(2_000);
    for (const max of [LIMITS.modalTitle, LIMITS.button, LIMITS.header, LIMITS.section]) {
      expect(sizeOf(plain(wild, max).text)).toBeLessThanOrEqual(max);
      expect(escapedWithin(wild, max).length).toBeLessThanOrEqual(max);
      expect(sizeOf(named("acme/orders", wild, max))).toBeLessThanOrEqual(max);
    }
  });

  it("mrkdwn of ours is never cut inside a mark or an entity", () => {
    for (const mark of ["<@U012345678>", "&amp;", "<https://github.com/acme/orders|github.com>"])
      for (let before = LIMITS.section - mark.length - 1; before <= LIMITS.section; before++) {
        const { text } = mrkdwn("x".repeat(before) + mark);
        expect(text.replaceAll(mark, ""), mark).toMatch(/^x+…?$/);
        expect(text.length).toBeLessThanOrEqual(LIMITS.section);
      }
  });
});

const text = (chars: number) => ({ type: "section", text: { type: "plain_text", text: "x".repeat(chars) } });
/** So many characters over so many blocks. */
const spread = (chars: number, blocks: number) =>
  Array.from({ length: blocks }, (_, i) => text(Math.floor(chars / blocks) + (i < chars % blocks ? 1 : 0)));

describe("what all the blocks of a message hold together", () => {
  /** The stand-in refuses what Slack refused, and takes what it took: slackapi/bolt-js#2867 and #2509. */
  it.each<[string, object[], boolean]>([
    ["4,649 characters in 28 blocks", spread(4_649, 28), true],
    ["6,020 characters in 33 blocks", spread(6_020, 33), true],
    ["9,597 characters in 50 blocks", spread(9_597, 50), true],
    ["11,341 characters in 45 blocks", spread(11_341, 45), false],
    [
      "2,500 ampersands in one list of ten",
      Array.from({ length: 10 }, () => plain("&".repeat(250), 3_000)).map((one) => ({ type: "section", text: one })),
      true,
    ],
    [
      "3,000 ampersands",
      Array.from({ length: 10 }, () => ({ type: "section", text: plain("&".repeat(300), 3_000) })),
      false,
    ],
    [
      "the same, escaped already",
      Array.from({ length: 10 }, () => ({ type: "section", text: { type: "mrkdwn", text: "&amp;".repeat(300) } })),
      false,
    ],
  ])("%s: %s", (_, blocks, isTaken) => {
    expect(checkMessageBlocks(blocks)).toEqual(
      isTaken ? { ok: true } : { ok: false, error: "msg_blocks_too_long", messages: [] },
    );
  });

  it("ours are smaller than the smallest that was ever refused, block by block", () => {
    expect(sizeOfBlocks(spread(11_341, 45))).toBeGreaterThan(MESSAGE_SIZE);
    expect(sizeOfBlocks(spread(9_597, 50))).toBeGreaterThan(MESSAGE_SIZE);
    const list = Array.from({ length: 60 }, () => ({ type: "section" as const, text: plain("<&>".repeat(60), 3_000) }));
    const shown = withinMessage(list);
    expect(sizeOfBlocks(shown)).toBeLessThanOrEqual(MESSAGE_SIZE + 100);
    expect(checkMessageBlocks(shown)).toEqual({ ok: true });
    expect(JSON.stringify(shown.at(-1))).toContain("too long for Slack");
  });
});

describe("when Slack refuses a message for its form", () => {
  const refusing = (codes: string[]) => {
    const sent: string[] = [];
    const send = async (content: string) => {
      sent.push(content);
      const error = codes[sent.length - 1];
      if (error) throw new WebAPIPlatformError({ ok: false, error });
      return content;
    };
    return {
      sent,
      answer: firstTaken(
        ["whole", "smaller", "plain"].map((one) => () => one),
        send,
        () => {},
      ),
    };
  };

  it.each<[string[], string]>([
    [[], "whole"],
    [["invalid_blocks"], "smaller"],
    [["msg_blocks_too_long", "msg_too_long"], "plain"],
  ])("after %j it gets %s", async (codes, taken) => {
    await expect(refusing(codes).answer).resolves.toBe(taken);
  });

  it("an answer for one person comes by its words", async () => {
    const answers: object[] = [];
    const respond = async (answer: object) => {
      if ("blocks" in answer) throw new Error("Failed to respond: 400");
      answers.push(answer);
    };
    await tell(respond as unknown as RespondFn, { text: "the link", blocks: [{ type: "divider" }] });
    expect(answers).toEqual([{ response_type: "ephemeral", replace_original: false, text: "the link" }]);
  });

  it.each<[string[], number]>([
    [["channel_not_found"], 1],
    [["invalid_blocks", "is_archived"], 2],
    [["invalid_blocks", "invalid_blocks", "invalid_blocks"], 3],
  ])("%j is thrown: nothing smaller helps", async (codes, tries) => {
    const { sent, answer } = refusing(codes);
    await expect(answer).rejects.toThrow(codes.at(-1));
    expect(sent).toHaveLength(tries);
  });
});
