import { expect, it } from "vitest";
import { demoEnding, demoEndingWords } from "../../packages/local/demo/as-promised.ts";
import { aRun } from "../builders.ts";

const own = { repo: ["."], delivery: "open-pr" as const };
const runs = (...states: Parameters<typeof aRun>[0][]) => ({ runs: states.map((changes) => aRun(changes)) });

it.each([
  ["published and unchanged", runs({ state: "published" }, { state: "unchanged" }), /^Done\./],
  [
    "one that is blocked",
    runs({ state: "published" }, { state: "blocked" }),
    /^Blocked in 1 repository: what is missing/,
  ],
  [
    "one that failed beside one that is blocked",
    runs({ state: "failed" }, { state: "blocked" }),
    /^Not everything went/,
  ],
  ["one that was cancelled", runs({ state: "cancelled" }), /^Not everything went/],
])("a demo on repositories of one's own ends as promised, blocked or wrong: %s", (_, record, says) => {
  expect(demoEndingWords(demoEnding(record, own))).toMatch(says);
});
