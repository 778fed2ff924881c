import type { types } from "@slack/bolt";
import type { Job } from "../../jobs/job.ts";
import type { RepoRun } from "../../jobs/repo-run.ts";
import { settingsButton } from "../settings-form.ts";
import { escaped, linkText } from "../text.ts";
import { cardLink, mention, when } from "../who-and-when.ts";
import { costSomething, costWords, signedWords } from "../words.ts";
import { actions, context, header, lineWithButton, lookButton, lookModal } from "./blocks.ts";
import { jobTitle } from "./outcomes.ts";
import type { Trail } from "./places.ts";

export const HISTORY_PAGE = 10;

type PastRun = { run: RepoRun; job: Job; permalink?: string | undefined };

const line = ({ run, job, permalink }: PastRun, place: number): types.KnownBlock[] => [
  lineWithButton(
    jobTitle(job),
    lookButton("Details", `run-${place}`, { kind: "run", jobId: run.jobId, repository: run.repository }),
  ),
  context(
    [
      escaped(signedWords(run)),
      ...(run.pullRequest ? [`<${escaped(run.pullRequest.url)}|${escaped(linkText(run.pullRequest.url))}>`] : []),
      mention(job.userId),
      when(run.createdAt),
      ...(costSomething(run) ? [escaped(costWords(run))] : []),
      ...cardLink(permalink),
    ].join(" · "),
  ),
];

/** What Cody did in one repository, newest first. `older`: the cursor of the next page. */
export function historyView(
  { repository, items, older }: { repository: string; items: PastRun[]; older?: string | undefined },
  trail: Trail,
): types.ModalView {
  return lookModal("Repository", trail, [
    header(repository),
    ...actions([settingsButton(repository)]),
    ...(items.length === 0 ? [context("Cody has done nothing here yet.")] : []),
    ...items.flatMap(line),
    ...actions(older ? [lookButton("Older", "older", { kind: "repository", repository, after: older })] : []),
  ]);
}
