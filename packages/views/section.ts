import type { types } from "@slack/bolt";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import type { Offers } from "../jobs/offers.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { runStanding, STANDINGS } from "../jobs/standings.ts";
import { isAtRest } from "../jobs/states.ts";
import { listed } from "../text/lists.ts";
import { ACTIONS, targetValue } from "./actions.ts";
import { button, confirmation, spoken } from "./button.ts";
import { actions } from "./history/blocks.ts";
import { shortName, shortNumbered } from "./names.ts";
import { type Room, WIDEST } from "./room.ts";
import { askingSentences, tellingSentences } from "./sentences.ts";
import { clipToSize } from "./size.ts";
import { literal, richText, section } from "./text.ts";

const MAX_EVIDENCE_PATH = 120;
const MAX_EVIDENCE_NOTE = 160;
/** On a phone two buttons stand side by side. */
const MAX_NAME_IN_BUTTON = 16;

/** By a person's own decision: the plan and the history of the card say all about it. */
const isDecided = (run: RepoRun) => run.state === "cancelled";

/**
 * Whether a run needs a part of the card of its own: it asks for a person, or brings a proof. Everything else stands in
 * its line of the plan.
 */
export function hasSection(job: Job, run: RepoRun): boolean {
  const standing = runStanding(run);
  if (standing === undefined || isDecided(run)) return false;
  return (STANDINGS[standing].showsEvidence ?? false) || askingSentences(job, run, WIDEST).length > 0;
}

