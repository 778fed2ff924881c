import { describe, expect, test } from "vitest";
import { actionOf, createTools } from "../../packages/agent/tools/create-tools.ts";
import type { Tree } from "../../packages/agent/tree.ts";
import type { Action, CallAnswer } from "../../packages/conversation/calls.ts";
import type { Exchange } from "../../packages/conversation/exchanges.ts";
import { stepsOf } from "../../packages/transcript/steps.ts";
import { simpleTurn } from "../../packages/views/history/simple-turn.ts";
import { aVerdict } from "../builders.ts";

const answer = (changes: Partial<CallAnswer> = {}): CallAnswer => ({ text: "Done.", isError: false, ...changes });
const ended = (exitCode: number | null, timedOut = false) => ({ exitCode, timedOut, durationMs: 3_200 });
const changed = aVerdict({ summary: "Raised it.\nTwice." });

/** [tool, input, words, kind and path, answer]; shapes of earlier releases among them. */
const CALLS: [string, Record<string, unknown>, string, Partial<Action>, CallAnswer?][] = [
  ["list_files", {}, "listed the files", { kind: "looked" }],
  ["list_files", { glob: "**/pom.xml" }, "listed **/pom.xml", { kind: "looked" }],
  ["read_file", { path: "a" }, "read a", { kind: "looked", path: "a" }],
  ["read_file", { path: "a", from_line: 2, to_line: 9 }, "read a, lines 2 to 9", { kind: "looked", path: "a" }],
  ["read_file", { path: "a", from_line: 2 }, "read a from line 2", { kind: "looked", path: "a" }],
  ["read_file", { path: "a", to_line: 9 }, "read a to line 9", { kind: "looked", path: "a" }],
  ["search", { pattern: "x y", glob: "*.ts" }, "searched for x y in *.ts", { kind: "looked" }],
  ["edit_file", { path: "a", edits: [{ old_text: "x", new_text: "y" }] }, "edited a", { kind: "changed", path: "a" }],
  ["edit_file", { path: "a", old_text: "x", new_text: "y" }, "edited a", { kind: "changed", path: "a" }],
  ["write_file", { path: "a", content: "x" }, "wrote a", { kind: "changed", path: "a" }],
  ["write_file", { path: "a", executable: false }, "made a not executable", { kind: "changed", path: "a" }],
  ["write_file", { path: "a", link_to: "b" }, "made a a link to b", { kind: "changed", path: "a" }],
  [
    "replace_in_files",
    { old_text: "Old\nx", new_text: "New", glob: "*.ts" },
    "replaced Old everywhere in *.ts",
    { kind: "changed" },
  ],
  ["delete_file", { path: "a" }, "deleted a", { kind: "changed", path: "a" }],
  ["delete_file", { paths: ["a", "b", "c"] }, "deleted a and 2 more", { kind: "changed", path: "a" }],
  ["move_file", { from: "a", to: "b" }, "moved a to b", { kind: "changed", path: "b" }],
  [
    "move_file",
    { moves: ["a", "c"].map((from) => ({ from, to: `${from}2` })) },
    "moved a to a2 and 1 more",
    { kind: "changed", path: "a2" },
  ],
  ["run_command", { command: "npm test" }, "ran npm test", { kind: "ran" }],
  ["read_output", { id: "3" }, "read output 3", { kind: "looked" }],
  [
    "read_output",
    { id: "check", from_line: 4, to_line: 9 },
    "read output check from line 4 to line 9",
    { kind: "looked" },
  ],
  [
    "run_command",
    { command: "x\ny" },
    "ran x: exit code 0 after 3.2 s",
    { kind: "ran" },
    answer({ command: ended(0) }),
  ],
  [
    "run_command",
    { command: "x" },
    "ran x: exit code 1 after 3.2 s",
    { kind: "ran", failed: true },
    answer({ command: ended(1) }),
  ],
  [
    "run_command",
    { command: "x" },
    "ran x: timed out after 3.2 s",
    { kind: "ran", failed: true },
    answer({ command: ended(null, true) }),
  ],
  ["report_verdict", changed, "reported that changes were necessary: Raised it.", { kind: "reported" }],
  [
    "report_verdict",
    { ...changed, wereChangesNecessary: false },
    "reported that no changes were necessary, and was asked to check again: Raised it.",
    { kind: "reported" },
    answer(),
  ],
  [
    "report_verdict",
    changed,
    "reported that changes were necessary, which did not fit the tree: Raised it.",
    { kind: "reported", failed: true },
    answer({ isError: true }),
  ],
  [
    "report_verdict",
    { ...changed, outcome: "blocked", missing: "A network." },
    "reported that it is blocked: Raised it.",
    { kind: "reported" },
  ],
  [
    "report_verdict",
    changed,
    "reported that changes were necessary, and was shown that the check failed: Raised it.",
    { kind: "reported", failed: true },
    answer({ command: ended(1) }),
  ],
  ["report_verdict", { outcome: "confirmed" }, "reported that its last report stands", { kind: "reported" }],
  ["gone_tool", { of: "before" }, 'called gone_tool {"of":"before"}', { kind: "other" }],
];

