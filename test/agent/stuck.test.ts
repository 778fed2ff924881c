import { expect, test } from "vitest";
import { type Stuck, stuckness } from "../../packages/agent/stuck.ts";
import type { CommandEnd, ContentBlock, Note, Turn } from "../../packages/conversation/conversation.ts";
import { cpuMs } from "../cpu-time.ts";
import { turn } from "../transcript/stage.ts";
import { aCall, aResult } from "../turn-builders.ts";

type Called = { input: string; answer?: string; fails?: boolean; command?: CommandEnd };
const ok = (input: string, answer = "same"): Called => ({ input, answer });
const fails = (input: string): Called => ({ input, answer: `There is no ${input}.`, fails: true });
const ran = (i: number, exitCode: number): Called => ({
  ...ok("a", `[exit code ${exitCode} after 1.${i} s]\nFAIL`),
  command: { exitCode, timedOut: false, durationMs: 1_000 + i * 100 },
});
const times = (n: number, ...tries: Called[][]) => Array.from({ length: n }, () => tries).flat();

/** Every turn's calls, gone through as the loop does: a nudge is sent with the next turn. */
function gone(tries: Called[][]): string[] {
  const round: Turn[] = [];
  const heard: string[] = [];
  let sent: ContentBlock[] = [{ type: "text", text: "task" }];
  let notes: Note[] | undefined;
  let commands: Turn["commands"];
  for (const calls of tries) {
    const id = (i: number) => `t${round.length}_${i}`;
    round.push(
      turn(
        round.length + 1,
        sent,
        calls.map(({ input }, i) => aCall(id(i), "tool", { input })),
        { ...(notes && { notes }), ...(commands && { commands }) },
      ),
    );
    sent = calls.map(({ answer, fails = false }, i) => aResult(id(i), answer, fails));
    commands = Object.fromEntries(calls.flatMap(({ command }, i) => (command ? [[id(i), command]] : [])));
    const stuck: Stuck = stuckness(round, { results: sent, commands });
    notes = stuck.kind === "nudge" ? [stuck.nudge.note] : undefined;
    heard.push(stuck.kind === "nudge" ? stuck.nudge.note.kind : stuck.kind);
    if (stuck.kind === "stop") break;
  }
  return heard;
}

const no = (n: number) => Array.from({ length: n }, () => "no");
const six = (calls: (i: number) => Called) => Array.from({ length: 6 }, (_, i) => calls(i));

const table: [string, Called[][], string[]][] = [
  ["six parallel reads of files that are not there are one failed turn", [six((i) => fails(`no-${i}`))], no(1)],
  ["six parallel identical calls are one turn", [six(() => ok("a")), [ok("b")]], no(2)],
  [
    "six turns that fail altogether: a nudge at three, the end at six",
    times(9, [fails("a"), fails("b")]).map((calls, i) => [...calls, fails(`c${i}`)]),
    ["no", "no", "errors", "no", "no", "stop"],
  ],
  [
    "one call of a turn that works makes it no failure",
    times(9, [fails("a"), ok("b")]).map((calls, i) => [...calls, ok(`c${i}`)]),
    no(9),
  ],
  [
    "the same call with the same answer: a nudge at four, the end at six",
    times(9, [ok("a")]),
    ["no", "no", "no", "repeated", "no", "stop"],
  ],
  [
    "the same command, which takes another time each time",
    Array.from({ length: 6 }, (_, i) => [ran(i, 1)]),
    ["no", "no", "no", "repeated", "no", "stop"],
  ],
  ["the same command that ends another way each time", Array.from({ length: 8 }, (_, i) => [ran(0, i)]), no(8)],
  ["polling something that moves on", Array.from({ length: 12 }, (_, i) => [ok("a", `${i}%`)]), no(12)],
  [
    "the same read after each of many different edits",
    Array.from({ length: 12 }, (_, i) => [[ok(`edit ${i}`)], [ok("read", `v${i}`)]]).flat(),
    no(24),
  ],
  [
    "failing tests with the same words, different edits in between",
    Array.from({ length: 12 }, (_, i) => [[ok(`edit ${i}`)], [ok("test", "FAIL x")]]).flat(),
    no(24),
  ],
  [
    "an edit that fails and a read that does not, over and over",
    times(9, [fails("edit")], [ok("read")]),
    [...no(7), "repeated", ...no(3), "stop"],
  ],
  [
    "an edit and its undoing, over and over",
    times(9, [ok("edit a")], [ok("test")], [ok("edit b")]),
    [...no(11), "repeated", ...no(5), "stop"],
  ],
  [
    "an error now and then",
    times(6, [fails("a")], [ok("b", "1")], [ok("c")]).map((calls, i) =>
      calls.map((one) => ({ ...one, input: `${one.input}${i}` })),
    ),
    no(18),
  ],
  ["turns without a call", times(8, []), no(8)],
];
test.each(table)("%s", (_, tries, heard) => {
  expect(gone(tries)).toEqual(heard);
});

test("nothing ends without a nudge, also where a history of another release has none", () => {
  const round = Array.from({ length: 9 }, (_, i) =>
    turn(i + 1, [aResult(`t${i - 1}`, "same")], [aCall(`t${i}`, "tool", {})]),
  );
  expect(stuckness(round, { results: [aResult("t8", "same")] })).toMatchObject({
    kind: "nudge",
    nudge: { note: { kind: "repeated" } },
  });
});

test("looks at the newest turns only, however long the run", () => {
  const long = Array.from({ length: 2_000 }, (_, i) =>
    turn(i + 1, [aResult(`t${i - 1}`, "x".repeat(8_000))], [aCall(`t${i}`, "tool", { i })]),
  );
  const took = cpuMs(() => {
    for (let i = 0; i < 100; i++) stuckness(long, { results: [aResult("t1999", "same")] });
  });
  expect(took).toBeLessThan(1_000);
});
