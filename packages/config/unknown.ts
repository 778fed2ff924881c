import { VARIABLES } from "./variables.ts";
import type { Environment } from "./zones.ts";

/** Names that begin like ours and that no part of Cody reads, each with the variable that it is close to. */
export function unknownVariables(environment: Environment): { name: string; meant: string | undefined }[] {
  const known = Object.keys(VARIABLES).filter((name) => name.startsWith("CODY_"));
  return Object.entries(environment)
    .filter(([name, value]) => value && name.startsWith("CODY_") && !known.includes(name))
    .map(([name]) => ({ name, meant: closest(name, known) }));
}

/** More differences than this are another word. */
const MAX_DIFFERENCES = 3;

/** The known name that is nearly this one. */
export const closest = (name: string, known: readonly string[]) =>
  known
    .map((one) => ({ one, differences: differencesOf(name, one) }))
    .filter(({ differences }) => differences <= MAX_DIFFERENCES)
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