/** A turn with one call, and the turn that sent its answer. */
function turnsOf(name: string, input: Record<string, unknown>, result?: CallAnswer): [Exchange, Exchange] {
  const facts = { attempt: 1, model: "m", stopReason: "tool_use", costUsd: null };
  const usage = { input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0 };
  const at = { requestedAt: "2026-11-22T12:00:00.000Z", answeredAt: "2026-11-22T12:00:01.000Z", usage, facts };
  const sent = result && { type: "tool_result", tool_use_id: "t", content: result.text, is_error: result.isError };
  const commands: Exchange["commands"] = result?.command ? { t: result.command } : {};
  const first = { turn: 1, asked: [], answered: [{ type: "tool_use", id: "t", name, input }], commands: {}, ...at };
  return [first, { turn: 2, asked: sent ? [sent] : [], answered: [], commands, ...at }];
}

const recordOf = (exchange: Exchange) => ({ ...exchange, ...exchange.facts!, usage: exchange.usage! });

describe("a call in words", () => {
  test.each(CALLS)("%s %j: %s", (name, input, words, action, result) => {
    expect(actionOf({ name, input, ...(result && { result }) })).toEqual({ failed: false, words, ...action });
  });

  test.each(CALLS)("%s %j reads the same on the page and in Slack", (name, input, words, _, result) => {
    const [turn, next] = turnsOf(name, input, result);
    const [step] = stepsOf([recordOf(turn)], actionOf, recordOf(next));
    expect(step!.actions.map((action) => action.words)).toEqual([words]);
    const room = { why: 100, calls: 5, told: 100 };
    expect(JSON.stringify(simpleTurn(turn, next, room, actionOf)).toLowerCase()).toContain(
      JSON.stringify(words).slice(1, -1).toLowerCase(),
    );
  });

  test("what does not fit a tool's schema breaks nothing, and keeps what the tool is for", () => {
    for (const input of [{ moves: "x" }, { moves: [] }, { moves: [null] }, { paths: [{}] }, { paths: 7 }, {}])
      for (const name of ["move_file", "delete_file", "replace_in_files", "write_file"])
        expect(actionOf({ name, input })).toEqual({
          kind: "changed",
          words: `called ${name} ${JSON.stringify(input)}`,
          failed: false,
        });
  });

  test("is one line, and short", () => {
    const { words, path } = actionOf({ name: "read_file", input: { path: `a\n${"b".repeat(900)}` } });
    expect(words).toMatch(/^read a b+…$/);
    expect([words.length, path!.length]).toEqual([240, 902]);
  });
});

test("every tool says what it is for, what it does and what it did; only a tree with commands has run_command and read_output", () => {
  const tools = createTools({ run: async () => {} } as unknown as Tree);
  const told = CALLS.map(([name]) => name);
  for (const { name } of tools) expect(told, "a tool without a row above").toContain(name);
  expect(createTools({} as Tree).map(({ name }) => name)).toEqual(
    tools.map(({ name }) => name).filter((name) => name !== "run_command" && name !== "read_output"),
  );
});
