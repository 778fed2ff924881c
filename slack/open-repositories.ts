import { steadyNow } from "../packages/clock/steady-clock.ts";
import { unlessLate } from "../packages/clock/unless-late.ts";
import { createPersonalRights } from "../packages/github/personal-rights.ts";
import { openReading } from "../packages/github/reading.ts";
import { createRepositoryCache, namedRepositories, searchRepositories } from "../packages/github/repository-list.ts";
import { createRights, mayPush } from "../packages/github/rights.ts";
import { selectRepositories } from "../packages/github/select-repositories.ts";
import { sameRepository } from "../packages/jobs/ids.ts";
import { MAX_REPOSITORIES } from "../packages/jobs/job.ts";
import { notAllowed } from "./allowed-repository.ts";
import type { AppConfig } from "./app-config.ts";
import type { SlackDeps } from "./deps.ts";
import { createRepositoryLook, timesOf } from "./repository-look.ts";

/** So long a form that is opened waits for the list, once. */
const FIRST_LIST_MS = 700;

/** The list is fetched at once and behind the scenes: who types waits for GitHub no longer than the first list takes. */
export function openRepositories(
  config: AppConfig,
  log: (line: string) => void,
  { ackMs }: { ackMs?: number } = {},
): SlackDeps["repositories"] {
  const reading = openReading(config, { log });
  let loading: Promise<unknown> = Promise.resolve();
  const load = () => {
    const listed = reading.list();
    loading = listed.catch(() => {});
    return listed;
  };
  const cache = createRepositoryCache({ load, now: steadyNow, log });
  let known: Awaited<ReturnType<typeof cache.list>> = [];
  const list = async () => {
    known = await cache.list();
    return known;
  };
  const firstList = () =>
    unlessLate(
      list().catch(() => []),
      FIRST_LIST_MS,
      [],
    );
  void list().catch((error: unknown) => log(`GitHub: no list of repositories yet: ${error}`));

  const { lacksRights, isRefused } = createPersonalRights({
    people: config.CODY_PEOPLE,
    mayPush: createRights(
      async (repository, login) => mayPush(await reading.clientOf(repository), repository, login),
      steadyNow,
    ),
    log,
  });
  /** Naming a person takes nothing away: only a strict deployment hides what they may not write to. */
  const isHidden: typeof isRefused = (name, who) => (config.CODY_STRICT ?? false) && isRefused(name, who);
  return {
    lacksRights,
    async named(text, who) {
      const all = known.length > 0 ? known : await firstList();
      return namedRepositories(
        all.filter(({ name }) => !isHidden(name, who)),
        text,
      ).slice(0, MAX_REPOSITORIES);
    },
    async select(text, who) {
      const all = known.length > 0 ? known : await firstList();
      if (all.length === 0) return { problem: "The list of repositories is not there yet: try again in a minute." };
      return selectRepositories(
        all.filter(({ name }) => !isHidden(name, who)),
        text,
      );
    },
    ...createRepositoryLook(reading, log, ackMs === undefined ? {} : timesOf(ackMs)),
    loginOf: ({ userId }) => config.CODY_PEOPLE[userId],
    settled: async () => {
      await loading;
    },
    async search(query, who, limit) {
      const offered = (await list()).filter(({ name }) => !isHidden(name, who));
      return searchRepositories(offered, query, limit);
    },
    refusal(name) {
      const sentence = notAllowed(config.CODY_REPOS, name);
      if (sentence) return sentence;
      const found = known.find((one) => sameRepository(one.name, name));
      return found?.archived ? `${name} is archived; unarchive it on GitHub or leave it out.` : undefined;
    },
  };
}
