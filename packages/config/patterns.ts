import { RepositoryName } from "../jobs/ids.ts";
import { fitsName } from "../text/name-pattern.ts";

/** Allow patterns in lower case: `acme/*`, `acme/svc-*`, `other/app`. An empty list allows whatever the token reaches. */
export type Patterns = readonly string[];

/** Patterns between commas or spaces. @throws Error that says which entries cannot be read, by their places. */
export function parsePatterns(text: string): Patterns {
  const patterns = text.split(/[\s,]+/).filter(Boolean);
  const wrong = patterns.flatMap((pattern, index) => (isPattern(pattern) ? [] : [index + 1]));
  if (wrong.length > 0)
    throw new Error(`must list owner/name or owner/*, with commas between; not so: entry ${wrong.join(", ")}`);
  return patterns.map((pattern) => pattern.toLowerCase());
}

export function isAllowed(patterns: Patterns, name: string): boolean {
  const wanted = name.toLowerCase();
  return patterns.length === 0 || patterns.some((pattern) => fits(wanted, pattern));
}

/** An owner alone would silently allow nothing; a star in the owner would silently allow every owner of that prefix. */
function isPattern(pattern: string) {
  const [owner = "", ...rest] = pattern.split("/");
  return !owner.includes("*") && RepositoryName.safeParse(`${owner}/${rest.join("/").replaceAll("*", "x")}`).success;
}

/** A star crosses no slash. A person's pattern of many stars costs no more time than another. */
const fits = (name: string, pattern: string) => name.split("/").length === 2 && fitsName(name, pattern);
