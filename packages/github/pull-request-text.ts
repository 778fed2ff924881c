import { failsAsBefore } from "../jobs/baseline.ts";
import { type CommandResult, commandEndWords, type Verdict } from "../jobs/outcome.ts";
import type { Reason } from "../jobs/reasons.ts";
import { whyUnverified } from "../jobs/unverified.ts";
import { exactDuration } from "../text/duration.ts";
import { codeBlock, codeSpan, inertLine, inertMarkdown } from "./inert-markdown.ts";
import { withMarker } from "./marker.ts";

/** GitHub refuses titles over 256 and bodies over 65,536 characters; ours end well before, so that they can be read. */
export const MAX_TITLE_CHARS = 120;
export const MAX_BODY_CHARS = 30_000;
const MAX_PROMPT_CHARS = 600;
const MAX_FOLLOW_UPS = 5;
const MAX_EVIDENCE = 10;
const MAX_TAIL_CHARS = 4_000;
/** A command that passed is shown by its summary. */
const MAX_PASSED_LINES = 10;

export type PullRequestFacts = {
  jobId: string;
  /** What people asked for, oldest first: the job's prompt, then follow-ups. */
  asked: readonly [string, ...string[]];
  /** Who asked for it and where; only for a repository that the same people see. */
  askedBy?: { name?: string | undefined; login?: string | undefined; thread?: string | undefined } | undefined;
  verdict: Pick<Verdict, "summary" | "evidence" | "pullRequestTitle" | "pullRequestBody">;
  baseCommit: string;
  /** Absent: none was given. */
  verifyCommand?: string | undefined;
  /** Where the check comes from, in words; "": it was given for this job. */
  checkSource?: string;
  /** Absent: it did not run. */
  verification?: CommandResult;
  /** How the check ended before the change. */
  baseline?: CommandResult;
  /** Why a limit stopped it before its author could say that it is done. */
  stopped?: Reason;
  /** The words come from the scripted model. */
  scripted?: boolean;
  model?: string;
  /** Paths of the change that run by themselves: the first of them, and how many there are. */
  runsByItself?: readonly string[];
  runsByItselfCount?: number;
  /** How the others of its job stand, between marks of our own. */
  section?: string;
};

/** `bodyWithoutDraft`: for a pull request that should be a draft and is none. */
export type PullRequestText = { title: string; body: string; bodyWithoutDraft: string };

/**
 * Title and body of a pull request. Everything the model or the prompt says is made inert: it mentions no person,
 * closes no issue, loads no image, hides nothing.
 */
export function pullRequestText(facts: PullRequestFacts): PullRequestText {
  const title = titleOf(facts);
  const unverified = whyUnverified(facts.verifyCommand, facts.verification, facts.baseline);
  const byItself = runsByItselfNotice(facts);
  const under = (...notices: string[]) => bodyOf(title, facts, [...notices, byItself].filter(Boolean).join("\n\n"));
  const notice = [...stoppedNotice(facts), ...(unverified ? [`not verified, ${unverified.why}`] : [])];
  if (notice.length === 0) return { title, body: under(), bodyWithoutDraft: under() };
  const nextStep = unverified?.nextStep ?? facts.stopped!.nextStep;
  return {
    title,
    body: under(`> [!WARNING]\n> **Draft: ${notice.join("; ")}.** ${nextStep}`),
    bodyWithoutDraft: under(
      `> [!CAUTION]\n> **${unverified ? `NOT VERIFIED: ${unverified.why}` : "NOT FINISHED"}.** This would be a draft, but it could not be made one: do not merge it before a person has checked it.`,
    ),
  };
}

const stoppedNotice = ({ stopped }: PullRequestFacts) =>
  stopped ? [`stopped before it was done (${inertLine(stopped.message, 200).replace(/\.$/, "")})`] : [];

/** Merging is what lets it run. */
function runsByItselfNotice({ runsByItself: paths = [], runsByItselfCount: count = paths.length }: PullRequestFacts) {
  if (paths.length === 0) return "";
  const more = count > paths.length ? [`> - and ${count - paths.length} more`] : [];
  const named = [...paths.map((path) => `> - ${codeSpan(path, 300)}`), ...more].join("\n");
  return `> [!CAUTION]\n> **This changes what runs by itself**, with this repository's secrets or on the next person's machine. Read it line by line before you mark it ready:\n${named}`;
}

