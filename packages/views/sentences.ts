import { DELIVERIES } from "../jobs/deliveries.ts";
import type { Job } from "../jobs/job.ts";
import { type CommandResult, commandEndWords } from "../jobs/outcome.ts";
import { baselineOf, countByItself, type RepoRun } from "../jobs/repo-run.ts";
import type { SettingOrigin } from "../jobs/repository-settings.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { isStale, isStoppedDraft } from "../jobs/run-pull-request.ts";
import { behind } from "../jobs/settings-words.ts";
import { whyUnverified } from "../jobs/unverified.ts";
import { clip } from "../text/cut.ts";
import { failureLines } from "../text/failure-lines.ts";
import { type Room, WIDEST } from "./room.ts";
import { clipToSize } from "./size.ts";
import { afterWords } from "./words.ts";

const MAX_REASON = 300;
const MAX_PATH = 120;
const MAX_COMMAND = 80;
const MAX_TAIL_LINES = 3;
const MAX_TAIL_LINE = 120;

/** Empty: there was no check. */
export const verificationWords = ({ verification, settings }: RepoRun, maxReason = MAX_REASON) =>
  verification ? commandWords("Check", verification, settings?.check, maxReason) : "";

function commandWords(
  what: "Setup" | "Check",
  result: CommandResult,
  setting: SettingOrigin | undefined,
  maxReason: number,
) {
  const { command, exitCode, durationMs, notRun, tail } = result;
  const named = `${what} "${clipToSize(command, MAX_COMMAND)}"${clipToSize(behind(setting), MAX_COMMAND)}`;
  if (notRun !== undefined) return `${named} ${commandEndWords(result)}: ${clipToSize(notRun, maxReason)}.`;
  const said = exitCode === 0 ? "" : lastLines(tail, maxReason);
  return `${named} ${commandEndWords(result)} ${afterWords(durationMs)}.${said && `\n${said}`}`;
}

/** The lines that name the failure, else the last ones; Details have more. */
function lastLines(tail: string, max: number) {
  const named = failureLines(tail);
  const lines = named.length > 0 ? named.slice(0, MAX_TAIL_LINES) : nonEmpty(tail).slice(-MAX_TAIL_LINES);
  return clipToSize(lines.map((line) => clip(line.trimEnd(), MAX_TAIL_LINE)).join("\n"), max);
}

const nonEmpty = (text: string) => text.split("\n").filter((line) => line.trim() !== "");

/** What a person must know about a change that nothing has checked, and about a draft that something has. */
export function draftWords(job: Job, run: RepoRun): string {
  const check = settingsOf(job, run).check?.value;
  const unverified = whyUnverified(check, run.verification, baselineOf(run, check));
  if (run.state === "awaiting-approval" && unverified)
    return `Not verified, ${unverified.why}: approve it and it becomes a draft.`;
  if (run.state === "awaiting-approval" && run.runsByItself)
    return "It changes what runs by itself: approve it and it becomes a draft.";
  if (run.state !== "published" || !run.pullRequest || run.pullRequest.closed) return "";
  const { draft } = run.pullRequest;
  if (isStoppedDraft(run) && draft)
    return `Draft: stopped before it was done${unverified ? `, and not verified, ${unverified.why}` : ""}.`;
  if (unverified && draft) return `Draft: not verified, ${unverified.why}. ${unverified.nextStep}`;
  if (unverified) return `NOT VERIFIED, ${unverified.why}; it could not be made a draft: check it before you merge it.`;
  if (run.runsByItself && draft) return "A draft, because it changes what runs by itself.";
  return draft && !DELIVERIES[job.options.delivery].draft
    ? "Verified now, but still a draft: mark it ready on GitHub."
    : "";
}

/** "a.yml, b.yml and 3 more": paths of the change that run by themselves, at most `maxPaths` of them. */
export function byItselfWords(run: RepoRun, maxPaths: number): string {
  const paths = (run.runsByItself ?? []).slice(0, maxPaths).map((path) => clipToSize(path, MAX_PATH));
  const count = countByItself(run);
  const more =
    count === undefined ? " and perhaps more" : count > paths.length ? ` and ${count - paths.length} more` : "";
  return `${paths.join(", ")}${more}`;
}

/** What a reviewer looks at first, and what else of Cody's there is. */
export function noticeWords(run: RepoRun, maxPaths = WIDEST.paths): string[] {
  const { runsByItself = [], alsoOpen = [], leftBehind = [], round, settings, notAsked, notAnswered } = run;
  const left = leftBehind.find((one) => one.round === round);
  return [
    ...(settings?.note ? [clipToSize(settings.note, MAX_REASON)] : []),
    ...(notAsked ? [clipToSize(notAsked, MAX_REASON)] : []),
    ...(notAnswered ? [clipToSize(notAnswered, MAX_REASON)] : []),
    ...(runsByItself.length > 0
      ? [
          maxPaths > 0
            ? `Changes what runs by itself: ${byItselfWords(run, maxPaths)}.`
            : "Changes what runs by itself.",
        ]
      : []),
    ...(left ? [`Pull request #${left.pullRequest.number} was ${left.state}, so this round makes a new one.`] : []),
    ...(alsoOpen.length > 0
      ? [`Cody has more open here: ${alsoOpen.map(({ number }) => `#${number}`).join(", ")}.`]
      : []),
  ];
}

/** What asks for a person: why it is not what was asked for, and what a reviewer must know. */
export function askingSentences(job: Job, run: RepoRun, room: Room): string[] {
  const why = run.reason ?? (run.state === "published" ? undefined : run.patchOnly);
  return [
    ...(why
      ? [`${clipToSize(why.message, room.reasonChars)} ${clipToSize(why.nextStep, room.reasonChars)}`.trim()]
      : []),
    ...(isStale(run) ? [`Pull request #${run.pullRequest!.number} of an earlier round is still open.`] : []),
    ...(run.pullRequest?.closed ? [`Pull request #${run.pullRequest.number} was closed.`] : []),
    draftWords(job, run),
    ...noticeWords(run, room.paths),
  ].filter((sentence) => sentence !== "");
}

/** What its author and its commands say of it. */
export function tellingSentences(run: RepoRun, room: Room): string[] {
  const { verdict, setup, settings } = run;
  return [
    ...(verdict && run.state !== "cancelled" && room.summaryChars > 0
      ? [clipToSize(verdict.summary.trim(), room.summaryChars)]
      : []),
    // A setup that went well is no news.
    ...(setup && setup.exitCode !== 0 ? [commandWords("Setup", setup, settings?.setup, room.reasonChars)] : []),
    verificationWords(run, room.reasonChars),
  ].filter((sentence) => sentence !== "");
}
