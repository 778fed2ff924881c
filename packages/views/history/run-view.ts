import type { types } from "@slack/bolt";
import type { JobRecord } from "../../jobs/job-record.ts";
import { type CommandResult, commandEndWords, kindOfVerdict, VERDICT_WORDS } from "../../jobs/outcome.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import { lostOf } from "../../jobs/run-costs.ts";
import { settingsWords } from "../../jobs/settings-words.ts";
import type { Lost } from "../../jobs/usage.ts";
import { clip } from "../../text/cut.ts";
import { sandboxWords } from "../sandbox-words.ts";
import { byItselfWords, draftWords } from "../sentences.ts";
import { escaped, linkText, literal, richText, section } from "../text.ts";
import { cardLink } from "../who-and-when.ts";
import { afterWords, commandNow, costSomething, costWords, diffstat, lostWords, signedWords } from "../words.ts";
import {
  actions,
  bullets,
  context,
  DIVIDER,
  facts,
  header,
  lookModal,
  noticeBlock,
  paragraph,
  preformatted,
} from "./blocks.ts";
import { usageFacts } from "./job-view.ts";
import type { Trail } from "./places.ts";
import { runDecisions, runLinks } from "./run-buttons.ts";
import { timeline } from "./timeline.ts";

const EVIDENCE_A_BLOCK = 4;
const MAX_PATH = 200;
const MAX_NOTE = 500;
const MAX_TAIL = 2_500;

function verdict({ verdict }: RepoRun): types.RichTextBlock[] {
  if (!verdict) return [];
  const groups = Array.from({ length: Math.ceil(verdict.evidence.length / EVIDENCE_A_BLOCK) }, (_, i) =>
    verdict.evidence.slice(i * EVIDENCE_A_BLOCK, (i + 1) * EVIDENCE_A_BLOCK),
  );
  return [
    paragraph(VERDICT_WORDS[kindOfVerdict(verdict)], verdict.summary),
    ...(groups.length > 0 ? [richText(section([literal("What was inspected", { bold: true })]))] : []),
    ...groups.flatMap((group) =>
      bullets(
        group.map(({ path, note }) => [
          literal(clip(path, MAX_PATH), { code: true }),
          literal(` ${clip(note, MAX_NOTE)}`),
        ]),
      ),
    ),
  ];
}

function commandView(what: string, result: CommandResult | undefined): types.RichTextBlock[] {
  if (!result) return [];
  const { command, durationMs, tail, notRun } = result;
  const after = notRun === undefined ? ` ${afterWords(durationMs)}` : "";
  return [
    richText(
      section([
        literal(`${what} `, { bold: true }),
        literal(clip(command, 300), { code: true }),
        literal(` ${commandEndWords(result)}${after}`, { bold: true }),
      ]),
      ...preformatted(tail, MAX_TAIL),
    ),
  ];
}

/** What a command of the job prints while it runs. */
function runningView({ runningCommand, updatedAt }: RepoRun): types.RichTextBlock[] {
  if (!runningCommand) return [];
  const now = section([literal(`Now ${commandNow(runningCommand, updatedAt)}`, { bold: true })]);
  return [richText(now, ...preformatted(runningCommand.tail, MAX_TAIL))];
}

const lostSentence = (lost: Lost) =>
  `${lostWords(lost)}: asked for, but a runner died or the stream broke off before the answer was stored. It counts against the cost limit by estimate.`;

/**
 * What came of one repository in a job: verdict and evidence, the check, the patch, the pull request, the cost.
 * `earlier`: rounds that left an older patch.
 */
export function runView(
  record: JobRecord,
  run: RepoRun,
  earlier: readonly number[],
  trail: Trail,
  notice?: string,
): types.ModalView {
  const { patch, pullRequest, reason, patchOnly, usage } = run;
  const lost = lostOf(run);
  const unchecked = draftWords(record.job, run);
  return lookModal("Repository in a job", trail, [
    ...noticeBlock(notice),
    header(run.repository),
    context(
      [
        escaped([signedWords(run), ...(costSomething(run) ? [costWords(run)] : [])].join(" · ")),
        ...cardLink(record.card?.permalink),
      ].join(" · "),
    ),
    ...actions(runDecisions(record, run)),
    ...(run.scripted
      ? [context("The scripted stand-in for Claude wrote this; no model was asked and the dollars are simulated.")]
      : []),
    ...(reason ? [paragraph(reason.message, reason.nextStep)] : []),
    ...(patchOnly ? [paragraph(patchOnly.message, patchOnly.nextStep)] : []),
    ...verdict(run),
    ...runningView(run),
    ...commandView("The setup", run.setup),
    ...commandView("The check", run.verification),
    ...(unchecked ? [context(escaped(unchecked))] : []),
    ...runLinks(record, run, earlier),
    ...(run.settings ? [DIVIDER, ...facts(settingsWords(run.settings))] : []),
    DIVIDER,
    ...facts([
      ["Pull request", pullRequest && `${linkText(pullRequest.url)}${pullRequest.draft ? " (draft)" : ""}`],
      ["Branch", pullRequest?.branch],
      ["Before it", run.leftBehind?.map(({ pullRequest: { url }, state }) => `${linkText(url)} (${state})`).join(", ")],
      ["Runs by itself", run.runsByItself && byItselfWords(run, run.runsByItself.length)],
      [
        "May change CI",
        record.job.options.mayChangeCi
          ? run.ciPermission === "granted"
            ? "yes, and so may the token"
            : "yes; whether the token that pushes may is not known before the push (npm run doctor tells of a classic one)"
          : undefined,
      ],
      ["Patch", patch && `${diffstat(patch)}, ${patch.bytes.toLocaleString("en")} bytes`],
      ["Made from", run.baseCommit && `${run.baseBranch ?? ""} ${run.baseCommit.slice(0, 12)}`.trim()],
      ["Commands ran in", sandboxWords(run.sandbox)],
      ["Reviews", run.notAsked],
      ["Lost", lost && lostSentence(lost)],
      ["Round and attempt", `${run.round}, ${run.attempt}`],
    ]),
    DIVIDER,
    ...timeline(record, run.repository),
    DIVIDER,
    ...usageFacts(usage),
  ]);
}
