/** So many letters and digits, six bits each, are looked up at each place; every needle is much longer. */
const WINDOW = 5;
const WINDOW_MASK = 2 ** (6 * WINDOW) - 1;
const FILTER_BITS = 16;

/** 1 to 36 for a letter in either case or a digit, 0 for all else. */
const VALUES = new Uint8Array(128).map((_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 36);
  return Number.isNaN(value) ? 0 : value + 1;
});

export type Range = { start: number; end: number };
/** UTF-16 units, or bytes of UTF-8: letters and digits are the same in both. */
type Codes = Uint8Array | Uint16Array;

/**
 * Finds needles among the letters and digits of a text, whatever stands between them and in whatever case, in one pass:
 * its cost does not depend on how many needles there are. Ranges are places in the text itself.
 */
export function createSqueezedSearch(needles: readonly string[]) {
  const wanted = needles.map((needle) => Uint8Array.from(needle, (char) => VALUES[char.charCodeAt(0)]!));
  const byWindow = Map.groupBy(wanted, (needle) => needle.slice(0, WINDOW).reduce(extended, 0));
  const filter = new Uint8Array(1 << FILTER_BITS);
  for (const window of byWindow.keys()) filter[slotOf(window)] = 1;

  function find(codes: Codes): Range[] {
    if (needles.length === 0) return [];
    const kept = new Uint8Array(codes.length);
    const seen: { at: number; needles: Uint8Array[] }[] = [];
    let count = 0;
    let window = 0;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i]!;
      const value = code < 128 ? VALUES[code]! : 0;
      if (value === 0) continue;
      kept[count++] = value;
      window = ((window << 6) | value) & WINDOW_MASK;
      if (filter[slotOf(window)] === 1) {
        const candidates = byWindow.get(window);
        if (candidates && count >= WINDOW) seen.push({ at: count - WINDOW, needles: candidates });
      }
    }
    const found = seen.flatMap(({ at, needles }) => {
      const lengths = needles.filter((needle) => isAt(kept, count, needle, at)).map(({ length }) => length);
      return lengths.length > 0 ? [{ start: at, end: at + Math.max(...lengths) }] : [];
    });
    return found.length > 0 ? placesOf(found, codes) : [];
  }

  return {
    inText: (text: string) => find(unitsOf(text)),
    isIn: (bytes: Uint8Array) => find(bytes).length > 0,
  };
}

const extended = (window: number, value: number) => ((window << 6) | value) & WINDOW_MASK;

const slotOf = (window: number) => Math.imul(window, 0x9e3779b1) >>> (32 - FILTER_BITS);

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  Buffer.from(units.buffer).write(text, "utf16le");
  return units;
}

function isAt(kept: Uint8Array, count: number, needle: Uint8Array, at: number): boolean {
  if (at + needle.length > count) return false;
  for (let i = 0; i < needle.length; i++) if (kept[at + i] !== needle[i]) return false;
  return true;
}

/** From places among letters and digits to places in the text. */
function placesOf(found: readonly Range[], codes: Codes): Range[] {
  const wanted = new Set(found.flatMap(({ start, end }) => [start, end - 1]));
  const places = new Map<number, number>();
  for (let i = 0, count = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code >= 128 || VALUES[code] === 0) continue;
    if (wanted.has(count)) places.set(count, i);
    count++;
  }
  return found.map(({ start, end }) => ({ start: places.get(start)!, end: places.get(end - 1)! + 1 }));
}
