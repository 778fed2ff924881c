import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import { deliveryWords } from "../jobs/deliveries.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { type Offers, offers } from "../jobs/offers.ts";
import { MAX_ALIKE, type RepoRun, waitOf } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { ROUNDS } from "../jobs/round.ts";
import { isAtRest } from "../jobs/states.ts";
import { plural } from "../text/counts.ts";
import { firstLine } from "../text/lines.ts";
import { listed } from "../text/lists.ts";
import { ACTIONS, placeValue, targetValue } from "./actions.ts";
import { button, endingBlocks, ROOMS, type Room, SMALLEST_ROOM } from "./ending.ts";
import { lookActionId, lookValue } from "./history/places.ts";
import { nowWords, planAsList, planBlock, progressWords, runsByName } from "./plan.ts";
import { clipToSize, firstThatFits, MESSAGE_SIZE, sizeOfBlocks } from "./size.ts";
import { escaped, escapedWithin, LIMITS, literal, mrkdwn, plain, readable, richText } from "./text.ts";
import { atTime, mention, when } from "./who-and-when.ts";
import { modelWords } from "./words.ts";

export type CardContent = { text: string; blocks: types.KnownBlock[] };

export const titleOf = (prompt: string) => clipToSize(`Cody: ${readable(firstLine(prompt))}`, LIMITS.header);

const context = (text: string): types.ContextBlock => ({ type: "context", elements: [mrkdwn(text)] });

/** What Plan has not looked at yet may have one. */
const hasCheck = ({ job, runs }: JobRecord) =>
  runs.length < job.repositories.length || runs.some((run) => settingsOf(job, run).check?.value !== undefined);

function heading(record: JobRecord, { promptChars }: Room): types.KnownBlock[] {
  const { job } = record;
  const { prompt } = job;
  const wholePromptInTitle = titleOf(prompt) === `Cody: ${readable(prompt.trim())}`;
  return [
    { type: "header", text: plain(titleOf(prompt), LIMITS.header) },
    ...(wholePromptInTitle || promptChars === 0
      ? []
      : [richText({ type: "rich_text_quote", elements: [literal(clipToSize(prompt.trim(), promptChars))] })]),
    context(
      [
        mention(job.userId),
        plural(job.repositories.length, "repository", "repositories"),
        deliveryWords(job.options, { hasCheck: hasCheck(record) }),
        ...attachedWords(job),
        escapedWithin(modelWords(job.options), 100),
        `\`${job.jobId}\``,
      ].join(" · "),
    ),
  ];
}

const attachedWords = ({ attachments = [] }: Pick<JobRecord["job"], "attachments">) =>
  attachments.length === 0 ? [] : [plural(attachments.length, "file attached", "files attached")];

/** Who asked for what after the first round: the decisions stay on the card. */
function history({ rounds, runs }: JobRecord, room: Room): types.ContextBlock[] {
  const later = rounds
    .filter((round) => round.kind !== "first")
    .map((round) => {
      const what = ROUNDS[round.kind].did;
      const limit = round.capUsd === undefined ? "" : ` to $${round.capUsd}`;
      const about = plural(round.repositories.length, "repository", "repositories");
      const words = round.prompt === undefined ? "" : `: "${escapedWithin(firstLine(round.prompt), 150)}"`;
      const files = attachedWords(round).map((one) => `, ${one}`);
      return `Round ${round.round}: ${about} ${what}${limit} by ${mention(round.requestedBy)}, ${when(round.requestedAt)}${files.join("")}${words}`;
    });
  const rejected = runs.flatMap(({ repository, rejection }) =>
    rejection ? [`${escaped(repository)} rejected by ${mention(rejection.by)}, ${when(rejection.at)}`] : [],
  );
  return [...(room.rounds > 0 ? later.slice(-room.rounds) : []), ...rejected].map(context);
}

function notes({ job, rounds, runs }: JobRecord): types.ContextBlock[] {
  const cancel = job.cancel["*"];
  const nextTries = runs.flatMap((run) => waitOf(run) ?? []).toSorted();
  return [
    ...(nextTries[0] ? [`Claude is busy. The next try is ${atTime(nextTries[0])}.`] : []),
    ...(cancel ? [`Cancelled by ${mention(cancel.by)}, ${when(cancel.at)}.`] : []),
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
    ...[...new Set(runs.flatMap(({ sandbox }) => sandbox ?? []))].map(sandboxNote),
  ].map(context);
}

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

const sandboxNote = (mode: string) =>
  ({
    off: "This machine has no sandbox: commands were off, and nothing could be checked by running it.",
    unsafe: "*Commands ran without any sandbox*, as this deployment allows.",
  })[mode] ?? `Commands run inside: ${escapedWithin(mode, 100)}.`;

