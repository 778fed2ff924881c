import type { Reason } from "../jobs/reasons.ts";
import { rhythmWords } from "../jobs/rhythm.ts";
import type { Schedule } from "../jobs/schedule.ts";
import { escaped } from "./text.ts";
import { mention } from "./who-and-when.ts";

/** Told to its owner, or to a channel where that person is gone: mrkdwn of ours. */
export const scheduleNews = ({ name, rhythm, userId }: Schedule, { message, nextStep }: Reason) =>
  `The schedule “${escaped(name)}” of ${mention(userId)} (${escaped(rhythmWords(rhythm))}): ${escaped(`${message} ${nextStep}`)}`;
