import { escaped } from "./text.ts";

/** Ids of people come from Slack and are written by us: a mention, never text of a user. */
export const mention = (userId: string) => (/^[UW][A-Z0-9]+$/.test(userId) ? `<@${userId}>` : escaped(userId));

/** In the reader's own time zone. */
export const when = (timestamp: string) =>
  `<!date^${Math.floor(Date.parse(timestamp) / 1_000)}^{date_short_pretty} {time}^${timestamp.slice(0, 16)}Z>`;
