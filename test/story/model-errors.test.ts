import { describe, expect, it } from "vitest";
import { blockLines } from "../../packages/local/demo/block-text.ts";
import { type ClaudeFault, overloaded, rateLimited } from "../../packages/stand-ins/claude/faults.ts";
import { openWorld, runOf, until, type World } from "./world.ts";

const DEADLINE_MS = 150_000;
/** The card is written anew some seconds after what it tells. */
const PAUSE_S = 10;
const REPOSITORY = "acme/orders";

describe("what Claude may answer instead of an answer", () => {
  it("pauses or repeats what will pass: the card says until when, all runs keep to it, no attempt is burnt, no turn is paid twice; a patch only opens no pull request", async () => {
    const world = await openWorld();
    const passing: ClaudeFault[] = [
      rateLimited(PAUSE_S),
      overloaded,
      { kind: "cut" },
      { kind: "error-event", type: "overloaded_error", message: "Overloaded" },
      { kind: "broken-json" },
    ];
    world.claude.faults.push(...passing);
    await world.submit({ delivery: "patch-only" }, [REPOSITORY, "acme/gateway"]);
    const { jobId } = (await until(world.newestJob)).job;
    await cardThatSays(world, jobId, /Claude is busy\. The next try is .*\d\d:\d\d UTC/);
    const record = await world.untilAtRest(DEADLINE_MS);

    expect(world.claude.faults).toEqual([]);
    for (const repository of [REPOSITORY, "acme/gateway"]) {
      const run = runOf(record, repository);
      expect([run.state, run.reason]).toEqual(["patch-ready", undefined]);
      const turns = await world.records.turnsOf({ jobId, repository, round: 1 });
      expect(turns.map(({ attempt }) => attempt)).toEqual(Array(run.turns).fill(1));
    }
    const told = world.claude.requests().find((request) => request.answered === "fault")!.at;
    // The other runner, a process of its own, may have been on its way to its first request.
    expect(
      world.claude.requests().filter(({ at }) => at > told && at < told + PAUSE_S * 1_000 - 10).length,
    ).toBeLessThanOrEqual(1);
    const answered = world.claude.requests().filter((request) => request.answered === "message");
    expect(answered).toHaveLength(record.runs.reduce((sum, run) => sum + run.turns, 0));

    expect(world.forge.admin.pullRequests(REPOSITORY)).toEqual([]);
    const patch = await world.records.readPatch(runOf(record, REPOSITORY).patch!.key);
    expect(Buffer.from(patch).toString()).toMatch(/^\+.*2\.17\.1/m);
  });
});

function cardThatSays(world: World, jobId: string, words: string | RegExp): Promise<string> {
  return until(() => {
    const card = world.cards().find(({ metadata }) => metadata?.event_payload.job_id === jobId);
    const text = blockLines(card?.blocks ?? [])
      .join("\n")
      .replaceAll(/\s+/g, " ");
    return (typeof words === "string" ? text.includes(words) : words.test(text)) ? text : undefined;
  }, DEADLINE_MS);
}
