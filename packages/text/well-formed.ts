/**
 * A JSON value in which no string holds half of a surrogate pair: U+FFFD stands in its place. Claude, Slack and GitHub
 * refuse a request with such a half, and UTF-8 cannot hold one. Gives the very same value when there is nothing to do.
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === "string") return value.toWellFormed() as T;
  if (Array.isArray(value)) return sameUnlessChanged(value, value.map(wellFormed)) as T;
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([name, held]) => [name.toWellFormed(), wellFormed(held)] as const);
  const same = entries.every(([name, held], i) => name === changed[i]![0] && Object.is(held, changed[i]![1]));
  return same ? value : (Object.fromEntries(changed) as T);
}

/** Where the first string with half of a surrogate pair stands, as a JSON pointer; undefined when there is none. */
export function illFormedAt(value: unknown, pointer = ""): string | undefined {
  if (typeof value === "string") return value.isWellFormed() ? undefined : pointer || "/";
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, held] of Object.entries(value)) {
    if (!name.isWellFormed()) return pointer || "/";
    const found = illFormedAt(held, `${pointer}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const sameUnlessChanged = (value: unknown[], changed: unknown[]) =>
  changed.every((held, i) => Object.is(held, value[i])) ? value : changed;

/** Bytes, streams and dates are no JSON and stay as they are. */
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** The same of a JSON text, in which such a half is written as an escape. */
export const wellFormedJson = (json: string): string =>
  /\\ud[89a-f]/i.test(json) ? JSON.stringify(wellFormed(JSON.parse(json))) : json;
