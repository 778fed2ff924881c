import { sameRepository } from "../packages/jobs/ids.ts";
import { UserError } from "../packages/jobs/user-error.ts";

export type RefineWish = { repositories: string[]; prompt: string };

const ALL = /^(all|both|every|everything|each)$/i;
/** Words that people put around a list of repositories. */
const FILLER = /^(please|cody|for|in|on|to|of|the|only|also|and|them|repositor(y|ies)|repos?|numbers?|no|nr)$/i;

/**
 * A reply in a job's thread: "repositories 2 and 4: also update the changelog", "acme/orders: ...", "all: ...".
 * Numbers are places on the card. undefined: it does not say which repositories it is about.
 * @throws UserError for a number that the job does not have.
 */
export function parseReply(text: string, repositories: readonly string[]): RefineWish | undefined {
  const [, about, prompt] = /^([^:\n]{1,600}):\s*(\S[\s\S]*)$/.exec(text.trim()) ?? [];
  if (about === undefined || prompt === undefined) return undefined;
  const words = about
    .split(/[\s,;&+]+/)
    .map((word) => word.replace(/^#|\.$/g, ""))
    .filter(Boolean);
  const named = words.filter((word) => !FILLER.test(word)).map((word) => meantBy(word, repositories));
  if (named.length === 0 || named.includes(undefined)) return undefined;
  const wanted = new Set(named.flatMap((names) => names ?? []));
  return { repositories: repositories.filter((name) => wanted.has(name)), prompt: prompt.trim() };
}

function meantBy(word: string, repositories: readonly string[]): string[] | undefined {
  if (ALL.test(word)) return [...repositories];
  const [, from, to] = /^(\d{1,3})(?:[-–](\d{1,3}))?$/.exec(word) ?? [];
  if (from !== undefined) return inPlaces(Number(from), Number(to ?? from), repositories);
  const full = repositories.filter((name) => sameRepository(name, word));
  const bare = repositories.filter((name) => sameRepository(name.slice(name.indexOf("/") + 1), word));
  const [found, another] = full.length > 0 ? full : bare;
  return found !== undefined && another === undefined ? [found] : undefined;
}

function inPlaces(first: number, last: number, repositories: readonly string[]): string[] {
  if (first < 1 || last < first || last > repositories.length) {
    const which = repositories.length === 1 ? "only repository 1" : `repositories 1 to ${repositories.length}`;
    throw new UserError(`This job has ${which}; look at the numbers on its card.`);
  }
  return repositories.slice(first - 1, last);
}
