import { describe, expect, it } from "vitest";
import { knowsReplies, reportVerdictTool, verdictOf } from "../../packages/agent/tools/report-verdict.ts";
import { runnable, runTool, toApiTool } from "../../packages/agent/tools/tool.ts";
import type { Tree } from "../../packages/agent/tree.ts";

const TOOL = runnable(reportVerdictTool);
const changed = { outcome: "changed", summary: "Done.", pullRequestTitle: "Do it", pullRequestBody: "Done." };
const tree = { status: async () => " M a" } as Tree;
const report = (replies: unknown, threads?: string[], more = {}) =>
  runTool(TOOL, { ...changed, ...more, replies }, { tree, ...(threads && { threads }) });
const to = (...threads: string[]) => threads.map((thread) => ({ thread, body: "Done." }));

describe("a report on a review replies to each comment that was given, and to nothing else", () => {
  it.each<[string, unknown, string[] | undefined, RegExp]>([
    ["where none was given", to("a"), undefined, /were given no review comment/],
    ["to one that is not there", to("a", "b", "x"), ["a", "b"], /has the id x\. Reply to these: a, b/],
    ["to one of two", to("a"), ["a", "b"], /Reply to these comments too: b/],
    ["to none", undefined, ["a"], /Reply to these comments too: a/],
    ["twice", to("a", "a"), ["a"], /reply to a twice/],
    ["with nothing", [{ thread: "a", body: " " }], ["a"], /reply to a is empty/],
    ["without words at all", [{ thread: "a" }], ["a"], /did not run\. Call it again/],
  ])("%s goes back", async (_, replies, threads, says) => {
    expect(await report(replies, threads)).toMatchObject({ isError: true, text: expect.stringMatching(says) });
  });

  it("with all of them it counts; being blocked owes none", async () => {
    expect(await report(to("a", "b"), ["a", "b"])).toMatchObject({ isError: false });
    expect(await report(undefined, ["a"], { outcome: "blocked", missing: "A key." })).toMatchObject({ isError: false });
    expect(verdictOf({ ...changed, replies: to("a") }).replies).toEqual(to("a"));
    expect(verdictOf({ ...changed, replies: [] })).not.toHaveProperty("replies");
  });

  it("a conversation that began with a tool that knows none is told from others", () => {
    const api = toApiTool(TOOL);
    const { replies: _, ...properties } = (api.input_schema as unknown as { properties: Record<string, object> })
      .properties;
    expect(knowsReplies([api])).toBe(true);
    expect(knowsReplies([{ ...api, input_schema: { ...api.input_schema, properties } } as typeof api])).toBe(false);
  });
});
