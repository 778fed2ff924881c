import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import { MAX_ALIKE, type RepoRun, waitOf } from "../jobs/repo-run.ts";
import { ROUNDS, type Round } from "../jobs/round.ts";
import { plural } from "../text/counts.ts";
import { firstLine } from "../text/lines.ts";
import { someListed } from "../text/lists.ts";
import { attachedWords } from "./heading.ts";
import { context } from "./history/blocks.ts";
import { numbered } from "./names.ts";
import type { Room } from "./room.ts";
import { sandboxWarning } from "./sandbox-words.ts";
import { escaped, escapedWithin } from "./text.ts";
import { atTime, mention, when } from "./who-and-when.ts";

/** Who asked for what after the first round: the decisions stay on the card. */
export function history({ job, rounds, runs }: JobRecord, room: Room): types.ContextBlock[] {
  const later = rounds
    .filter((round) => round.kind !== "first")
    .map((round) => {
      const what = ROUNDS[round.kind].did;
      const limit = round.capUsd === undefined ? "" : ` to $${round.capUsd}`;
      const about =
        job.repositories.length > 1 ? ` in ${plural(round.repositories.length, "repository", "repositories")}` : "";
      const checks = [...new Set(Object.values(round.checks ?? {}).flatMap(({ failed }) => failed))];
      const failing = checks.length === 0 ? "" : `: ${escapedWithin(someListed(checks, 3), 150)}`;
      const words = round.prompt === undefined ? "" : `: "${escapedWithin(firstLine(round.prompt), 150)}"`;
      const files = attachedWords(round).map((one) => `, ${one}`);
      return `Round ${round.round}: ${what}${limit}${about} ${round.byItself ? "as the job's option asks" : `by ${mention(round.requestedBy)}`}, ${when(round.requestedAt)}${files.join("")}${turnWords(round)}${words}${failing}`;
    });
  const rejected = runs.flatMap(({ repository, rejection }) =>
    rejection
      ? [`${escaped(numbered(job, repository))} rejected by ${mention(rejection.by)}, ${when(rejection.at)}`]
      : [],
  );
  return [...(room.rounds > 0 ? later.slice(-room.rounds) : []), ...rejected].map(context);
}

const turnWords = ({ queued, startedAt, finishedAt }: Round) =>
  !queued || startedAt
    ? ""
    : finishedAt
      ? ", not begun because it was cancelled before"
      : ", begins when that has ended";

export function notes({ job, rounds, runs }: JobRecord): types.ContextBlock[] {
  const cancel = job.cancel["*"];
  const nextTries = runs.flatMap((run) => waitOf(run) ?? []).toSorted();
  return [
    ...(nextTries[0] ? [`Claude is busy. The next try is ${atTime(nextTries[0])}.`] : []),
    ...(cancel ? [`Cancelled by ${mention(cancel.by)}, ${when(cancel.at)}.`] : []),
    ...Object.entries(job.cancel)
      .filter(([target]) => target !== "*" && !cancel)
      .map(([target, { by, at }]) => `${escaped(target)} cancelled by ${mention(by)}, ${when(at)}.`),
    ...scheduledNotes(job),
    ...campaignNotes(job),
    ...alikeNote(runs),
    ...[job, ...rounds]
      .flatMap(({ leftOut = [] }) => leftOut)
      .map((sentence) => `A file of the message was left out. ${escapedWithin(sentence, 300)}`),
    ...new Set(runs.flatMap(({ modelWarning }) => (modelWarning ? escapedWithin(modelWarning, 300) : []))),
    ...(runs.some((run) => run.scripted)
      ? ["The scripted stand-in for Claude wrote these verdicts; no model was asked and the dollars are simulated."]
      : []),
    ...(runs.some((run) => run.spendUsd === null)
      ? [
          `The price of ${escapedWithin(job.options.model, 100)} is not known: its cost is not counted and the cost limit does not hold.`,
        ]
      : []),
    ...new Set(runs.flatMap(({ sandbox }) => sandboxWarning(sandbox) ?? [])),
  ].map(context);
}

const campaignNotes = ({ campaign }: JobRecord["job"]): string[] =>
  campaign ? [`Wave ${campaign.wave} of the campaign “${escaped(campaign.name)}”.`] : [];

/** Which schedule started it, and what that left out this time. */
const scheduledNotes = ({ scheduled }: JobRecord["job"]): string[] =>
  scheduled
    ? [
        `Started by the schedule “${escaped(scheduled.name)}” for ${when(scheduled.plannedAt)}.`,
        ...scheduled.leftOut.map((sentence) => `Left out this time: ${escapedWithin(sentence, 300)}`),
      ]
    : [];

/** Only said: the person may want both. */
function alikeNote(runs: readonly RepoRun[]): string[] {
  const jobs = [...new Set(runs.flatMap(({ alikeUnfinished = [] }) => alikeUnfinished))].slice(0, MAX_ALIKE);
  if (jobs.length === 0) return [];
  const named = jobs.map((jobId) => `\`${jobId}\``).join(", ");
  const here = runs.filter(({ alikeUnfinished }) => alikeUnfinished);
  const where = here.length === 1 ? escaped(here[0]!.repository) : plural(here.length, "repository", "repositories");
  return [
    `The same task was unfinished in ${where} when this began: ${named}. If one of them is enough, cancel the other.`,
  ];
}
