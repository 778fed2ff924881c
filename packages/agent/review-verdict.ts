import type { Turn } from "../conversation/conversation.ts";
import { visible } from "../encoding/visible.ts";
import { failsAsBefore } from "../jobs/baseline.ts";
import { type CommandResult, couldNotRun, kindOfVerdict, type Verdict } from "../jobs/outcome.ts";
import { headAndTail } from "../text/cut.ts";
import { type Guidance, missingHeadings } from "./guidance.ts";
import { callsOf, resultsIn, timesSaid } from "./history.ts";
import { CHECK_OUTPUT, restOfOutput } from "./kept-outputs.ts";
import { type AnsweredReport, type HarnessNote, repairRequest, reviewRequest } from "./notes.ts";
import { reviewDiff } from "./review-diff.ts";
import { toolFor } from "./tools/earlier-tools.ts";
import { isConfirmation, REPORT_VERDICT, verdictOf } from "./tools/report-verdict.ts";
import { howItEnded, RUN_COMMAND } from "./tools/run-command.ts";
import { runTool, type Tool, type ToolContext } from "./tools/tool.ts";
import type { Tree } from "./tree.ts";

/** How often a check that fails on a changed tree sends the verdict back. */
const MAX_REPAIRS = 2;
const MAX_DIFF_CHARS = 30_000;
const MAX_STATUS_CHARS = 4_000;

export type ReviewDeps = {
  tree: Tree;
  /** Runs the job's check on the tree; absent when the job has none. */
  verify?(verdict: Verdict): Promise<CommandResult>;
  /** How the check ended before any change; absent where that is not known. */
  baseline?: CommandResult;
  /** It failed before the change and no person asked for it: only a pass counts, and it sends nothing back. */
  passOnly?: boolean;
  /** The repository's pull request template, which the body of a change follows. */
  template?: Guidance;
  /** The change that this round began with, as text: it was looked over before. */
  reviewed?: string;
  /** The conversation's own tool takes a report that only confirms the last one. */
  mayConfirm?: boolean;
};

type Checked = NonNullable<Turn["check"]>;

export type ReviewResult =
  | { kind: "accepted"; verdict: Verdict; verification?: CommandResult }
  /** `text` answers the call and holds what the repository says; what is wanted now is the harness's own note. */
  | { kind: "sent-back"; text: string; isError: boolean; said?: HarnessNote; check?: Checked };

/**
 * A verdict must fit the tree. The first one of a round that reports changes is checked and sent back once: with the
 * result, the change, and what the repository's template demands. A later one counts, unless the check fails on a tree
 * that has changed since. What was said and checked is stored with the round's turns.
 */
export async function reviewVerdict(
  deps: ReviewDeps,
  tool: Tool,
  input: unknown,
  round: readonly Turn[],
  isLastTurn: boolean,
  context: ToolContext,
): Promise<ReviewResult> {
  const report = isConfirmation(input) ? (lastReport(round, [tool]) ?? input) : input;
  const claim = await runTool(tool, report, context);
  if (claim.isError) return { kind: "sent-back", ...claim };
  const verdict = verdictOf(report);
  if (kindOfVerdict(verdict) !== "changed" || isLastTurn) return { kind: "accepted", verdict };

  const { mayConfirm = false } = deps;
  const found = deps.verify && (await checkOnce(deps.tree, round, () => deps.verify!(verdict)));
  const verification = found?.check.result;
  const accepted = { kind: "accepted" as const, verdict, ...(verification && { verification }) };
  const isHeld = verification !== undefined && verification.exitCode !== 0;
  const asBefore = isHeld && (deps.passOnly === true || failsAsBefore(verification, deps.baseline));
  // A program that ran before the change and is not found now is the change's doing.
  if (verification && couldNotRun(verification) && (!deps.baseline || asBefore)) return accepted;
  if (timesSaid(round, "review") === 0) {
    const check = howChecked(verification, asBefore);
    const missing = deps.template ? missingHeadings(deps.template.headings ?? [], verdict.pullRequestBody) : [];
    const text = [
      ...(verification ? [resultText(verification, deps.tree)] : []),
      ...(missing.length > 0 ? [`Headings that pullRequestBody lacks:\n${missing.join("\n")}`] : []),
      await changeText(deps),
    ].join("\n\n");
    const template = missing.length > 0 ? { template: deps.template!.path } : {};
    const said = reviewRequest({ check, mayConfirm, ...template });
    return { kind: "sent-back", text, isError: false, said, ...(found && { check: found.check }) };
  }
  const failsAnew = verification && verification.exitCode !== 0 && !asBefore && found?.isNew;
  if (!failsAnew || checksThatFailed(round) >= MAX_REPAIRS) return accepted;
  const said = repairRequest(mayConfirm);
  return { kind: "sent-back", text: resultText(verification, deps.tree), isError: false, said, check: found.check };
}