function evidence(run: RepoRun, room: Room): types.RichTextBlockElement[] {
  const standing = runStanding(run);
  const shown = run.verdict?.evidence.slice(0, room.evidence) ?? [];
  if (standing === undefined || !STANDINGS[standing].showsEvidence || shown.length === 0) return [];
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

const runValue = (run: RepoRun) => targetValue({ jobId: run.jobId, repository: run.repository, round: run.round });

/** Approve and Reject, wherever a person looks at a change. */
export const decisionButtons = (run: RepoRun): types.Button[] => [
  button("Approve", ACTIONS.approve, runValue(run), { style: "primary", ...spoken(`Approve: ${run.repository}`) }),
  button("Reject", ACTIONS.reject, runValue(run), {
    style: "danger",
    ...spoken(`Reject: ${run.repository}`),
    confirm: confirmation(
      "Reject this change?",
      "Nothing of it is pushed, and that cannot be taken back. Its patch can still be downloaded.",
      "Reject it",
      "Not now",
    ),
  }),
];

/** Where buttons of several repositories stand side by side: Slack wants an id of its own for each. */
type Beside = { name: string | undefined; id: number };
const idBeside = (action: string, beside: Beside | undefined) => (beside ? `${action}-${beside.id}` : action);
/** "Open PR #3 · orders"; "2. PR #3" where names are long: three such stand side by side on a phone. */
function textBeside(text: string, beside: Beside | undefined, brief = text) {
  if (!beside) return text;
  return beside.name === undefined ? `${beside.id}. ${brief}` : `${text} · ${beside.name}`;
}

/** What is heard holds what is seen: a person who speaks to the page says what they read. */
const spokenOf = (text: string, { repository }: RepoRun) => spoken(`${text}: ${repository}`);

export function openButton(run: RepoRun, beside?: Beside): types.Button {
  const { number, url } = run.pullRequest!;
  const text = textBeside(`Open PR #${number}`, beside, `PR #${number}`);
  return button(text, idBeside(ACTIONS.openPullRequest, beside), runValue(run), { url, ...spokenOf(text, run) });
}

export function downloadButton(run: RepoRun, beside?: Beside): types.Button {
  const text = textBeside("Download patch", beside);
  return button(text, idBeside(ACTIONS.downloadPatch, beside), runValue(run), spokenOf(text, run));
}

const closeButton = (run: RepoRun): types.Button =>
  button(`Close PR #${run.pullRequest!.number}`, ACTIONS.closePullRequest, runValue(run), {
    style: "danger",
    ...spokenOf(`Close PR #${run.pullRequest!.number}`, run),
    confirm: confirmation(
      "Close the pull request?",
      "The last round found that nothing is needed here any more. Its branch goes with it; GitHub can restore both.",
      "Close it",
      "Keep it",
    ),
  });

export const reviewButton = (run: RepoRun, text = "Review", more: Partial<types.Button> = {}): types.Button =>
  button(text, ACTIONS.review, runValue(run), { ...spokenOf(text, run), ...more });

function buttons({ rounds, patches }: Offers, run: RepoRun, beside: Beside | undefined): types.Button[] {
  return [
    ...(rounds.publish.includes(run) ? [reviewButton(run), ...decisionButtons(run)] : []),
    ...(run.pullRequest ? [openButton(run, beside)] : []),
    ...(rounds.close.includes(run) ? [closeButton(run)] : []),
    ...(patches.includes(run) && (!run.pullRequest || !beside) ? [downloadButton(run, beside)] : []),
  ];
}

type Part = { runs: RepoRun[]; sentences: string[]; proof: types.RichTextBlockElement[] };

/** What would be said in the same words of several repositories is said once. */
function partsOf(record: JobRecord, room: Room): Part[] {
  const parts: Part[] = [];
  for (const run of record.runs.filter((run) => isAtRest(run.state) && hasSection(record.job, run))) {
    const sentences = [...askingSentences(record.job, run, room), ...tellingSentences(run, room)];
    const words = sentences.join("\n");
    const isAlone = STANDINGS[runStanding(run)!].showsEvidence;
    const alike = parts.find(
      ({ runs, sentences }) => !isAlone && runStanding(runs[0]!) === runStanding(run) && sentences.join("\n") === words,
    );
    if (alike) alike.runs.push(run);
    else parts.push({ runs: [run], sentences, proof: evidence(run, room) });
  }
  return parts;
}

function besideOf(job: Job, { repository }: RepoRun): Beside {
  const isLong = job.repositories.some((name) => shortName(job, name).length > MAX_NAME_IN_BUTTON);
  return { name: isLong ? undefined : shortName(job, repository), id: job.repositories.indexOf(repository) + 1 };
}

const namesOf = (job: Job, runs: readonly RepoRun[]) =>
  runs.length > 1 && runs.length === job.repositories.length
    ? `All ${runs.length} repositories`
    : listed(runs.map(({ repository }) => shortNumbered(job, repository)));

/** What needs a person or has a proof: visible without opening the plan. */
export const sections = (record: JobRecord, room: Room, offered: Offers): types.KnownBlock[] =>
  partsOf(record, room).flatMap(({ runs, sentences, proof }) => {
    const names = namesOf(record.job, runs);
    const pressed = runs.flatMap((run) =>
      buttons(offered, run, runs.length > 1 ? besideOf(record.job, run) : undefined),
    );
    const isNamed = record.job.repositories.length > 1;
    return [
      richText(
        section([
          ...(isNamed ? [literal(names, { bold: true })] : []),
          literal(`${isNamed ? "\n" : ""}${sentences.join("\n")}`),
        ]),
        ...proof,
      ),
      ...actions(pressed),
    ];
  });

/** The results that need no more words, each by a button. */
export function resultButtons({ job, runs }: JobRecord, { patches }: Offers): types.ActionsBlock[] {
  const beside = (run: RepoRun) => (job.repositories.length > 1 ? besideOf(job, run) : undefined);
  const elements = runs
    .filter((run) => isAtRest(run.state) && !hasSection(job, run))
    .flatMap((run) => [
      ...(run.pullRequest && run.state === "published" ? [openButton(run, beside(run))] : []),
      ...(patches.includes(run) && (run.state === "patch-ready" || job.repositories.length === 1)
        ? [downloadButton(run, beside(run))]
        : []),
    ]);
  return actions(elements);
}
