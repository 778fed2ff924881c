import type { types } from "@slack/bolt";
import { DELIVERIES } from "../jobs/deliveries.ts";
import type { Job } from "../jobs/job.ts";
import type { Offers } from "../jobs/offers.ts";
import { type CommandResult, commandEndWords } from "../jobs/outcome.ts";
import { baselineOf, countByItself, isStale, isStoppedDraft, type RepoRun } from "../jobs/repo-run.ts";
import type { SettingOrigin } from "../jobs/repository-settings.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { behind } from "../jobs/settings-words.ts";
import { STATES } from "../jobs/states.ts";
import { whyUnverified } from "../jobs/unverified.ts";
import { clip } from "../text/cut.ts";
import { failureLines } from "../text/failure-lines.ts";
import { ACTIONS, targetValue } from "./actions.ts";
import { numbered } from "./plan.ts";
import { clipToSize } from "./size.ts";
import { LIMITS, literal, plain, richText, section } from "./text.ts";
import { afterWords, costSomething, costWords, diffstat, stateWords } from "./words.ts";

/**
 * How many words each part of a card gets, in what Slack counts: the card takes the widest that fits into a message.
 * `rounds`: of what was asked for later. `paths`: of what runs by itself. `planDetails`: what each repository took,
 * below its line of the plan.
 */
export type Room = {
  summaryChars: number;
  evidence: number;
  reasonChars: number;
  promptChars: number;
  rounds: number;
  paths: number;
  planDetails: boolean;
};
const WIDEST: Room = {
  summaryChars: 700,
  evidence: 5,
  reasonChars: 300,
  promptChars: 600,
  rounds: 5,
  paths: 3,
  planDetails: true,
};
/** The last one fits with five repositories, whatever stands in their rows. */
export const ROOMS: readonly [Room, ...Room[]] = [
  WIDEST,
  { ...WIDEST, summaryChars: 350, evidence: 2 },
  { ...WIDEST, summaryChars: 120, evidence: 0 },
  { summaryChars: 60, evidence: 0, reasonChars: 100, promptChars: 200, rounds: 2, paths: 1, planDetails: false },
  { summaryChars: 0, evidence: 0, reasonChars: 50, promptChars: 0, rounds: 0, paths: 0, planDetails: false },
];
export const SMALLEST_ROOM: Room = ROOMS.at(-1)!;

const MAX_REASON = 300;
const MAX_EVIDENCE_PATH = 120;
const MAX_EVIDENCE_NOTE = 160;
const MAX_COMMAND = 80;
const MAX_TAIL_LINES = 3;
const MAX_TAIL_LINE = 120;

export const button = (
  text: string,
  action_id: string,
  value: string,
  more: Partial<types.Button> = {},
): types.Button => ({ type: "button", text: plain(text, LIMITS.button), action_id, value, ...more });

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
  const paths = (run.runsByItself ?? []).slice(0, maxPaths).map((path) => clipToSize(path, MAX_EVIDENCE_PATH));
  const count = countByItself(run);
  const more =
    count === undefined ? " and perhaps more" : count > paths.length ? ` and ${count - paths.length} more` : "";
  return `${paths.join(", ")}${more}`;
}

