import { plural } from "./counts.ts";

/** "a, b and c" */
export const listed = (words: readonly string[], last: "and" | "or" = "and") =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;

/** "a, b and 3 more": `max` of them, and how many are left; `thing` says what they are. */
export function someListed(words: readonly string[], max: number, thing?: string): string {
  const left = words.length - max;
  const rest = thing === undefined ? `${left.toLocaleString("en")} more` : plural(left, `more ${thing}`);
  return listed(left > 0 ? [...words.slice(0, max), rest] : words);
}

/** Behind the first of some: " and 2 more", or nothing. */
export const andMore = (count: number) => (count > 1 ? ` and ${(count - 1).toLocaleString("en")} more` : "");
