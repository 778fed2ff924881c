import type { Turn } from "../jobs/conversation.ts";
import type { CommandResult } from "../jobs/outcome.ts";
import { Verdict } from "../jobs/verdict.ts";
import { headAndTail } from "../text/cut.ts";
import type { ReplyDeps } from "./answer-to-turn.ts";
import { missingHeadings } from "./guidance.ts";
import { timesAnswered } from "./history.ts";
import {
  REVIEW,
  reviewRequest,
  TEMPLATE_NOT_FOLLOWED,
  templateRequest,
  VERIFICATION_FAILED,
  verificationFeedback,
} from "./notes.ts";
import { howItEnded } from "./tools/run-command.ts";
import { runTool, type Tool, type ToolContext, type ToolResult } from "./tools/tool.ts";

const MAX_REPAIRS = 2;
const MAX_DIFF_CHARS = 30_000;
const MAX_STATUS_CHARS = 8_000;

export type Judged =
  | { kind: "accepted"; verdict: Verdict; verification?: CommandResult }
  | ({ kind: "sent-back" } & ToolResult);

/**
 * A verdict must fit the tree. One that reports changes is sent back once for the repository's template, once with the
 * whole diff, then verified, and sent back with the failing output at most twice. How often that happened is read from the round itself.
 */
export async function judgeVerdict(
  deps: ReplyDeps,
  tool: Tool,
  input: unknown,
  round: readonly Turn[],
  isLastTurn: boolean,
  context: ToolContext,
): Promise<Judged> {
  const checked = await runTool(tool, input, context);
  if (checked.isError) return { kind: "sent-back", ...checked };
  const verdict = Verdict.parse(input);
  if (!verdict.wereChangesNecessary || isLastTurn) return { kind: "accepted", verdict };
  const missing = deps.template ? missingHeadings(deps.template.text, verdict.pullRequestBody) : [];
  if (missing.length > 0 && timesAnswered(round, TEMPLATE_NOT_FOLLOWED) === 0)
    return { kind: "sent-back", text: templateRequest(deps.template!.path, missing), isError: true };
  if (timesAnswered(round, REVIEW) === 0) {
    const diff = headAndTail(await deps.tree.diff(), MAX_DIFF_CHARS);
    return {
      kind: "sent-back",
      text: reviewRequest(headAndTail((await deps.tree.status()).trimEnd(), MAX_STATUS_CHARS), diff),
      isError: false,
    };
  }
  if (!deps.verify) return { kind: "accepted", verdict };
  const verification = await deps.verify(verdict);
  const isOurFault = verification.notRun !== undefined;
  if (verification.exitCode === 0 || isOurFault || timesAnswered(round, VERIFICATION_FAILED) >= MAX_REPAIRS) {
    return { kind: "accepted", verdict, verification };
  }
  const { command, tail } = verification;
  return { kind: "sent-back", text: verificationFeedback(command, howItEnded(verification), tail), isError: false };
}
