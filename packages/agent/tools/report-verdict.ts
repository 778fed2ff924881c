import { Verdict } from "../../jobs/outcome.ts";
import { headAndTail } from "../../text/cut.ts";
import { inShort, refuse } from "./text.ts";
import type { Tool, ToolContext } from "./tool.ts";

const MAX_STATUS_CHARS = 4_000;

export const REPORT_VERDICT = "report_verdict";

/** What the tool answers decides whether the run is over; `run` only checks that the claim fits the tree. */
export const reportVerdictTool: Tool<Verdict> = {
  name: REPORT_VERDICT,
  description:
    "End the task: report whether changes were necessary, and the evidence. Call it alone, when you are done.",
  schema: Verdict,
  strict: true,
  kind: "reported",
  doing: () => "reporting its verdict",
  done(verdict, answer) {
    const claim = verdict.wereChangesNecessary ? "changes were necessary" : "no changes were necessary";
    // A verdict that counts ends the round unanswered; any answer sent it back.
    const sentBack = answer?.isError ? ", which did not fit the tree" : answer ? ", and was asked to check again" : "";
    return `reported that ${claim}${sentBack}: ${inShort(verdict.summary)}`;
  },
  async run(verdict, context) {
    await checkClaim(verdict, context);
    return "Verdict recorded.";
  },
};

async function checkClaim(verdict: Verdict, { tree }: ToolContext): Promise<void> {
  const status = (await tree.status()).trimEnd();
  if (verdict.wereChangesNecessary && status === "") {
    refuse(
      "You report changes, but the working tree equals the base commit (git status is empty). Make the change, or report wereChangesNecessary false.",
    );
  }
  if (!verdict.wereChangesNecessary && status !== "") {
    refuse(
      `You report that no changes were necessary, but the working tree has changes:\n${headAndTail(status, MAX_STATUS_CHARS)}\nIf the task does not need them, undo or delete them. If it does, also those of an earlier round, report wereChangesNecessary true.`,
    );
  }
  if (!verdict.wereChangesNecessary && verdict.evidence.length === 0) {
    refuse("A verdict of no changes needs evidence: name at least one file you inspected and what it shows.");
  }
  if (verdict.wereChangesNecessary && verdict.pullRequestTitle.trim() === "") {
    refuse("pullRequestTitle is empty. Give the change a title, and a body for its reviewer.");
  }
}
