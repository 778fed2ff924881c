import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import { offers } from "../jobs/offers.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { waitsForPerson } from "../jobs/states.ts";
import { clip } from "../text/cut.ts";
import { ACTIONS, targetValue } from "./actions.ts";
import { button, verificationWords } from "./ending.ts";
import { bullets, context, DIVIDER, header, paragraph, preformatted, withinView } from "./history/blocks.ts";
import { firstHunks } from "./hunks.ts";
import { numbered } from "./plan.ts";
import { escaped, LIMITS, literal, plain, richText, section } from "./text.ts";
import { mention, when } from "./who-and-when.ts";
import { diffstat, stateWords } from "./words.ts";

const REVIEW_MODAL = "cody-review";
const TITLE = "Review";
const HUNKS = { lines: 60, chars: 2_700 };
const MAX_EVIDENCE = 5;
const MAX_PATH = 120;
const MAX_NOTE = 300;

/** What a reviewer looks at: the patch; undefined where it is too long to show or gone. */
export type Patches = ReadonlyMap<string, Uint8Array | undefined>;
/** `repository` absent: every repository that a person decides or has decided about. */
export type ReviewOf = { repository?: string | undefined; notice?: string | undefined };

/** The approval that a person gave and that has not published yet. */
const approvalOf = ({ rounds }: JobRecord, { repository, round }: RepoRun) =>
  rounds.findLast((one) => one.kind === "publish" && one.round >= round && one.repositories.includes(repository));

export const reviewed = (record: JobRecord, { repository }: ReviewOf = {}) =>
  record.runs.filter(
    (run) =>
      (repository === undefined || run.repository === repository) &&
      (waitsForPerson(run.state) || run.rejection || approvalOf(record, run)),
  );

function decision(record: JobRecord, run: RepoRun, isOffered: boolean): types.KnownBlock {
  const { jobId, repository, round, rejection } = run;
  const approval = approvalOf(record, run);
  if (rejection) return context(`Rejected by ${mention(rejection.by)}, ${when(rejection.at)}`);
  if (approval) {
    const how = waitsForPerson(run.state) ? "it publishes now" : stateWords(run);
    return context(`Approved by ${mention(approval.requestedBy)}, ${when(approval.requestedAt)}: ${escaped(how)}`);
  }
  if (!isOffered) return context("Nothing to decide now: it is cancelled, or another round on it is asked for.");
  const value = targetValue({ jobId, repository, round });
  const label = (text: string) => ({ accessibility_label: clip(`${text}: ${repository}`, LIMITS.button) });
  return {
    type: "actions",
    elements: [
      button("Approve", ACTIONS.approve, value, { style: "primary", ...label("Approve") }),
      button("Reject", ACTIONS.reject, value, { style: "danger", ...label("Reject") }),
    ],
  };
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
    context(escaped([stateWords(run), ...(run.patch ? [diffstat(run.patch)] : [])].join(" · "))),
    ...(verdict ? [paragraph("Why", verdict.summary)] : []),
    ...bullets(
      (verdict?.evidence ?? [])
        .slice(0, MAX_EVIDENCE)
        .map(({ path, note }) => [literal(clip(path, MAX_PATH), { code: true }), literal(` ${clip(note, MAX_NOTE)}`)]),
    ),
    ...(check ? [richText(section([literal(check)]))] : []),
    ...(hunks ? [richText(...preformatted(hunks))] : [context("The patch is too long to show here: download it.")]),
    decision(record, run, isOffered),
  ];
}

/** Every change that waits for a person, with what speaks for it, and the buttons to decide. */
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
    ...(runs.length === 0 ? [context("Nothing waits for a decision here.")] : []),
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
