import { PROCESS_VARIABLES } from "./process.ts";
import { VARIABLES } from "./variables.ts";
import type { Environment } from "./zones.ts";

export type UnknownVariable = { name: string; meant: string | undefined };

const KNOWN = Object.keys(VARIABLES);
/** Other programs have variables that begin so: only one that is nearly ours is meant for us. */
const OF_OTHERS = /^(?:ANTHROPIC|GITHUB|SLACK)_/;
const MAX_DIFFERENCES_OF_OTHERS = 2;

/** Names that begin like ours and that no part of Cody reads, each with the variable that it is close to. */
export function unknownVariables(environment: Environment): UnknownVariable[] {
  const set = Object.entries(environment).flatMap(([name, value]) => (value && !KNOWN.includes(name) ? [name] : []));
  return set.flatMap((name) => {
    if (name.startsWith("CODY_")) return [{ name, meant: closest(name, KNOWN) }];
    const meant = OF_OTHERS.test(name) ? closest(name, KNOWN, MAX_DIFFERENCES_OF_OTHERS) : undefined;
    return meant ? [{ name, meant }] : [];
  });
}

/** In Cody's own `.env` every name is meant for Cody, or for what its programs read themselves. */
export const unknownInOwnFile = (names: readonly string[]): UnknownVariable[] =>
  names
    .filter((name) => !KNOWN.includes(name) && !(PROCESS_VARIABLES as readonly string[]).includes(name))
    .map((name) => ({ name, meant: closest(name, KNOWN, name.length / 2) }));

/** More differences than this are another word. */
const MAX_DIFFERENCES = 3;

/** The known name that is nearly this one. */
export const closest = (name: string, known: readonly string[], most = MAX_DIFFERENCES) =>
  known
    .map((one) => ({ one, differences: differencesOf(name, one) }))
    .filter(({ differences }) => differences <= most)
    .toSorted((a, b) => a.differences - b.differences)[0]?.one;

/** Letters to add, drop or change (Levenshtein). */
function differencesOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...to].entries())
      next.push(Math.min(row[index + 1]! + 1, next[index]! + 1, row[index]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}
