import { head } from "../text/cut.ts";

/** Slack stores `&`, `<` and `>` as `&amp;`, `&lt;` and `&gt;`, and measures what it stores. */
const STORED: Record<string, number> = { "&": 5, "<": 4, ">": 4 };

/** What Slack counts of words that are shown as they are: plain text and rich text. */
export function sizeOf(text: string): number {
  let size = text.length;
  for (const [character, stored] of Object.entries(STORED))
    for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) size += stored - 1;
  return size;
}

/** The beginning, of at most `max` of what Slack counts. */
export function headOfSize(text: string, max: number): string {
  if (sizeOf(text) <= max) return text;
  let end = 0;
  for (let size = 0; end < text.length; end++) {
    size += STORED[text[end]!] ?? 1;
    if (size > max) break;
  }
  return head(text, end);
}

/** The same with an ellipsis in place of what was cut. */
export const clipToSize = (text: string, max: number) => (sizeOf(text) <= max ? text : `${headOfSize(text, max - 1)}…`);

/** The size of mrkdwn: its marks and entities are stored as they are. */
const sizeOfMrkdwn = (text: string) => text.length + 4 * (text.match(/&(?!(?:amp|lt|gt);)/g)?.length ?? 0);

/**
 * "12,000 text characters with a buffer for block containers", an engineer of Slack wrote (slackapi/bolt-js#2509).
 * Measured: 11,341 characters in 45 blocks were refused (#2867), 9,597 in 50 were taken. So a block counts, and there
 * is room left.
 */
export const MESSAGE_SIZE = 11_000;
const BLOCK_SIZE = 50;

/** The texts of a block that people see, wherever they stand in it. */
const SHOWN = new Set(["text", "title", "subtitle", "alt_text", "fallback", "label"]);
/** Parts of a block that Slack keeps as blocks of their own. */
const CONTAINERS = new Set(["task_card", "card"]);

/** What Slack counts of the blocks of a message, which is bounded for all of them together: `msg_blocks_too_long`. */
export const sizeOfBlocks = (blocks: readonly object[]): number =>
  blocks.reduce((sum, block) => sum + BLOCK_SIZE + sizeWithin(block), 0);

function sizeWithin(value: object): number {
  const { type } = value as { type?: unknown };
  return Object.entries(value).reduce<number>((sum, [key, inner]: [string, unknown]) => {
    if (typeof inner === "string")
      return sum + (SHOWN.has(key) ? (type === "mrkdwn" ? sizeOfMrkdwn : sizeOf)(inner) : 0);
    if (inner === null || typeof inner !== "object") return sum;
    const isContainer = "type" in inner && CONTAINERS.has(String(inner.type));
    return sum + (isContainer ? BLOCK_SIZE : 0) + sizeWithin(inner);
  }, 0);
}

/** 250 KB a view: what is stored of it, with room for what Slack adds. */
export const VIEW_BYTES = 240_000;
export function bytesOfView(view: unknown): number {
  const json = JSON.stringify(view);
  return Buffer.byteLength(json) + sizeOf(json) - json.length;
}

/** The first rendering that fits, of some that show less and less; the last one in any case. */
export function firstThatFits<Shown>(renderings: readonly (() => Shown)[], fits: (shown: Shown) => boolean): Shown {
  for (const render of renderings.slice(0, -1)) {
    const shown = render();
    if (fits(shown)) return shown;
  }
  return renderings.at(-1)!();
}
