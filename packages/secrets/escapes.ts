import type { Range } from "./squeezed-search.ts";

/** One escaped character as source code, JSON, URLs and HTML write it. */
const ESCAPE =
  /\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#(\d{1,7});|\\([0-7]{3})|&(?:amp|lt|gt|quot|apos|nbsp|sol|lowbar|hyphen|dash|period|num|equals|plus);|\\[nrtbfv0]/gi;

/** A text with its escapes undone, and how to get from places in it back to the text; undefined when it has none. */
export function withoutEscapes(text: string): { text: string; rangeOf(range: Range): Range } | undefined {
  // The places after each escape: in the result, and in the text.
  const after: [plain: number, source: number][] = [];
  const parts: string[] = [];
  let end = 0;
  let length = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const char = charOf(match);
    if (char === undefined) continue;
    parts.push(text.slice(end, match.index), char);
    length += match.index - end;
    after.push([length, match.index]);
    length += char.length;
    end = match.index + match[0].length;
    after.push([length, end]);
  }
  if (after.length === 0) return undefined;
  parts.push(text.slice(end));
  const sourceOf = (place: number) => {
    const [plain, source] = lastAtOrBefore(after, place) ?? [0, 0];
    return source + (place - plain);
  };
  return {
    text: parts.join(""),
    // The end is that of the last character's own escape.
    rangeOf: ({ start, end }) => ({ start: sourceOf(start), end: sourceOf(end) }),
  };
}

const NAMED: Record<string, string> = {
  sol: "/",
  lowbar: "_",
  hyphen: "-",
  dash: "-",
  period: ".",
  equals: "=",
  plus: "+",
};

function charOf([whole, braced, short, hex, percent, entity, decimal, octal]: RegExpExecArray): string | undefined {
  const digits = braced ?? short ?? hex ?? percent ?? entity;
  const code =
    digits !== undefined
      ? Number.parseInt(digits, 16)
      : decimal !== undefined
        ? Number(decimal)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : undefined;
  if (code !== undefined) return code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
  // A line end or a tab joins nothing; of entities only those of characters that keys are made of matter.
  return whole.startsWith("&") ? (NAMED[whole.slice(1, -1).toLowerCase()] ?? " ") : "";
}

function lastAtOrBefore(places: readonly [number, number][], place: number): [number, number] | undefined {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]![0] <= place) low = middle + 1;
    else high = middle;
  }
  return places[low - 1];
}
