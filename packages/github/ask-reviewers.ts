import { sameRepository } from "../jobs/ids.ts";
import { clip } from "../text/cut.ts";
import { listed } from "../text/lists.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, saidBy, statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/** How our lists name a team of an organisation: `acme/platform`. */
const TEAM = /^([^/]+)\/(.+)$/;

/**
 * Asks for reviews, of those who are not asked yet: a repeat asks for nothing. A pull request is the result with or without
 * reviewers: what GitHub refuses comes back as a sentence. One who may not review must not keep the others from it.
 */
export async function askReviewers(
  github: GitHub,
  { repository, number, reviewers }: { repository: string; number: number; reviewers: readonly string[] },
): Promise<string | undefined> {
  if (reviewers.length === 0) return undefined;
  const at = { ...ownerAndRepo(repository), pull_number: number };
  const ask = (names: readonly string[]) => {
    const teams = names.flatMap((name) => TEAM.exec(name)?.[2] ?? []);
    const people = names.filter((name) => !TEAM.test(name));
    return github.rest.pulls.requestReviewers({ ...at, reviewers: people, team_reviewers: teams });
  };
  try {
    const { data } = await github.rest.pulls.listRequestedReviewers(at);
    const asked = [...data.users.map(({ login }) => login), ...data.teams.map(({ slug }) => `${at.owner}/${slug}`)];
    const missing = reviewers.filter((name) => !asked.some((one) => sameRepository(one, name)));
    if (missing.length === 0) return undefined;
    const refusal = await refusalOfRequest(() => ask(missing));
    if (refusal === undefined || missing.length === 1) return sentenceOf(refusal, missing);
    const each: [string, string | undefined][] = [];
    for (const name of missing) each.push([name, await refusalOfRequest(() => ask([name]))]);
    const refused = each.filter(([, said]) => said !== undefined);
    return sentenceOf(
      refused[0]?.[1],
      refused.map(([name]) => name),
    );
  } catch (error) {
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
    return sentenceOf(saidBy(error), reviewers);
  }
}

const sentenceOf = (said: string | undefined, names: readonly string[]) =>
  said === undefined || names.length === 0
    ? undefined
    : clip(`GitHub did not ask ${listed(names)} for a review: ${said.replace(/\.$/, "")}.`, 500);

/** What GitHub says against the request; an outage is thrown. */
async function refusalOfRequest(request: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await request();
    return undefined;
  } catch (error) {
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
    return saidBy(error);
  }
}
