import { isAllowed, parsePatterns } from "../config/patterns.ts";
import { listed } from "../text/lists.ts";
import { type RepositoryFacts, searchRepositories } from "./repository-list.ts";

/**
 * Pure: the repositories that patterns (`acme/svc-*`) and words of a search name together, by name; archived ones are
 * left out. `problem`: a sentence about what cannot be read, or fits nothing.
 */
export function selectRepositories(
  list: readonly RepositoryFacts[],
  text: string,
): { names: string[]; problem?: undefined } | { names?: undefined; problem: string } {
  const typed = text.split(/[\s,]+/).filter(Boolean);
  const written = typed.filter((one) => one.includes("/"));
  const words = typed.filter((one) => !one.includes("/"));
  if (words.includes("*")) return { problem: "Say whose repositories: owner/* takes all of one owner." };
  const readable = (one: string) => {
    try {
      return parsePatterns(one).length > 0;
    } catch {
      return false;
    }
  };
  const wrong = written.filter((one) => !readable(one));
  if (wrong.length > 0)
    return { problem: `Write a pattern as owner/name, owner/* or owner/svc-*; not so: ${listed(wrong)}.` };
  const without = written.filter((one) => !list.some(({ name }) => isAllowed(parsePatterns(one), name)));
  if (without.length > 0) return { problem: `No repository that Cody may use here fits ${listed(without)}.` };
  const patterns = parsePatterns(written.join(" "));
  const found = searchRepositories(
    list.filter(({ name }) => isAllowed(patterns, name)),
    words.join(" "),
    list.length,
  );
  const names = found.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b, "en"));
  return names.length > 0
    ? { names }
    : { problem: `No repository that Cody may use here fits “${typed.join(" ")}”; archived ones are left out.` };
}
