import { describe, expect, it } from "vitest";
import { withRetries } from "../../packages/github/with-retries.ts";

const answered = (status: number, headers: Record<string, string> = {}) =>
  Object.assign(new Error(`said ${status}`), { status, response: { headers } });
const asksToWait = (seconds: number) => answered(429, { "retry-after": `${seconds}` });

/** Each try takes `tryMs` and fails with the next of `errors`, until there is none left; time passes by sleeping alone. */
async function tried(errors: Error[], { tryMs = 0, signal }: { tryMs?: number; signal?: AbortSignal } = {}) {
  const did: (number | string)[] = [];
  let at = 0;
  const clock = {
    elapsedMs: () => at,
    sleep: async (ms: number) => {
      did.push(ms / 1_000);
      at += ms;
    },
  };
  const left = [...errors];
  const work = async () => {
    at += tryMs;
    const error = left.shift();
    if (error) throw error;
    return "done";
  };
  const end = await withRetries("Publishing", work, { signal, clock }).catch((error: Error) => error.message);
  return [...did, end];
}

describe("a request to GitHub is tried again, for two minutes in all", () => {
  const down = answered(503);
  it.each<[string, Error[], number, (number | string)[]]>([
    ["what passes by itself", [down, down, asksToWait(20)], 0, [1, 2, 20, "done"]],
    ["once at least, however long the first try took", [down], 150_000, [1, "done"]],
    ["but not after it when the time is up", [down, down], 150_000, [1, "Publishing failed for 5 min 1 s: said 503."]],
    [
      "until the next wait would end too late",
      Array(9).fill(down),
      0,
      [1, 2, 4, 8, 15, 30, 30, 30, "Publishing failed for 2 min: said 503."],
    ],
    [
      "not where GitHub asks for a longer wait than that",
      [asksToWait(121)],
      0,
      ["GitHub takes no more requests of Cody's token for another 2 min 1 s."],
    ],
    ["not for what stays so", [answered(404)], 0, ["said 404"]],
  ])("%s", async (_, errors, tryMs, did) => {
    expect(await tried(errors, { tryMs })).toEqual(did);
  });

  it("but not once it is cancelled", async () => {
    expect(await tried([down], { signal: AbortSignal.abort(new Error("cancelled")) })).toEqual(["cancelled"]);
  });
});
