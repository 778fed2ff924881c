import { expect, test } from "vitest";
import { actionOf } from "../../packages/transcript/actions.ts";
import { callWords } from "../../packages/views/history/simple-turn.ts";

test.for<[name: string, input: Record<string, unknown>, words: string]>([
  ["edit_file", { path: "a", edits: [{ old_text: "x", new_text: "y" }] }, "edited a"],
  ["write_file", { path: "a", content: "x" }, "wrote a"],
  ["write_file", { path: "a", link_to: "b" }, "made a a link to b"],
  ["replace_in_files", { old_text: "Old\nx", new_text: "New", glob: "*.ts" }, "replaced Old everywhere in *.ts"],
  ["delete_file", { path: "a" }, "deleted a"],
  ["delete_file", { paths: ["a"] }, "deleted a"],
  ["delete_file", { paths: ["a", "b", "c"] }, "deleted a and 2 more"],
  ["move_file", { from: "a", to: "b" }, "moved a to b"],
  [
    "move_file",
    {
      moves: [
        { from: "a", to: "b" },
        { from: "c", to: "d" },
      ],
    },
    "moved a to b and 1 more",
  ],
])(
  "%s %j is told in Slack and in the transcript, in today's shape and in that of earlier releases",
  ([name, input, words]) => {
    expect(actionOf({ name, input }).words).toBe(words);
    expect(callWords({ type: "tool_use", name, input }).toLowerCase()).toBe(words.toLowerCase());
  },
);

test("what does not fit a tool's schema breaks nothing", () => {
  for (const input of [{ moves: "x" }, { moves: [] }, { moves: [null] }, { paths: [{}] }, { paths: 7 }, {}])
    for (const name of ["move_file", "delete_file", "replace_in_files", "write_file"]) {
      expect(actionOf({ name, input }).words).toBeTruthy();
      expect(callWords({ type: "tool_use", name, input })).toBeTruthy();
    }
});
