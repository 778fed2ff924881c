import { h, link } from "./dom.js";
import { nameOf } from "./names.js";

const EMOJI = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  warning: "⚠️",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  mag: "🔍",
  robot_face: "🤖",
  rocket: "🚀",
  tada: "🎉",
  eyes: "👀",
  memo: "📝",
  moneybag: "💰",
  no_entry_sign: "🚫",
  arrows_counterclockwise: "🔄",
};

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;
const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** `plain_text` knows emoji only. */
export const plainText = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

/** A text object of Block Kit. */
export const textObject = (object) => (object.type === "mrkdwn" ? mrkdwn(object.text) : [plainText(object.text)]);

/** https://docs.slack.dev/messaging/formatting-message-text as nodes. */
export function mrkdwn(text) {
  return text
    .split(/```/)
    .flatMap((part, index) => (index % 2 === 1 ? [h("pre", {}, unescaped(part.replace(/^\n/, "")))] : quoted(part)));
}

function quoted(text) {
  const nodes = [];
  let quote = [];
  const flush = () => {
    if (quote.length > 0) nodes.push(h("blockquote", {}, ...lines(quote)));
    quote = [];
  };
  let rest = [];
  const flushRest = () => {
    nodes.push(...lines(rest));
    rest = [];
  };
  for (const line of text.split("\n")) {
    const match = /^(&gt;|>)\s?(.*)$/.exec(line);
    if (match) {
      flushRest();
      quote.push(match[2]);
    } else {
      flush();
      rest.push(line);
    }
  }
  flush();
  flushRest();
  return nodes;
}

const lines = (texts) => texts.flatMap((text, index) => [...(index > 0 ? [h("br")] : []), ...inline(text)]);

const TOKEN =
  /<([^<>]+)>|`([^`]+)`|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<!\w)_([^_\n]+)_(?!\w)|(?<![\w~])~([^~\n]+)~(?![\w~])|:([a-z0-9_+-]+):/g;

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(unescaped(text.slice(end, match.index)));
    end = match.index + match[0].length;
    const [whole, reference, code, bold, italic, strike, shortcode] = match;
    if (reference !== undefined) nodes.push(referenced(reference));
    else if (code !== undefined) nodes.push(h("code", {}, unescaped(code)));
    else if (bold !== undefined) nodes.push(h("strong", {}, ...inline(bold)));
    else if (italic !== undefined) nodes.push(h("em", {}, ...inline(italic)));
    else if (strike !== undefined) nodes.push(h("s", {}, ...inline(strike)));
    else nodes.push(EMOJI[shortcode] ?? whole);
  }
  return [...nodes, unescaped(text.slice(end))].filter((node) => node !== "");
}

function referenced(reference) {
  const [target, label] = reference.split("|");
  if (target.startsWith("@")) return mention(`@${nameOf(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || nameOf(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention(`@${(label ?? target.slice(1)).replace(/^@/, "")}`);
  return link(unescaped(target), unescaped(label ?? target));
}

export const mention = (text) => h("span", { class: "mention" }, text);

function date(target, fallback) {
  const [, seconds, format, url] = target.split("^");
  const shown = formatDate(Number(seconds), format) ?? fallback ?? "";
  return url ? link(url, shown) : shown;
}

/** Slack's date tokens, the ones in use. */
export function formatDate(seconds, format) {
  const at = new Date(seconds * 1_000);
  const show = (options) => at.toLocaleString("en", options);
  const day = () =>
    at.toDateString() === new Date().toDateString() ? "Today" : show({ month: "short", day: "numeric" });
  return format
    .replace(/\{date_short_pretty\}|\{date_pretty\}|\{date_long_pretty\}/g, day)
    .replace(/\{date_num\}/g, () => at.toISOString().slice(0, 10))
    .replace(/\{date_short\}|\{date\}|\{date_long\}/g, () => show({ month: "short", day: "numeric", year: "numeric" }))
    .replace(/\{time_secs\}/g, () => show({ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false }))
    .replace(/\{time\}/g, () => show({ hour: "2-digit", minute: "2-digit", hour12: false }));
}
