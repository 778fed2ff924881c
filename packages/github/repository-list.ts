import { isAllowed, type Patterns } from "../config/patterns.ts";
import type { GitHub } from "./client.ts";
import { statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/** What type-ahead shows and searches. */
export type RepositoryFacts = {
  name: string;
  description: string;
  language: string | null;
  topics: string[];
  archived: boolean;
};

type Listed = {
  full_name: string;
  description: string | null;
  language?: string | null;
  topics?: string[];
  archived?: boolean;
};

/** Every repository that the token reaches and the patterns allow, by name. One request per 100. */
export async function listRepositories(github: GitHub, patterns: Patterns): Promise<RepositoryFacts[]> {
  const reached = (await listReached(github)).filter((one) => isAllowed(patterns, one.full_name));
  const known = new Set(reached.map((one) => one.full_name.toLowerCase()));
  // A public repository of another owner is in no list of ours; a pattern without a star names it.
  const named = patterns.filter((pattern) => !pattern.includes("*") && !known.has(pattern));
  const found = await Promise.all(named.map((name) => getIfThere(github, name)));
  return [...reached, ...found.filter((one) => one !== undefined)]
    .map(factsOf)
    .toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

/** The same through a GitHub App: what its installations reach, one client for each. */
export async function listInstalled(readers: readonly GitHub[], patterns: Patterns): Promise<RepositoryFacts[]> {
  const lists = await Promise.all(
    readers.map((github) => github.paginate(github.rest.apps.listReposAccessibleToInstallation, { per_page: 100 })),
  );
  return lists
    .flat()
    .filter((one) => isAllowed(patterns, one.full_name))
    .map(factsOf)
    .toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

async function listReached(github: GitHub): Promise<Listed[]> {
  try {
    return await github.paginate(github.rest.repos.listForAuthenticatedUser, { per_page: 100 });
  } catch (error) {
    // An installation token has no user; its repositories are the installation's.
    if (statusOf(error) !== 403) throw error;
    return await github.paginate(github.rest.apps.listReposAccessibleToInstallation, { per_page: 100 });
  }
}

async function getIfThere(github: GitHub, name: string): Promise<Listed | undefined> {
  try {
    return (await github.rest.repos.get(ownerAndRepo(name))).data;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

const factsOf = (one: Listed): RepositoryFacts => ({
  name: one.full_name,
  description: one.description ?? "",
  language: one.language ?? null,
  topics: one.topics ?? [],
  archived: one.archived ?? false,
});

/**
 * Every word of the query must be found in name, owner, topics, language or description. What starts with the query
 * stands first, then names that hold it, then the rest; archived ones are left out. Pure and without I/O: type-ahead
 * calls it on each key.
 */
export function searchRepositories(list: readonly RepositoryFacts[], query: string, limit = 100): RepositoryFacts[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = list.flatMap((repository) => {
    const rank = repository.archived ? undefined : rankOf(repository, words);
    return rank === undefined ? [] : [{ repository, rank }];
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ repository }) => repository);
}

function rankOf(repository: RepositoryFacts, words: readonly string[]): number | undefined {
  const full = repository.name.toLowerCase();
  const name = full.slice(full.indexOf("/") + 1);
  const about = [...repository.topics, repository.language ?? "", repository.description].join("\n").toLowerCase();
  if (!words.every((word) => full.includes(word) || about.includes(word))) return undefined;
  const [first = ""] = words;
  if (name.startsWith(first) || full.startsWith(first)) return 0;
  return full.includes(first) ? 1 : 2;
}

/** Names of those that a text names in full, alone or within an address. Archived ones are left out. */
export function namedRepositories(list: readonly RepositoryFacts[], text: string): string[] {
  const words = text.toLowerCase().split(/[^\w./-]+/);
  const pairs = new Set(
    words.flatMap((word) => {
      const parts = word.replace(/[./-]+$/, "").split("/");
      return parts.slice(1).map((name, i) => `${parts[i]}/${name.replace(/\.git$/, "")}`);
    }),
  );
  return list.filter(({ name, archived }) => !archived && pairs.has(name.toLowerCase())).map(({ name }) => name);
}

/**
 * Keeps one list for all people. An aged list is still answered at once while a new one is fetched behind it; only the
 * very first caller waits. A failed refresh keeps the old list and is tried again at the next call.
 */
export function createRepositoryCache(deps: {
  load: () => Promise<RepositoryFacts[]>;
  now: () => number;
  log?: (line: string) => void;
  maxAgeMs?: number;
}) {
  const { load, now, log = () => {}, maxAgeMs = 5 * 60_000 } = deps;
  let kept: { list: RepositoryFacts[]; at: number } | undefined;
  let loading: Promise<RepositoryFacts[]> | undefined;

  const refresh = () => {
    loading ??= load()
      .then((list) => {
        // Nothing found is not kept: a token that is granted its first repository shows it at once.
        if (list.length > 0) kept = { list, at: now() };
        return list;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };

  return {
    async list(): Promise<RepositoryFacts[]> {
      if (!kept) return refresh();
      if (now() - kept.at > maxAgeMs)
        refresh().catch((error) => log(`GitHub: the list of repositories is kept as it was: ${error}`));
      return kept.list;
    },
  };
}
