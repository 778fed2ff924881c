import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import { offers } from "../jobs/offers.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { waitsForPerson } from "../jobs/states.ts";
import { clip } from "../text/cut.ts";
import { ACTIONS, targetValue } from "./actions.ts";
import { button } from "./button.ts";
import { actions, bullets, context, DIVIDER, header, paragraph, preformatted, withinView } from "./history/blocks.ts";
import { firstHunks } from "./hunks.ts";
import { numbered } from "./names.ts";
import { decisionButtons, downloadButton, openButton } from "./section.ts";
import { verificationWords } from "./sentences.ts";
import { escaped, LIMITS, literal, plain, richText, section } from "./text.ts";
import { mention, when } from "./who-and-when.ts";
import { diffstat, signedWords, stateWords } from "./words.ts";

export const REVIEW_MODAL = "cody-review";
const TITLE = "Changes";
const HUNKS = { lines: 60, chars: 2_700 };
const MAX_EVIDENCE = 5;
const MAX_PATH = 120;
const MAX_NOTE = 300;

/** What a reviewer looks at: the patch; undefined where it is too long to show or gone. */
export type Patches = ReadonlyMap<string, Uint8Array | undefined>;
/** `repository` absent: every repository that has a change, or about which a person has decided. */
export type ReviewOf = { repository?: string | undefined; notice?: string | undefined };

/** The approval that a person gave and that has not published yet. */
const approvalOf = ({ rounds }: JobRecord, { repository, round }: RepoRun) =>
  rounds.findLast((one) => one.kind === "publish" && one.round >= round && one.repositories.includes(repository));

export const reviewed = (record: JobRecord, { repository }: ReviewOf = {}) =>
  record.runs.filter(
    (run) =>
      (repository === undefined || run.repository === repository) &&
      (run.patch !== undefined || waitsForPerson(run.state) || run.rejection || approvalOf(record, run)),
  );

/** What became of it, or the buttons to decide. */
function decision(record: JobRecord, run: RepoRun, isOffered: boolean): types.KnownBlock[] {
  const { rejection } = run;
  const approval = approvalOf(record, run);
  if (isOffered) return [{ type: "actions", elements: [...decisionButtons(run), downloadButton(run)] }];
  const result: types.Button[] = [
    ...(run.pullRequest ? [openButton(run)] : []),
    ...(run.patch ? [downloadButton(run)] : []),
  ];
  const words = rejection
    ? `Rejected by ${mention(rejection.by)}, ${when(rejection.at)}`
    : approval
      ? `Approved by ${mention(approval.requestedBy)}, ${when(approval.requestedAt)}: ${escaped(waitsForPerson(run.state) ? "it publishes now" : stateWords(run))}`
      : waitsForPerson(run.state)
        ? "Nothing to decide now: it is cancelled, or another round on it is asked for."
        : undefined;
  return [...(words ? [context(words)] : []), ...actions(result)];
}

function change(
  record: JobRecord,
  run: RepoRun,
  patch: Uint8Array | undefined,
  isOffered: boolean,
): types.KnownBlock[] {
  const { verdict } = run;
  const hunks = patch === undefined ? "" : firstHunks(patch, HUNKS);
  const check = verificationWords(run);
  return [
    header(numbered(record.job, run.repository)),
    context(escaped([signedWords(run), ...(run.patch ? [diffstat(run.patch)] : [])].join(" · "))),
    ...(verdict ? [paragraph("Why", verdict.summary)] : []),
    ...bullets(
      (verdict?.evidence ?? [])
        .slice(0, MAX_EVIDENCE)
        .map(({ path, note }) => [literal(clip(path, MAX_PATH), { code: true }), literal(` ${clip(note, MAX_NOTE)}`)]),
    ),
    ...(check ? [richText(section([literal(check)]))] : []),
    ...(hunks ? [richText(...preformatted(hunks))] : [context("The patch is too long to show here: download it.")]),
    ...decision(record, run, isOffered),
  ];
}

/** Every change with what speaks for it, and the buttons to decide where it waits for a person. */
export function reviewModal(record: JobRecord, patches: Patches, of: ReviewOf = {}): types.ModalView {
  const { jobId } = record.job;
  const runs = reviewed(record, of);
  const offered = offers(record).rounds.publish;
  const open = runs.filter((run) => offered.includes(run));
  const blocks: types.KnownBlock[] = [
    ...(of.notice ? [richText(section([literal(of.notice, { bold: true })]))] : []),
    ...(open.length > 1
      ? [
          {
            type: "actions" as const,
            elements: [
              button(`Approve all ${open.length}`, ACTIONS.approveAll, targetValue({ jobId }), { style: "primary" }),
            ],
          },
        ]
      : []),
    ...runs.flatMap((run, i) => [
      ...(i > 0 ? [DIVIDER] : []),
      ...change(record, run, patches.get(run.repository), open.includes(run)),
    ]),
    ...(runs.length === 0 ? [context("There is no change to look at here.")] : []),
  ];
  return { ...reviewLoading(targetValue({ jobId, repository: of.repository })), blocks: withinView(blocks) };
}

/** Opened before anything is read. */
export const reviewLoading = (value: string): types.ModalView => ({
  type: "modal",
  callback_id: REVIEW_MODAL,
  private_metadata: value,
  title: plain(TITLE, LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: [context("Loading …")],
});

export const reviewSentence = (value: string, sentence: string): types.ModalView => ({
  ...reviewLoading(value),
  blocks: [richText(section([literal(sentence)]))],
});