function retryLabel(runs: readonly RepoRun[]): string {
  const states = [...new Set(runs.map(({ state }) => state))];
  return states.includes("cancelled")
    ? "Run cancelled again"
    : `Retry ${runs.length} ${listed(states.toSorted(), "or")}`;
}

function jobButtons({ job }: JobRecord, offered: Offers): types.ActionsBlock[] {
  const value = targetValue({ jobId: job.jobId });
  const { rounds, cancel: running } = offered;
  const waiting = rounds.publish;
  const again = rounds.retry;
  const elements: types.ActionsBlockElement[] = [
    ...(waiting.length > 1 ? [button(`Review ${waiting.length} changes`, ACTIONS.reviewAll, value)] : []),
    ...(waiting.length > 1 ? [button("Approve all", ACTIONS.approveAll, value, { style: "primary" })] : []),
    ...(again.length > 0 ? [button(retryLabel(again), ACTIONS.retry, value)] : []),
    ...(rounds["despite-setup"].length > 0
      ? [button("Go on all the same", ACTIONS.despiteSetup, value, { style: "primary" })]
      : []),
    ...(rounds["raise-cap"].length > 0 ? [button("Raise the cost limit", ACTIONS.raiseCap, value)] : []),
    ...(running.length > 0
      ? [
          button(job.repositories.length > 1 ? "Cancel all" : "Cancel", ACTIONS.cancel, value, {
            style: "danger",
            confirm: {
              title: plain("Cancel this job?", LIMITS.confirmTitle),
              text: plain("What is running stops before its next step. Finished repositories stay as they are.", 300),
              confirm: plain("Cancel the job", 30),
              deny: plain("Let it run", 30),
            },
          }),
        ]
      : []),
    ...(running.length > 1
      ? [
          {
            type: "overflow" as const,
            action_id: ACTIONS.cancelOne,
            options: running.slice(0, LIMITS.overflowOptions).map(({ repository, place }) => ({
              text: plain(`Cancel ${repository}`, LIMITS.optionText),
              value: placeValue(job.jobId, place),
            })),
          },
        ]
      : []),
    button("Details", lookActionId("job"), lookValue({ kind: "job", jobId: job.jobId })),
  ];
  return [{ type: "actions", elements }];
}

/** A notification and a screen reader get this instead of the blocks. */
const fallbackText = (record: JobRecord) =>
  [
    `${escapedWithin(titleOf(record.job.prompt), 200)} (${escaped(progressWords(record))})`,
    ...runsByName(record).map(
      ({ repository, run }) => `${escaped(repository)}: ${escapedWithin(nowWords(record.job, run), 200)}`,
    ),
  ].join("\n");

function blocksOf(record: JobRecord, plan: boolean, room: Room): types.KnownBlock[] {
  const offered = offers(record);
  const { job, runs } = record;
  return [
    ...heading(record, room),
    plan ? planBlock(record, room.planDetails) : planAsList(record, room.planDetails),
    ...runs.filter((run) => isAtRest(run.state)).flatMap((run) => endingBlocks(job, run, room, offered)),
    ...history(record, room),
    ...notes(record),
    ...jobButtons(record, offered),
  ];
}

/**
 * The one live message of a job: a pure function of its rows, so that replayed and reordered changes end in identical
 * bytes. `plan: false` for a Slack that refuses the `plan` block.
 */
export function renderCard(record: JobRecord, { plan = true }: { plan?: boolean } = {}): CardContent {
  const blocks = firstThatFits(
    ROOMS.map((room) => () => blocksOf(record, plan, room)),
    (blocks) => sizeOfBlocks(blocks) <= MESSAGE_SIZE,
  );
  return { text: fallbackText(record), blocks };
}

/** No block at all, and still everything that a person has to know: for a Slack that refuses what it took yesterday. */
const asText = (record: JobRecord): CardContent => ({
  text: [
    fallbackText(record),
    ...record.runs.flatMap(({ pullRequest }) => (pullRequest ? [escapedWithin(pullRequest.url, 300)] : [])),
    `\`/cody status ${record.job.jobId}\` shows it as it is now.`,
  ].join("\n"),
  blocks: [],
});

/** The same card in ways that show less and less: the next one is tried when Slack refuses one for its blocks or its size. */
export const CARD_RENDERINGS: readonly ((record: JobRecord) => CardContent)[] = [
  renderCard,
  (record) => renderCard(record, { plan: false }),
  (record) => ({ text: fallbackText(record), blocks: blocksOf(record, false, SMALLEST_ROOM) }),
  asText,
];

/** The same hash needs no update. */
export const hashOf = (content: CardContent) =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
