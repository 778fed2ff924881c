import { z } from "zod";
import type { CallAnswer } from "../../conversation/calls.ts";
import { Verdict } from "../../jobs/outcome.ts";
import { headAndTail } from "../../text/cut.ts";
import { inShort, refuse } from "./text.ts";
import type { Tool, ToolContext } from "./tool.ts";

const MAX_STATUS_CHARS = 4_000;

export const REPORT_VERDICT = "report_verdict";

const { summary, evidence, pullRequestTitle, pullRequestBody } = Verdict.shape;
const { path, note } = evidence.element.shape;

/** Nothing but the outcome is demanded: a report that confirms an earlier one has no more to say. */
const Report = z.object({
  outcome: z
    .enum(["changed", "not-needed", "blocked", "confirmed"])
    .describe(
      "changed: it needed changes and you made them; not-needed; blocked: it needs changes, and something is missing for them; confirmed: your last report stands, all else left out",
    ),
  summary: summary.optional().describe("what you found and did, in one short paragraph"),
  missing: z.string().max(1_000).optional().describe("when blocked: what a person has to provide"),
  evidence: z
    .array(
      z.object({
        path: path.describe("a file you inspected"),
        note: note.describe("what in it supports the verdict"),
      }),
    )
    .max(20)
    .optional()
    .describe("for not-needed this is the proof"),
  pullRequestTitle: pullRequestTitle.optional().describe("imperative, under 70 characters; for a change"),
  replies: z
    .array(z.object({ thread: z.string().max(200).describe("the id of the comment"), body: z.string().max(2_000) }))
    .max(50)
    .optional()
    .describe("one to each review comment that you were given; else left out"),
  pullRequestBody: pullRequestBody.optional().describe("Markdown: what changed, why, how it was checked; for a change"),
});
type Report = z.infer<typeof Report>;

const CLAIM: Record<Report["outcome"], string> = {
  changed: "changes were necessary",
  "not-needed": "no changes were necessary",
  blocked: "it is blocked",
  confirmed: "its last report stands",
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
    const { outcome, summary = "" } = report;
    return `reported that ${CLAIM[outcome]}${answer ? sentBack(answer) : ""}${summary && `: ${inShort(summary)}`}`;
  },
  async run(report, context) {
    await checkClaim(report, context);
    return "Verdict recorded.";
  },
};

/** A verdict that counts ends the round unanswered; any answer sent it back. */
function sentBack({ isError, command }: CallAnswer): string {
  if (isError) return ", which did not fit the tree";
  if (!command) return ", and was asked to check again";
  return command.exitCode === 0
    ? ", saw the check pass and was asked to look over it"
    : `, and was shown that the check ${command.timedOut ? "ran out of time" : "failed"}`;
}

/** The verdict that a report stands for: of one that the tool has taken. */
export function verdictOf(input: unknown): Verdict {
  const { outcome, missing = "", ...words } = Report.parse(input);
  return {
    wereChangesNecessary: outcome !== "not-needed",
    ...(outcome === "blocked" && { blockedBy: missing.trim() }),
    summary: words.summary ?? "",
    evidence: words.evidence ?? [],
    pullRequestTitle: words.pullRequestTitle ?? "",
    pullRequestBody: words.pullRequestBody ?? "",
    ...(words.replies && words.replies.length > 0 && { replies: words.replies }),
  };
}

const NOTHING_TO_CONFIRM =
  "There is no report of yours to confirm. Report in full: the outcome and all that belongs to it.";

/** Says only that the report before it stands. */
export const isConfirmation = (input: unknown) => Report.safeParse(input).data?.outcome === "confirmed";

/** Whether a conversation that began with this tool can say so. */
export const knowsConfirmation = (tools: readonly { name: string }[]) =>
  JSON.stringify(tools.find(({ name }) => name === REPORT_VERDICT) ?? "").includes('"confirmed"');

/** Whether a conversation that began with this tool can reply to comments. */
export const knowsReplies = (tools: readonly { name: string }[]) =>
  JSON.stringify(tools.find(({ name }) => name === REPORT_VERDICT) ?? "").includes('"replies"');

/** Each comment that was given has one reply, and no other id has one. */
function checkReplies({ outcome, replies = [] }: Report, threads: readonly string[] = []): void {
  if (threads.length === 0 && replies.length > 0)
    refuse("You were given no review comment in this round: leave replies out.");
  const unknown = replies.filter(({ thread }) => !threads.includes(thread)).map(({ thread }) => thread);
  if (unknown.length > 0)
    refuse(`No comment here has the id ${unknown.join(", ")}. Reply to these: ${threads.join(", ")}.`);
  const twice = replies.find(({ thread }, i) => replies.findIndex((one) => one.thread === thread) !== i);
  if (twice) refuse(`You reply to ${twice.thread} twice: say it in one reply.`);
  const empty = replies.find(({ body }) => body.trim() === "");
  if (empty) refuse(`Your reply to ${empty.thread} is empty. Say what you did, or why not.`);
  const missing = threads.filter((id) => !replies.some(({ thread }) => thread === id));
  if (missing.length > 0 && outcome !== "blocked") refuse(`Reply to these comments too: ${missing.join(", ")}.`);
}

async function checkClaim(report: Report, { tree, threads }: ToolContext): Promise<void> {
  const { outcome, missing = "", evidence = [], pullRequestTitle = "" } = report;
  if (outcome === "confirmed") refuse(NOTHING_TO_CONFIRM);
  if ((report.summary ?? "").trim() === "") refuse("summary is empty. Say in it what you found and did.");
  checkReplies(report, threads);
  if (outcome === "blocked") {
    if (missing.trim() === "") refuse("You report blocked: say in missing what a person has to provide.");
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
  if (outcome === "not-needed" && evidence.length === 0) {
    refuse("A verdict of no changes needs evidence: name at least one file you inspected and what it shows.");
  }
  if (outcome === "changed" && pullRequestTitle.trim() === "") {
    refuse("pullRequestTitle is empty. Give the change a title, and a body for its reviewer.");
  }
}
