import { expect, it } from "vitest";
import type { RunningCommand } from "../../packages/jobs/outcome.ts";
import { createRedactor } from "../../packages/secrets/redact.ts";
import type { RunChanges } from "../../packages/store/runs.ts";
import { runView } from "../../packages/views/history/run-view.ts";
import { commandNow } from "../../packages/views/words.ts";
import { followCommand, lastWholeLines } from "../../packages/work/follow-command.ts";
import { AT, aRecord, aRun, aStartedRun, JOB_ID, later } from "../builders.ts";

const LEASE = { jobId: JOB_ID, repository: "acme/orders", round: 1, attempt: 1 };
const BEGUN: RunningCommand = { doing: "setup", command: "npm ci", startedAt: AT, tail: "" };

it("Details of a repository that works say what runs, for how long, and the last that it printed", () => {
  const run = aStartedRun({
    state: "cloning",
    runningCommand: { ...BEGUN, tail: "added 12 packages\n" },
    updatedAt: later(40),
  });
  const said = JSON.stringify(runView(aRecord([run]), run, [], [{ kind: "job", jobId: JOB_ID }]).blocks);
  expect(said).toMatch(/Now setting up: npm ci, 40 s.*added 12 packages/);
});

/** A clock that ticks when it is told to. */
function handClock() {
  const looks: (() => unknown)[] = [];
  const state = { isTicking: true };
  const every = (_: number, look: () => unknown) => {
    looks.push(look);
    return {
      [Symbol.dispose]: () => {
        state.isTicking = false;
      },
    };
  };
  return { state, clock: { every }, tick: () => looks[0]!() };
}

it("says the end of what a command has printed so far, redacted, and ends with the command", async () => {
  const rows: RunChanges[] = [];
  const { state, clock, tick } = handClock();
  const jobs = {
    updateRun: async (_: unknown, changes: RunChanges) => {
      rows.push(changes);
      return aRun();
    },
  };
  const redactor = createRedactor(["s3cr3t-of-ours"]);
  const result = await followCommand(LEASE, { jobs, redactor, clock }, BEGUN, async (follow) => {
    follow(() => "added 12 packages\ntoken s3cr3t-of-ours\nhalf a li");
    tick();
    return "done";
  });
  expect([result, state.isTicking]).toEqual(["done", false]);
  expect(rows).toEqual([{ runningCommand: { ...BEGUN, tail: "added 12 packages\ntoken [redacted]\n" } }]);
});

it("looks through what was printed only where it is new, and writes the row each time", async () => {
  const { clock, tick } = handClock();
  let written = 0;
  const jobs = {
    updateRun: async () => {
      written += 1;
      return aRun();
    },
  };
  const looked: string[] = [];
  const redactor = { redact: async (text: string) => `${looked.push(text)}` };
  await followCommand(LEASE, { jobs, redactor, clock }, BEGUN, async (follow) => {
    let output = "one\n";
    follow(() => output);
    await tick();
    await tick();
    output += "two\nhalf";
    await tick();
  });
  expect([looked, written]).toEqual([["one\n", "one\ntwo\n"], 3]);
});

it("goes on where a word of progress cannot be written", async () => {
  const { clock, tick } = handClock();
  const jobs = { updateRun: () => Promise.reject(new Error("no table")) };
  const run = async () => {
    tick();
    return 7;
  };
  await expect(followCommand(LEASE, { jobs, redactor: createRedactor([]), clock }, BEGUN, run)).resolves.toBe(7);
});

it.each([
  ["no line has ended", "half", 10, ""],
  ["all of it", "a\nb\n", 10, "a\nb\n"],
  ["what fits, from the start of a line", "first line\nsecond\nthird\n", 15, "second\nthird\n"],
])("the last whole lines: %s", (_, output, max, lines) => {
  expect(lastWholeLines(output, max)).toBe(lines);
});

it("is a few words on the card, with a time of the rows", () => {
  expect(commandNow(BEGUN, later(40))).toBe("setting up: npm ci, 40 s");
  expect(commandNow({ ...BEGUN, doing: "check", command: "npm\ntest" }, AT)).toMatch(/^checking: npm test, /);
});
