import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import { offers } from "../jobs/offers.ts";
import { button } from "./button.ts";
import { heading, titleOf } from "./heading.ts";
import { actions, context } from "./history/blocks.ts";
import { lookActionId, lookValue } from "./history/places.ts";
import { jobButtons } from "./job-buttons.ts";
import { history, notes } from "./notes.ts";
import { nowWords, planAsList, planBlock, progressWords, runsByName } from "./plan.ts";
import { ROOMS, type Room, SMALLEST_ROOM } from "./room.ts";
import { resultButtons, sections } from "./section.ts";
import { setButtons } from "./set-buttons.ts";
import { askLines } from "./set-words.ts";
import { firstThatFits, MESSAGE_SIZE, sizeOfBlocks } from "./size.ts";
import { escaped, escapedWithin } from "./text.ts";

export type CardContent = { text: string; blocks: types.KnownBlock[] };
/** The same in ways that show less and less: the next one is tried when Slack refuses one for its blocks or its size. */
export type Renderings<Rows> = readonly [(rows: Rows) => CardContent, ...((rows: Rows) => CardContent)[]];

const detailsButton = ({ job: { jobId } }: JobRecord) =>
  button("Details", lookActionId("job"), lookValue({ kind: "job", jobId }));

/** A notification and a screen reader get this instead of the blocks. */
const fallbackText = (record: JobRecord) =>
  [
    `${escapedWithin(titleOf(record.job.prompt), 200)} (${escaped(progressWords(record))})`,
    ...runsByName(record).map(
      ({ repository, run }) => `${escapedWithin(nowWords(record.job, run), 200)} · ${escaped(repository)}`,
    ),
  ].join("\n");

function blocksOf(record: JobRecord, plan: boolean, room: Room): types.KnownBlock[] {
  const offered = offers(record);
  return [
    ...heading(record, room),
    (plan ? planBlock : planAsList)(record, room),
    ...sections(record, room, offered),
    ...resultButtons(record, offered),
    ...history(record, room),
    ...askLines(record, room.asks).map(context),
    ...notes(record),
    ...actions(setButtons(record)),
    { type: "actions", elements: [...jobButtons(record, offered), detailsButton(record)] },
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

export const CARD_RENDERINGS: Renderings<JobRecord> = [
  renderCard,
  (record) => renderCard(record, { plan: false }),
  (record) => ({ text: fallbackText(record), blocks: blocksOf(record, false, SMALLEST_ROOM) }),
  asText,
];

/** The same hash needs no update. */
export const hashOf = (content: CardContent) =>
  createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
