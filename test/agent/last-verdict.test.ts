import { expect, test } from "vitest";
import { lastVerdict } from "../../packages/agent/review-verdict.ts";
import { reportVerdictTool } from "../../packages/agent/tools/report-verdict.ts";
import { runnable } from "../../packages/agent/tools/tool.ts";
import type { ContentBlock } from "../../packages/conversation/conversation.ts";
import { aCall, aResult, aTurn, fromModel, fromUser } from "../turn-builders.ts";

const reported = (id: string, summary: string, outcome = "changed") =>
  aCall(id, "report_verdict", { outcome, summary });
const turnOf = (sent: ContentBlock[], ...calls: ContentBlock[]) =>
  aTurn({ sent: [fromUser(...sent)], received: fromModel(...calls) });
const lastOf = (...round: ReturnType<typeof turnOf>[]) => lastVerdict(round, [runnable(reportVerdictTool)])?.summary;

test("what a limit leaves of a round is the last report that fitted the tree, whatever came after it", () => {
  const took = turnOf([aResult("a", "Look over it.")], reported("b", "", "confirmed"));
  expect(lastOf(turnOf([], reported("a", "first")), took)).toBe("first");
  expect(
    lastOf(turnOf([], reported("a", "refused")), turnOf([aResult("a", "It does not fit.", true)])),
  ).toBeUndefined();
  expect(
    lastOf(
      turnOf([], reported("a", "first")),
      turnOf([aResult("a", "Look over it.")], reported("b", "second")),
      turnOf([aResult("b", "It does not fit.", true)]),
    ),
  ).toBe("first");
  // The newest one is not answered yet.
  expect(lastOf(turnOf([], reported("a", "first")))).toBeUndefined();
});
