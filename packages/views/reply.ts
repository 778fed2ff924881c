import type { types } from "@slack/bolt";
import type { Job } from "../jobs/job.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { offers } from "../jobs/offers.ts";
import type { Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import type { Round } from "../jobs/round.ts";
import { ALL_STANDINGS, countedStandings, runStanding, STANDINGS } from "../jobs/standings.ts";
import { isAtRest } from "../jobs/states.ts";
import type { CardContent } from "./card.ts";
import { titleOf } from "./heading.ts";
import { actions, context } from "./history/blocks.ts";
import { decisionsElsewhere } from "./job-buttons.ts";
import { clipToSize } from "./size.ts";
import { escaped, escapedWithin, linkText, literal, richText, section } from "./text.ts";
import { cardLink, mention, person } from "./who-and-when.ts";
import { diffstat, stateWords } from "./words.ts";

/** Enough for five repositories to stay readable. */
const MAX_REASON = 200;

const runsOf = (round: Round, runs: readonly RepoRun[]) =>
  runs.filter((run) => round.repositories.includes(run.repository));

/**
 * Rounds whose closing reply is due: every repository of theirs has ended or waits for a person. A repository that has
 * gone on to a later round belongs to that one's reply.
 */
export const closedRounds = ({ rounds, runs }: JobRecord) =>
  rounds.filter((round) => {
    const own = runsOf(round, runs);
    return (
      own.length === round.repositories.length &&
      own.every((run) => run.round > round.round || (run.round === round.round && isAtRest(run.state))) &&
      own.some((run) => run.round === round.round)
    );
  });

/** A round about an open pull request that came to nothing: that is still what the run has. */
const whyNothing = ({ message, nextStep }: Reason) => `. ${clipToSize(`${message} ${nextStep}`.trim(), MAX_REASON)}`;

function line(run: RepoRun): types.RichTextSection {
  const standing = runStanding(run);
  const sign = literal(standing ? `${STANDINGS[standing].sign} ` : "");
  const name = literal(run.repository, { bold: true });
  if (run.pullRequest && run.state === "published") {
    const link: types.RichTextLink = { type: "link", url: run.pullRequest.url, text: linkText(run.pullRequest.url) };
    const how = run.pullRequest.draft ? " (draft)" : run.verification?.exitCode === 0 ? "" : " (not verified)";
    const more = run.nothingMore
      ? ", nothing more was needed"
      : run.looksAfter && run.reason
        ? whyNothing(run.reason)
        : "";
    return section([sign, name, literal(": "), link, ...(how || more ? [literal(`${how}${more}`)] : [])]);
  }
  const words = run.reason
    ? `${run.reason.message} ${run.reason.nextStep}`.trim()
    : run.patch
      ? diffstat(run.patch)
      : (run.verdict?.summary ?? stateWords(run));
  return section([sign, name, literal(`: ${clipToSize(words, MAX_REASON)}`)]);
}

/** How a reply in this thread becomes a round. */
const followUpHint = ({ repositories }: Job): types.ContextBlock => {
  const about = repositories.length > 1 ? "repositories 1 and 2: " : "";
  return context(`To follow up, reply here: \`${about}also update the changelog\``);
};

/** What it is about, where it stands in no thread below its card. `where`: mrkdwn of ours. */
const aboutJob = ({ prompt, jobId }: Job, where: string): types.ContextBlock =>
  context(`${escapedWithin(titleOf(prompt), 300)} · \`${jobId}\` · ${where}`);

function ending({ job, runs }: JobRecord, round: Round) {
  const own = runsOf(round, runs).filter((run) => run.round === round.round);
  const summary = countedStandings(own).join(", ");
  const list = {
    type: "rich_text_list" as const,
    style: "bullet" as const,
    elements: ALL_STANDINGS.flatMap((standing) => own.filter((run) => runStanding(run) === standing)).map(line),
  };
  return { own, summary, list, text: `${mention(job.userId)} ${escaped(summary)}.` };
}

/** The one reply that mentions the requester, when a round has ended or waits: grouped by outcome. */
export function renderReply(record: JobRecord, round: Round, { isInThread = true } = {}): CardContent {
  const { job } = record;
  const { own, summary, list, text } = ending(record, round);
  return {
    text,
    blocks: [
      richText(section([person(job.userId), literal(` ${summary}.`)]), list),
      ...(isInThread ? [] : [aboutJob(job, "its card can no longer be reached")]),
      ...(isInThread && own.some(({ state }) => state !== "cancelled") ? [followUpHint(job)] : []),
    ],
  };
}

/** The same for the requester alone, who asked to be told directly. `link`: of the card. */
export function renderDirectMessage(record: JobRecord, round: Round, link: string | undefined): CardContent {
  const { summary, list } = ending(record, round);
  const title = titleOf(record.job.prompt);
  const [where = "Its card is in the channel"] = cardLink(link);
  return {
    text: escaped(`${title}: ${summary}.`),
    blocks: [
      richText(section([literal(`${clipToSize(title, 300)}: `, { bold: true }), literal(`${summary}.`)]), list),
      context(`${where} · \`${record.job.jobId}\``),
      // What is asked can be answered where it is read.
      ...actions(decisionsElsewhere(record, offers(record))),
    ],
  };
}

/** For a Slack that refuses the blocks: the same in a text, each repository with where its result is. */
export function replyAsText(record: JobRecord, round: Round): CardContent {
  const own = runsOf(round, record.runs).filter((run) => run.round === round.round);
  const lines = own.map(
    (run) => `${escaped(run.repository)}: ${escapedWithin(run.pullRequest?.url ?? run.state, 300)}`,
  );
  return { text: [renderReply(record, round).text, ...lines].join("\n"), blocks: [] };
}
