/** What Slack keeps in angle brackets: a link, a person, a channel, a group, a whole channel, a date. */
const MARK = /<([^<>]*)>/g;
const ADDRESS = /^(?:https?|mailto|tel|slack|ftp):/i;

/** A message's mrkdwn as its writer saw it: marks become their words, and the three escaped characters are themselves again. */
export const promptText = (message: string) => unescapedMrkdwn(message.replace(MARK, markWords)).trim();

export const unescapedMrkdwn = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

function markWords(mark: string, inside: string): string {
  const bar = inside.indexOf("|");
  const [target, label] = bar === -1 ? [inside, ""] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (ADDRESS.test(target)) return linkWords(target, label);
  if (target.startsWith("@")) return `@${label.replace(/^@/, "") || target.slice(1)}`;
  if (target.startsWith("#")) return `#${label.replace(/^#/, "") || target.slice(1)}`;
  if (!target.startsWith("!")) return mark;
  const [what = "", id] = target.slice(1).split("^");
  if (what === "date") return label;
  return `@${label.replace(/^@/, "") || id || what}`;
}

/**
 * A link by its words. Slack makes addresses of its own where a person wrote `README.md` or `git@github.com`: the
 * person saw the words. Where a person put other words on an address, both count.
 */
export function linkWords(url: string, label = ""): string {
  const words = label.trim();
  if (words === "" || words === url) return url;
  if (bare(words) === bare(url) || isCutShort(words, url)) return bare(words) === bare(url) ? words : url;
  return `${words} (${url})`;
}

const bare = (address: string) =>
  unescapedMrkdwn(address)
    .replace(/^(?:https?:\/\/|mailto:|tel:)/i, "")
    .replace(/^www\./i, "")
    .replace(/\/$/, "")
    .toLowerCase();

const isCutShort = (words: string, url: string) =>
  /(?:…|\.\.\.)$/.test(words) && bare(url).startsWith(bare(words.replace(/(?:…|\.\.\.)$/, "")));
