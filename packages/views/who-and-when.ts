import type { types } from "@slack/bolt";
import { escaped, literal } from "./text.ts";

const FORMAT = "{date_short_pretty} {time}";
const secondsOf = (timestamp: string) => Math.floor(Date.parse(timestamp) / 1_000);
const isPerson = (userId: string) => /^[UW][A-Z0-9]+$/.test(userId);

/** Ids of people come from Slack and are written by us: a mention, never text of a user. */
export const mention = (userId: string) => (isPerson(userId) ? `<@${userId}>` : escaped(userId));

/** Where a job's card is. Nothing where it is not known. */
export const cardLink = (permalink: string | undefined): string[] =>
  permalink ? [`<${escaped(permalink)}|Open its card>`] : [];

/** In the reader's own time zone. */
export const when = (timestamp: string) => `<!date^${secondsOf(timestamp)}^${FORMAT}|${timestamp.slice(0, 16)}Z>`;

/** The same for something soon: "at 12:04". */
export const atTime = (timestamp: string) =>
  `<!date^${secondsOf(timestamp)}^at {time}|at ${timestamp.slice(11, 16)} UTC>`;

/** The same two in rich text. */
export const person = (userId: string): types.RichTextElement =>
  isPerson(userId) ? { type: "user", user_id: userId } : literal(userId);
export const date = (timestamp: string): types.RichTextElement => ({
  type: "date",
  timestamp: secondsOf(timestamp),
  format: FORMAT,
  fallback: `${timestamp.slice(0, 16)}Z`,
});
