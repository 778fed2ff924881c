import { expect, test } from "vitest";
import { blockText, callsWithAnswers } from "../../packages/conversation/calls.ts";
import { entriesOf } from "../../packages/conversation/entries.ts";
import { exchangeOf, exchangesOf } from "../../packages/conversation/exchanges.ts";
import { turn } from "../transcript/stage.ts";
import { aCall, aResult, aText } from "../turn-builders.ts";

const END = { exitCode: 1, timedOut: false, durationMs: 20 };
const TURNS = [
  turn(1, [aText("Do.")], [aText("I look."), aCall("a", "run_command", { command: "x" }), aCall("b", "read_file", 7)]),
  turn(
    2,
    [aResult("b", [{ type: "text", text: "one" }, { type: "image" }], true), aResult("a", "out")],
    [aText("Done.")],
    {
      commands: { a: END },
    },
  ),
];

test("a turn reads the same from its own object and from the stored conversation", () => {
  const own = TURNS.map(exchangeOf);
  expect(exchangesOf({ entries: TURNS.flatMap(entriesOf) })).toEqual(own.map(({ facts: _, ...rest }) => rest));
  expect(own[0]!.facts).toEqual({ attempt: 1, model: "claude-sonnet-5-5", stopReason: "tool_use", costUsd: 0.00201 });
});

test("calls stand with their answers, which the next turn sent; what is no text is named", () => {
  const [first, second] = TURNS.map(exchangeOf);
  expect(callsWithAnswers(first!, second)).toEqual([
    { name: "run_command", input: { command: "x" }, result: { text: "out", isError: false, command: END } },
    { name: "read_file", input: { input: 7 }, result: { text: "one\n[image]", isError: true, command: undefined } },
  ]);
  expect(callsWithAnswers(first!, undefined)[0]).toEqual({ name: "run_command", input: { command: "x" } });
});

test("an id of Object's own is an id like others", () => {
  const [first, second] = [turn(1, [], [aCall("constructor", "x", {})]), turn(2, [aResult("constructor", "y")], [])];
  expect(callsWithAnswers(exchangeOf(first!), exchangeOf(second!))[0]!.result).toEqual({
    text: "y",
    isError: false,
    command: undefined,
  });
});

test("text and thinking are words; calls, answers and empty thinking are none", () => {
  const blocks = [
    aText("a"),
    { type: "thinking", thinking: "b" },
    { type: "thinking", thinking: " " },
    aCall("c", "d", {}),
  ];
  expect(blocks.map(blockText)).toEqual(["a", "b", "", ""]);
});