function bodyOf(title: string, facts: PullRequestFacts, notice: string): string {
  const { verdict } = facts;
  const parts = [
    notice,
    inertMarkdown(verdict.pullRequestBody.trim() || verdict.summary, MAX_BODY_CHARS / 2),
    evidenceOf(verdict),
    verificationOf(facts),
    signatureOf(facts),
    facts.section,
  ];
  return withMarker(title, parts.filter(Boolean).join("\n\n"), facts.jobId);
}

/** The message of a round's one commit: fixed words for a fixed SHA. A later one is named after its own follow-up. */
export function commitMessage(
  facts: Pick<PullRequestFacts, "jobId" | "asked" | "verdict"> & { isFollowUp: boolean },
): string {
  const summary = inertLine(facts.verdict.summary, 1_000);
  const followUp = facts.isFollowUp && facts.asked.length > 1 ? inertLine(facts.asked.at(-1)!, MAX_TITLE_CHARS) : "";
  return `${[followUp || titleOf(facts), summary, `Cody-Job: ${facts.jobId}`].filter(Boolean).join("\n\n")}\n`;
}

function titleOf({ asked, verdict }: Pick<PullRequestFacts, "asked" | "verdict">): string {
  return (
    inertLine(verdict.pullRequestTitle, MAX_TITLE_CHARS) || inertLine(asked[0], MAX_TITLE_CHARS) || "Changes by Cody"
  );
}

function evidenceOf({ evidence }: PullRequestFacts["verdict"]): string {
  if (evidence.length === 0) return "";
  const shown = evidence
    .slice(0, MAX_EVIDENCE)
    .map(({ path, note }) => `- ${codeSpan(path, 300)}: ${inertLine(note, 500)}`);
  const rest = evidence.length - shown.length;
  return ["**Looked at**", "", ...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join("\n");
}

function verificationOf({ verification, baseline, checkSource }: PullRequestFacts): string {
  if (!verification) return "";
  const source = checkSource ? ` (${inertLine(checkSource, 200)})` : "";
  if (verification.notRun !== undefined)
    return `**Check**: ${codeSpan(verification.command, 300)}${source} did not run: ${inertLine(verification.notRun, 500)}.`;
  const { command, exitCode, durationMs, tail } = verification;
  const time = exactDuration(durationMs);
  if (exitCode === 0) {
    const end = tail.trimEnd().split("\n").slice(-MAX_PASSED_LINES).join("\n");
    return `**Check**: ${codeSpan(command, 300)}${source} passed in ${time}.${end && `\n\n${codeBlock(end, MAX_TAIL_CHARS)}`}`;
  }
  const before = failsAsBefore(verification, baseline) ? ", as it did before the change" : "";
  return `**Check**: ${codeSpan(command, 300)}${source} ${commandEndWords(verification)} after ${time}${before}.\n\n${codeBlock(tail, MAX_TAIL_CHARS)}`;
}

/** "Asked for by `octocat` in a [Slack thread]": a login in code reaches no person. */
function askedWords({ name, login, thread }: PullRequestFacts["askedBy"] & object): string {
  const who = login ? codeSpan(login, 100) : name ? inertLine(name, 100) : "";
  const where = thread ? `[a Slack thread](<${thread.replaceAll(/[<>\s]/g, "")}>)` : "";
  return `Asked for${who && ` by ${who}`}${where && ` in ${where}`}:`;
}

function signatureOf({ jobId, asked, askedBy = {}, baseCommit, scripted, model }: PullRequestFacts): string {
  const [first, ...later] = asked.map((prompt) => `> ${inertLine(prompt, MAX_PROMPT_CHARS)}`);
  const shown = [first, ...later.slice(-MAX_FOLLOW_UPS).map((one) => `Then:\n\n${one}`)].join("\n\n");
  const author = scripted
    ? "These words and changes come from the scripted stand-in model, not from Claude."
    : `Written by ${model ? codeSpan(model, 100) : "Claude"}: review it like any other change.`;
  return `---\n${askedWords(askedBy)}\n\n${shown}\n\n${author} Job ${codeSpan(jobId, 40)}, made from ${codeSpan(baseCommit.slice(0, 12), 40)}.`;
}