function howChecked(verification: CommandResult | undefined, asBefore: boolean): AnsweredReport["check"] {
  if (verification === undefined) return "none";
  if (verification.exitCode === 0) return "passed";
  return asBefore ? "failed-before" : "failed";
}

/** The newest report of the round that was taken, and answered with what its author should look at. */
function lastReport(round: readonly Turn[], tools: readonly Tool[]): unknown {
  for (let i = round.length - 2; i >= 0; i--) {
    const good = resultsIn(round[i + 1]!.sent).filter(({ is_error }) => is_error !== true);
    for (const call of callsOf(round[i]!).toReversed()) {
      if (!good.some(({ tool_use_id }) => tool_use_id === call.id)) continue;
      const { tool: called, input } = toolFor(call, tools);
      if (called?.name === REPORT_VERDICT && !isConfirmation(input)) return input;
    }
  }
  return undefined;
}

/** What a limit leaves of a round: the last report that was taken, before its author confirmed it. */
export function lastVerdict(round: readonly Turn[], tools: readonly Tool[]): Verdict | undefined {
  const report = lastReport(round, tools);
  return report === undefined ? undefined : verdictOf(report);
}

/** The result on this very tree where it is known already: of a check that failed, only if no command ran since. */
async function checkOnce(tree: Tree, round: readonly Turn[], run: () => Promise<CommandResult>) {
  const treeId = await tree.treeId();
  const at = round.findLastIndex(({ check }) => check !== undefined);
  const last = round[at]?.check;
  const isKnown =
    last !== undefined && last.treeId === treeId && (last.result.exitCode === 0 || !ranCommand(round.slice(at)));
  if (isKnown) return { check: last, isNew: false };
  const result = await run();
  return { check: { treeId: treeId ?? "", result }, isNew: true };
}

const ranCommand = (turns: readonly Turn[]) =>
  turns.some((turn) => callsOf(turn).some(({ name }) => name === RUN_COMMAND));

const checksThatFailed = (round: readonly Turn[]) =>
  round.filter(({ check }) => check !== undefined && check.result.exitCode !== 0).length;

function resultText(result: CommandResult, { outputs }: Tree): string {
  const ended = `The check ${result.exitCode === 0 ? "passed" : "failed"}.\n\n$ ${result.command}\n${howItEnded(result)}`;
  if (result.exitCode === 0) return ended;
  return `${ended}\n${result.tail}${restOfOutput(CHECK_OUTPUT, outputs.read(CHECK_OUTPUT) ?? result.tail, result.tail)}`;
}

async function changeText({ tree, reviewed }: ReviewDeps): Promise<string> {
  const diff = headAndTail(shownDiff(reviewDiff(await tree.diff(), reviewed)), MAX_DIFF_CHARS);
  const status = headAndTail((await tree.status()).trimEnd(), MAX_STATUS_CHARS);
  return `Your change:\n\n${status}\n\n${diff}`;
}

/** What is hidden in a change shows; lines that end in CR LF do so as before. */
const shownDiff = (diff: string) => diff.split("\r\n").map(visible).join("\r\n");
