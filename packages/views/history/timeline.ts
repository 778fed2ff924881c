import type { types } from "@slack/bolt";
import type { JobRecord } from "../../jobs/job-record.ts";
import { ROUNDS, type Round } from "../../jobs/round.ts";
import { clip } from "../../text/cut.ts";
import { literal } from "../text.ts";
import { date, person } from "../who-and-when.ts";
import { stateWords } from "../words.ts";
import { bullets } from "./blocks.ts";

type Event = { at: string; words: types.RichTextElement[] };

const MAX_EVENTS = 40;
const MAX_FOLLOW_UP = 300;
/** So many fit a block of rich text. */
const EVENTS_A_BLOCK = 10;

function asked({ requestedBy, requestedAt, kind, repositories, prompt, capUsd, round, byItself }: Round): Event {
  const about = kind === "first" ? "" : `: ${repositories.join(", ")}`;
  const limit = capUsd === undefined ? "" : ` to $${capUsd}`;
  const who = byItself ? literal("the job's option") : person(requestedBy);
  const words = [who, literal(` ${ROUNDS[kind].asked}${limit}${about} (round ${round})`)];
  return {
    at: requestedAt,
    words: prompt ? [...words, literal(` “${clip(prompt.trim(), MAX_FOLLOW_UP)}”`)] : words,
  };
}

const roundEvents = (round: Round): Event[] => [
  asked(round),
  ...(round.startedAt ? [{ at: round.startedAt, words: [literal(`round ${round.round} started`)] }] : []),
  ...(round.finishedAt ? [{ at: round.finishedAt, words: [literal(`round ${round.round} finished`)] }] : []),
];

/** Who asked for what and when it ended, oldest first; of one repository when it is named. */
export function timeline({ job, rounds, runs }: JobRecord, repository?: string): types.RichTextBlock[] {
  const isAbout = (name: string) => repository === undefined || name === repository;
  const events: Event[] = [
    ...rounds.filter((round) => round.repositories.some(isAbout)).flatMap(roundEvents),
    ...Object.entries(job.cancel)
      .filter(([target]) => target === "*" || isAbout(target))
      .map(([target, { by, at }]) => ({
        at,
        words: [person(by), literal(` cancelled ${target === "*" ? "the job" : target}`)],
      })),
    ...runs
      .filter((run) => isAbout(run.repository))
      .flatMap((run) => [
        ...(run.rejection
          ? [{ at: run.rejection.at, words: [person(run.rejection.by), literal(` rejected ${run.repository}`)] }]
          : []),
        ...(run.endedAt ? [{ at: run.endedAt, words: [literal(`${run.repository}: ${stateWords(run)}`)] }] : []),
      ]),
  ];
  const lines = events
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .slice(-MAX_EVENTS)
    .map(({ at, words }) => [date(at), literal(" · "), ...words]);
  return Array.from({ length: Math.ceil(lines.length / EVENTS_A_BLOCK) }, (_, i) =>
    bullets(lines.slice(i * EVENTS_A_BLOCK, (i + 1) * EVENTS_A_BLOCK)),
  ).flat();
}
