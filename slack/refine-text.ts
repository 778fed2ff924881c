import { UserError } from "../packages/jobs/errors.ts";
import { sameRepository } from "../packages/jobs/ids.ts";

export type RefineRequest = { repositories: string[]; prompt: string };

const ALL = /^(all|both|every|everything|everyone|everybody|everywhere|each)$/i;
/** Words that people put around a list of repositories. */
const FILLER =
  /^(please|hey|hi|hello|ok|okay|now|then|just|cody|for|in|on|at|to|of|the|only|also|and|them|repositor(y|ies)|repos?|numbers?|no|nr)$/i;
/** With which people set a name off from what they say: code, bold, quotes, brackets. */
const MARKS = /^[`*_~"'“”„‘’«»([<{]+|[`*_~"'“”„‘’«»)\]>}.!]+$/g;
/** Also what a Chinese or Japanese keyboard writes. */
const COLON = /[:：﹕]/g;
const MAX_ABOUT = 600;

/**
 * A reply in a job's thread: "repositories 2 and 4: also update the changelog", "`acme/orders`: ...", "everyone: ...".
 * Numbers are places on the card. undefined: it does not say which repositories it is about.
 * @throws UserError for a number that the job does not have.
 */
export function parseReply(text: string, repositories: readonly string[]): RefineRequest | undefined {
  const { about, prompt } = splitAtColon(text.trim());
  if (prompt === "") return undefined;
  const named = about
    .split(/[\s,;&+、，]+/)
    .map((word) => word.replace(/^#/, ""))
    .filter((word) => word.replace(MARKS, "") !== "" && !FILLER.test(word.replace(MARKS, "")))
    .map((word) => meantBy(word, repositories) ?? meantBy(word.replace(MARKS, ""), repositories));
  if (named.length === 0 || named.includes(undefined)) return undefined;
  const wanted = new Set(named.flatMap((names) => names ?? []));
  return { repositories: repositories.filter((name) => wanted.has(name)), prompt };
}

/** At the first colon of the first line that is none of an address. */
function splitAtColon(text: string): { about: string; prompt: string } {
  const [line = ""] = text.slice(0, MAX_ABOUT + 1).split("\n", 1);
  const colon = [...line.matchAll(COLON)].find(({ index }) => !line.startsWith("//", index + 1));
  if (!colon) return { about: "", prompt: "" };
  // "*acme/orders:* ..." closes behind the colon what opened before the name.
  const rest = text.slice(colon.index + 1).replace(/^[`*_~]+(?=\s)/, "");
  return { about: text.slice(0, colon.index), prompt: rest.trim() };
}

function meantBy(word: string, repositories: readonly string[]): string[] | undefined {
  if (ALL.test(word)) return [...repositories];
  const [, from, to] = /^#?(\d{1,3})(?:[-–](\d{1,3}))?$/.exec(word) ?? [];
  if (from !== undefined) return inPlaces(Number(from), Number(to ?? from), repositories);
  const name = word.replace(/^https?:\/\/[^/]+\//i, "").replace(/\/$|\.git$/i, "");
  const full = repositories.filter((one) => sameRepository(one, name));
  const bare = repositories.filter((one) => sameRepository(one.slice(one.indexOf("/") + 1), name));
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

const PLEASANTRIES = new Set(
  `thanks thank thx ty cheers great good nice cool perfect awesome super excellent amazing brilliant wonderful lovely sweet
  wow yay done well job work works fine lgtm looks look looking love it ok okay yes yep yeah sure got right this that is was
  you very much so really all a lot to me us team everyone everybody again indeed and for the your help cody too now
  danke merci gracias`.split(/\s+/),
);

/** Words, figures and emoji that ask for nothing: "Thanks, looks great :tada:", "+1". */
export const isPleasantry = (text: string) =>
  text
    .toLowerCase()
    .replace(/:[a-z0-9_+-]+:/g, " ")
    .split(/[^\p{L}\p{N}]+/u)
    .every((word) => /^\d*$/.test(word) || PLEASANTRIES.has(word));