/** What a reviewer looks at first, and what else of Cody's there is. */
export function noticeWords(run: RepoRun, maxPaths = WIDEST.paths): string[] {
  const { runsByItself = [], alsoOpen = [], leftBehind = [], round, settings, notAsked } = run;
  const left = leftBehind.find((one) => one.round === round);
  return [
    ...(settings?.note ? [clipToSize(settings.note, MAX_REASON)] : []),
    ...(notAsked ? [clipToSize(notAsked, MAX_REASON)] : []),
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

/** Where the words come from decides how much space they get: a reason first, then the verdict. */
function sentences(job: Job, run: RepoRun, room: Room): string[] {
  const why = run.reason ?? (run.state === "published" ? undefined : run.patchOnly);
  return [
    ...(why
      ? [`${clipToSize(why.message, room.reasonChars)} ${clipToSize(why.nextStep, room.reasonChars)}`.trim()]
      : []),
    ...(isStale(run) ? [`Pull request #${run.pullRequest!.number} of an earlier round is still open.`] : []),
    ...(run.pullRequest?.closed ? [`Pull request #${run.pullRequest.number} was closed.`] : []),
    ...(run.verdict && run.state !== "cancelled" && room.summaryChars > 0
      ? [clipToSize(run.verdict.summary.trim(), room.summaryChars)]
      : []),
    ...(run.setup ? [commandWords("Setup", run.setup, run.settings?.setup, room.reasonChars)] : []),
    verificationWords(run, room.reasonChars),
    draftWords(job, run),
    ...noticeWords(run, room.paths),
  ].filter((sentence) => sentence !== "");
}

function evidence(run: RepoRun, room: Room): types.RichTextBlockElement[] {
  const shown = run.verdict?.evidence.slice(0, room.evidence) ?? [];
  if (!STATES[run.state].showsEvidence || shown.length === 0) return [];
  return [
    {
      type: "rich_text_list",
      style: "bullet",
      elements: shown.map(({ path, note }) =>
        section([
          literal(clipToSize(path, MAX_EVIDENCE_PATH), { code: true }),
          literal(` ${clipToSize(note, MAX_EVIDENCE_NOTE)}`),
        ]),
      ),
    },
  ];
}

function buttons({ rounds, patches }: Offers, run: RepoRun): types.Button[] {
  const value = targetValue({ jobId: run.jobId, repository: run.repository, round: run.round });
  const label = (text: string) => ({ accessibility_label: clip(`${text}: ${run.repository}`, LIMITS.button) });
  return [
    ...(rounds.publish.includes(run)
      ? [
          button("Review", ACTIONS.review, value, label("Look at the change")),
          button("Approve", ACTIONS.approve, value, { style: "primary", ...label("Approve") }),
          button("Reject", ACTIONS.reject, value, { style: "danger", ...label("Reject") }),
        ]
      : []),
    ...(run.pullRequest
      ? [
          button(`Open PR #${run.pullRequest.number}`, ACTIONS.openPullRequest, value, {
            url: run.pullRequest.url,
            ...label("Open the pull request"),
          }),
        ]
      : []),
    ...(rounds.close.includes(run)
      ? [
          button(`Close PR #${run.pullRequest!.number}`, ACTIONS.closePullRequest, value, {
            style: "danger",
            ...label("Close the pull request"),
            confirm: {
              title: plain("Close the pull request?", LIMITS.confirmTitle),
              text: plain(
                "The last round found that nothing is needed here any more. Its branch goes with it; GitHub can restore both.",
                LIMITS.confirmText,
              ),
              confirm: plain("Close it", 30),
              deny: plain("Keep it", 30),
            },
          }),
        ]
      : []),
    ...(patches.includes(run)
      ? [button("Download patch", ACTIONS.downloadPatch, value, label("Download the patch"))]
      : []),
  ];
}

/** How a repository ended, or what it asks a person: visible without opening the plan. */
export function endingBlocks(
  job: Job,
  run: RepoRun,
  room: Room,
  offered: Offers,
): (types.RichTextBlock | types.ActionsBlock)[] {
  const facts = [
    stateWords(run),
    ...(run.patch ? [diffstat(run.patch)] : []),
    ...(costSomething(run) ? [costWords(run)] : []),
  ];
  const shown = buttons(offered, run);
  return [
    richText(
      section([
        literal(numbered(job, run.repository), { bold: true }),
        literal(` · ${facts.join(" · ")}`),
        ...sentences(job, run, room).map((sentence) => literal(`\n${sentence}`)),
      ]),
      ...evidence(run, room),
    ),
    ...(shown.length > 0 ? [{ type: "actions" as const, elements: shown }] : []),
  ];
}
