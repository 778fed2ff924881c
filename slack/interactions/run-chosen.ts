import { resolveSettings } from "../../packages/jobs/resolve-settings.ts";
import type { SlackDeps, Who } from "../deps.ts";
import type { ChosenRepository } from "./run-repositories.ts";

/** How many of Cody's own pull requests in a repository are looked at, the newest: each costs a request to GitHub. */
const MAX_OWN = 3;
const MAX_RUNS = 20;

async function ownPullRequests({ store }: Pick<SlackDeps, "store">, of: { teamId: string; repository: string }) {
  const { items } = await store.runsOfRepository(of, { limit: MAX_RUNS });
  const found = items.flatMap(({ pullRequest }) => (pullRequest && !pullRequest.closed ? [pullRequest] : []));
  return [...new Map(found.map((one) => [one.number, one])).values()].slice(0, MAX_OWN);
}

/** What is known of a repository that a person has chosen: the same that Plan will resolve, but for what the form says. */
export async function chosenRepository(
  deps: Pick<SlackDeps, "store" | "repositories">,
  { teamId }: Who,
  name: string,
): Promise<ChosenRepository> {
  const of = { teamId, repository: name };
  const [saved, ours] = await Promise.all([deps.store.readSettings(of), ownPullRequests(deps, of)]);
  const found = await deps.repositories.look(
    name,
    ours.map(({ number }) => number),
  );
  return {
    name,
    settings: found && resolveSettings({ form: {}, saved: saved?.settings, ...found }),
    problem: found?.problem,
    open: ours.filter(({ number }) => found?.pullRequests?.[number] === "open"),
  };
}

/** What is wrong with the person's own rights, where a deployment asks for them. */
export async function lackingRights(
  { settings, repositories }: Pick<SlackDeps, "settings" | "repositories">,
  who: Who,
  names: readonly string[],
): Promise<string[]> {
  if (!settings.strict) return [];
  const found = await Promise.all(names.map((name) => repositories.lacksRights(name, who)));
  return found.flatMap((lack) => lack ?? []);
}
