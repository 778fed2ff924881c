const MENTION = /<([@#!])(?:[^>|]*\|)?([^>]*)>/g;
const LINK = /<((?:https?|mailto):[^>|]+)(?:\|[^>]*)?>/g;

/** A message's text as its writer saw it: Slack keeps links and mentions in angle brackets and escapes three characters. */
export const promptText = (message: string) =>
  message
    .replace(LINK, "$1")
    .replace(MENTION, (_, sign: string, name: string) => `${sign === "!" ? "@" : sign}${name}`)
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
