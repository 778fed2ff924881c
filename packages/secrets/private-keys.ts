import type { Range } from "./squeezed-search.ts";

const BEGIN = "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----";
const END = "-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----";
/** What `cat -n`, `grep -rn`, a diff or a quotation puts before a line. */
const PREFIX = "[ \\t]*(?:\\d{1,7}[ \\t:|.-]|[+>#*|-]{1,3}(?=[ \\tA-Za-z0-9])|[\\w./@-]{1,200}[:-]\\d{1,7}[:-])";
/** Between the lines of a key: a line end as it is or escaped, and what joins strings in source code. */
const GAP = `(?:\\\\[nr]|[ \\t"',]|\\r|\\n(?:${PREFIX})?)*`;

/** `Proc-Type: 4,ENCRYPTED` on a line of its own; its end is found in one way only, else a long line takes for ever. */
const HEADER = `[ \\t"',]*(?:\\\\[nr]|\\r|\\n)+(?:${PREFIX})?[ \\t"']*[A-Z][A-Za-z-]+: [^\\r\\n\\\\]*`;

/** Also in a string with escaped line ends, and cut off before its END. The words alone, as in a scanner's source, are no key. */
const KEY = new RegExp(
  `${BEGIN}(?:${HEADER})*(?:${GAP}[A-Za-z0-9+/=]{16,})+(?:(?:${GAP}[A-Za-z0-9+/=]{1,15})?${GAP}${END})?`,
  "g",
);
const KEY_END = new RegExp(END, "g");
/** Only the last line of a key is short. */
const keyLine = (leastChars: number) =>
  new RegExp(`^(?:${PREFIX})?[ \\t"']*[A-Za-z0-9+/=]{${leastChars},100}[ \\t"',]*\\r?$`);
const KEY_LINE = keyLine(40);
const LAST_LINE = keyLine(1);

/** Private keys in PEM, whole or cut at either end. */
export function privateKeys(text: string): Range[] {
  if (!text.includes("PRIVATE KEY")) return [];
  const whole = [...text.matchAll(KEY)].map(({ 0: key, index }) => ({ start: index, end: index + key.length }));
  const ends = [...text.matchAll(KEY_END)].filter(
    ({ index }) => !whole.some(({ start, end }) => start <= index && index < end),
  );
  return [...whole, ...ends.flatMap(({ 0: words, index }) => endOfKey(text, index, words.length))];
}

/** The lines before an END whose BEGIN was cut off. */
function endOfKey(text: string, endAt: number, length: number): Range[] {
  let start = text.lastIndexOf("\n", endAt) + 1;
  const first = start;
  while (start > 0) {
    const before = text.lastIndexOf("\n", start - 2) + 1;
    if (!(start === first ? LAST_LINE : KEY_LINE).test(text.slice(before, start - 1))) break;
    start = before;
  }
  return start < first ? [{ start, end: endAt + length }] : [];
}
