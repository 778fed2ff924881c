import type { Turn } from "../conversation/conversation.ts";
import { visible } from "../encoding/visible.ts";
import { type CommandResult, kindOfVerdict, type Verdict } from "../jobs/outcome.ts";
import { headAndTail } from "../text/cut.ts";
import { type Guidance, missingHeadings } from "./guidance.ts";
import { timesSaid } from "./history.ts";
import { type HarnessNote, reviewRequest, templateRequest, verificationRequest } from "./notes.ts";
import { verdictOf } from "./tools/report-verdict.ts";
import { howItEnded } from "./tools/run-command.ts";
import { runTool, type Tool, type ToolContext } from "./tools/tool.ts";
import type { Tree } from "./tree.ts";

const MAX_REPAIRS = 2;
const MAX_DIFF_CHARS = 30_000;
const MAX_STATUS_CHARS = 8_000;

export type ReviewDeps = {
  tree: Tree;
  /** Runs the job's check on the tree; absent when the job has none. */
  verify?(verdict: Verdict): Promise<CommandResult>;
  /** The repository's pull request template, which the body of a change follows. */
  template?: Guidance;
};

export type ReviewResult =
  | { kind: "accepted"; verdict: Verdict; verification?: CommandResult }
  /** `text` answers the call and holds what the repository says; what is wanted now is the harness's own note. */
  | { kind: "sent-back"; text: string; isError: boolean; said?: HarnessNote };

/**
 * A verdict must fit the tree. One that reports changes is sent back once for the repository's template, once with the
 * whole diff, then verified, and sent back with the failing output at most twice. How often that happened is stored
 * with the round's turns.
 */
export async function reviewVerdict(
  deps: ReviewDeps,
  tool: Tool,
  input: unknown,
  round: readonly Turn[],
  isLastTurn: boolean,
  context: ToolContext,
): Promise<ReviewResult> {
  const checked = await runTool(tool, input, context);
  if (checked.isError) return { kind: "sent-back", ...checked };
  const verdict = verdictOf(input);
  if (kindOfVerdict(verdict) !== "changed" || isLastTurn) return { kind: "accepted", verdict };
  const missing = deps.template ? missingHeadings(deps.template.text, verdict.pullRequestBody) : [];
  if (missing.length > 0 && timesSaid(round, "template") === 0)
    return {
      kind: "sent-back",
      text: `Headings that pullRequestBody lacks:\n${missing.join("\n")}`,
      isError: true,
      said: templateRequest(deps.template!.path),
    };
  if (timesSaid(round, "review") === 0) {
    const diff = headAndTail(shownDiff(await deps.tree.diff()), MAX_DIFF_CHARS);
    const status = headAndTail((await deps.tree.status()).trimEnd(), MAX_STATUS_CHARS);
    return { kind: "sent-back", text: `Your change:\n\n${status}\n\n${diff}`, isError: false, said: reviewRequest };
  }
  if (!deps.verify) return { kind: "accepted", verdict };
  const verification = await deps.verify(verdict);
  const isOurFault = verification.notRun !== undefined;
  if (verification.exitCode === 0 || isOurFault || timesSaid(round, "verification-failed") >= MAX_REPAIRS) {
    return { kind: "accepted", verdict, verification };
  }
  const { command, tail } = verification;
  const text = `The check failed.\n\n$ ${command}\n${howItEnded(verification)}\n${tail}`;
  return { kind: "sent-back", text, isError: false, said: verificationRequest };
}

/** What is hidden in a change shows; lines that end in CR LF do so as before. */
const shownDiff = (diff: string) => diff.split("\r\n").map(visible).join("\r\n");
