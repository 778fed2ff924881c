import { z } from "zod";
import { Verdict } from "../../jobs/outcome.ts";
import { headAndTail } from "../../text/cut.ts";
import { inShort, refuse } from "./text.ts";
import type { Tool, ToolContext } from "./tool.ts";

const MAX_STATUS_CHARS = 4_000;

export const REPORT_VERDICT = "report_verdict";

const { summary, evidence, pullRequestTitle, pullRequestBody } = Verdict.shape;
const { path, note } = evidence.element.shape;

const Report = z.object({
  outcome: z
    .enum(["changed", "not-needed", "blocked"])
    .describe(
      "changed: the task needed changes here and you made them; not-needed: it needs none here; blocked: it needs a change that could not be made, because something is missing",
    ),
  summary: summary.describe("what you found and did, in one short paragraph for a reviewer"),
  missing: z
    .string()
    .max(1_000)
    .describe("only when blocked: what is missing, for a person who can provide it; else empty"),
  evidence: z
    .array(
      z.object({
        path: path.describe("a file you inspected, relative to the repository's root"),
        note: note.describe("what in it supports the verdict"),
      }),
    )
    .max(20)
    .describe("what you inspected; for a verdict of no changes this is the proof"),
  pullRequestTitle: pullRequestTitle.describe("imperative, under 70 characters; empty when nothing changed"),
  pullRequestBody: pullRequestBody.describe(
    "Markdown: what changed, why, how it was checked; empty when nothing changed",
  ),
});
type Report = z.infer<typeof Report>;

const CLAIM: Record<Report["outcome"], string> = {
  changed: "changes were necessary",
  "not-needed": "no changes were necessary",
  blocked: "it is blocked",
};

/** What the tool answers decides whether the run is over; `run` only checks that the claim fits the tree. */
export const reportVerdictTool: Tool<Report> = {
  name: REPORT_VERDICT,
  description: "End the task: report how it came out, and the evidence. Call it alone, when you are done.",
  schema: Report,
  strict: true,
  kind: "reported",
  doing: () => "reporting its verdict",
  done(report, answer) {
    // A verdict that counts ends the round unanswered; any answer sent it back.
    const sentBack = answer?.isError ? ", which did not fit the tree" : answer ? ", and was asked to check again" : "";
    return `reported that ${CLAIM[report.outcome]}${sentBack}: ${inShort(report.summary)}`;
  },
  async run(report, context) {
    await checkClaim(report, context);
    return "Verdict recorded.";
  },
};

/** The verdict that a report stands for: of one that the tool has taken. */
export function verdictOf(input: unknown): Verdict {
  const { outcome, missing, ...words } = Report.parse(input);
  return {
    ...words,
    wereChangesNecessary: outcome !== "not-needed",
    ...(outcome === "blocked" && { blockedBy: missing.trim() }),
  };
}

async function checkClaim(report: Report, { tree }: ToolContext): Promise<void> {
  const { outcome } = report;
  if (outcome === "blocked") {
    if (report.missing.trim() === "") refuse("You report blocked: say in missing what a person has to provide.");
    return;
  }
  const status = (await tree.status()).trimEnd();
  if (outcome === "changed" && status === "") {
    refuse(
      "You report changes, but the working tree equals the base commit (git status is empty). Make the change, or report how it is: that none is needed, or that you are blocked and by what.",
    );
  }
  if (outcome === "not-needed" && status !== "") {
    refuse(
      `You report that no changes were necessary, but the working tree has changes:\n${headAndTail(status, MAX_STATUS_CHARS)}\nIf the task does not need them, undo or delete them. If it does, also those of an earlier round, report that changes were necessary.`,
    );
  }
  if (outcome === "not-needed" && report.evidence.length === 0) {
    refuse("A verdict of no changes needs evidence: name at least one file you inspected and what it shows.");
  }
  if (outcome === "changed" && report.pullRequestTitle.trim() === "") {
    refuse("pullRequestTitle is empty. Give the change a title, and a body for its reviewer.");
  }
}
