import type { types } from "@slack/bolt";
import { DELIVERIES } from "../../jobs/deliveries.ts";
import { MAX_FIX_ROUNDS } from "../../jobs/fix-by-itself.ts";
import type { JobRecord } from "../../jobs/job-record.ts";
import { offers } from "../../jobs/offers.ts";
import { costLimitOf } from "../../jobs/round.ts";
import type { AuditEntry } from "../../jobs/team.ts";
import { addUsage, NO_USAGE, type Usage } from "../../jobs/usage.ts";
import { plural } from "../../text/counts.ts";
import { dollars } from "../../text/money.ts";
import { ACTIONS, targetValue } from "../actions.ts";
import { button } from "../button.ts";
import { repositoriesWords } from "../heading.ts";
import { buttonsInDetails } from "../job-buttons.ts";
import { numbered, ownerOfAll } from "../names.ts";
import { nowWords, progressWords, runsByName } from "../plan.ts";
import { setButtons } from "../set-buttons.ts";
import { askLines } from "../set-words.ts";
import { escaped, LIMITS, literal, plain, readable, richText, section, stated } from "../text.ts";
import { cardLink, mention, when } from "../who-and-when.ts";
import { costSomething, costWords, lostWords, modelWords } from "../words.ts";
import {
  actions,
  context,
  DIVIDER,
  facts,
  header,
  lineWithButton,
  lookButton,
  lookModal,
  noticeBlock,
  quoted,
} from "./blocks.ts";
import { decisions } from "./decisions.ts";
import { jobTitle, lostIn, spendWords } from "./outcomes.ts";
import type { Trail } from "./places.ts";
import { timeline } from "./timeline.ts";

const title = (text: string) => richText(section([literal(text, { bold: true })]));

const count = (tokens: number) => tokens.toLocaleString("en");

export const usageFacts = (usage: Usage, more: [string, string][] = []) =>
  facts([
    ...more,
    ["Tokens in, not cached", count(usage.input)],
    ["Read from the cache", count(usage.cacheRead)],
    ["Written to the cache", count(usage.cacheWrite5m + usage.cacheWrite1h)],
    ["Tokens out", count(usage.output)],
  ]);

function repositories(record: JobRecord): types.KnownBlock[] {
  const { job } = record;
  return runsByName(record).flatMap(({ repository, run }, place) => {
    const words = stated(nowWords(job, run), numbered(job, repository), LIMITS.header);
    if (!run) return [{ type: "section" as const, text: plain(words, LIMITS.header) }];
    const look = lookButton("Details", `run-${place}`, { kind: "run", jobId: job.jobId, repository });
    return [
      lineWithButton(words, look),
      ...(costSomething(run) ? [context(escaped(`${costWords(run)}${run.scripted ? " (simulated)" : ""}`))] : []),
    ];
  });
}

/** Everything about a job: what was asked, what came of it, who did what when, and what it took. */
export function jobView(
  record: JobRecord,
  audit: readonly AuditEntry[],
  trail: Trail,
  notice?: string,
): types.ModalView {
  const { job, rounds, runs } = record;
  const offered = offers(record);
  const { delivery, baseBranch, setupCommand, verifyCommand } = job.options;
  const patches = offered.patches.length;
  const usage = runs.reduce((sum, run) => addUsage(sum, run.usage), NO_USAGE);
  const lost = lostIn(runs);
  const turns = runs.reduce((sum, run) => sum + run.turns, 0);
  return lookModal("Job", trail, [
    ...noticeBlock(notice),
    header(jobTitle(job)),
    context(
      [
        mention(job.userId),
        when(job.createdAt),
        ...(ownerOfAll(job) === undefined ? [] : [repositoriesWords(job)]),
        `\`${job.jobId}\``,
        ...cardLink(record.card?.permalink),
      ].join(" · "),
    ),
    title(progressWords(record)),
    ...(jobTitle(job) === readable(job.prompt.trim()) ? [] : quoted(job.prompt)),
    ...repositories(record),
    ...actions(buttonsInDetails(record, offered)),
    ...actions(setButtons(record)),
    ...askLines(record, 10).map(context),
    ...actions(
      patches > 0
        ? [
            button(
              `Download ${plural(patches, "patch", "patches")} (zip)`,
              ACTIONS.downloadPatches,
              targetValue({ jobId: job.jobId }),
            ),
          ]
        : [],
    ),
    DIVIDER,
    title("Options"),
    ...facts([
      ["When a repository is done", DELIVERIES[delivery].name],
      ["Attached", (job.attachments ?? []).map(({ name }) => name).join(", ") || undefined],
      [
        "Failing checks",
        job.options.fixChecks ? `fixed without being asked, at most ${MAX_FIX_ROUNDS} rounds` : undefined,
      ],
      ["Model", modelWords(job.options)],
      ["Cost limit", dollars(costLimitOf(job, rounds))],
      ["Base branch", baseBranch ?? "each repository's default branch"],
      ["Check", verifyCommand],
      ["Setup", setupCommand],
    ]),
    DIVIDER,
    title("What happened"),
    ...timeline(record),
    ...(audit.length > 0 ? [DIVIDER, title("Decisions and refusals"), ...decisions(audit)] : []),
    DIVIDER,
    title("What it took"),
    ...usageFacts(usage, [
      ["Spent", spendWords(runs)],
      ["Lost in crashes", lost ? lostWords(lost) : "nothing"],
      ["Turns", count(turns)],
    ]),
  ]);
}
