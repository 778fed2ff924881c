import aslValidator from "asl-validator";
import { describe, expect, it } from "vitest";
import { machineDefinition, PUBLISH_SECONDS, ROUND_SECONDS, WORK_SECONDS } from "../../packages/pipeline/machine.ts";
import { PARTS } from "./world.ts";

type State = { Type: string; Retry?: { ErrorEquals: string[]; MaxAttempts: number }[]; [field: string]: unknown };

const definition = machineDefinition(PARTS);
const inner = definition.States.Runs.ItemProcessor.States as Record<string, State>;
const states = { ...(definition.States as Record<string, State>), ...inner };
const tasks = Object.entries(states).filter(([, state]) => state.Type === "Task");

describe("the machine", () => {
  it("is valid Amazon States Language", () => {
    const { isValid, errorsText } = aslValidator(structuredClone(definition), { checkArn: true, checkPaths: true });
    expect(isValid ? "" : errorsText("\n")).toBe("");
  });

  it("is the same for the same parts, and stays as it was reviewed", () => {
    expect(machineDefinition(PARTS)).toEqual(definition);
    expect(definition).toMatchSnapshot();
  });

  it("has room for every string a repository's name can be: overrides stay far below 8 KB", () => {
    const longest = { jobId: "j0123456789abcdef", round: 9999, repository: `${"o".repeat(39)}/${"n".repeat(100)}` };
    const { Overrides } = inner.Work!.Parameters as { Overrides: object };
    expect(JSON.stringify(Overrides).length + JSON.stringify(longest).length).toBeLessThan(1024);
  });

  it.each(tasks)(
    "%s: has a time-out, retries infrastructure with a limit, and is never tried again after a time-out",
    (_name, state) => {
      expect(state.TimeoutSeconds).toBeGreaterThan(0);
      for (const { ErrorEquals, MaxAttempts } of state.Retry!) {
        expect(MaxAttempts).toBeLessThan(10);
        expect(ErrorEquals).not.toContain("States.ALL");
        expect(ErrorEquals).not.toContain("States.Timeout");
      }
    },
  );

  it("ends a round after the longest that its parts can take", () => {
    expect(2 * WORK_SECONDS + PUBLISH_SECONDS).toBeLessThan(ROUND_SECONDS);
  });

  it.each(Object.entries(inner).filter(([, state]) => state.Type === "Task"))(
    "%s: whatever goes wrong keeps the run's identity and stays inside the Map",
    (_name, state) => {
      const catches = state.Catch as { ErrorEquals: string[]; ResultPath: string }[];
      expect(catches.at(-1)!.ErrorEquals).toEqual(["States.ALL"]);
      expect(catches.every(({ ResultPath }) => /^\$\.\w+$/.test(ResultPath))).toBe(true);
    },
  );
});
