import { z } from "zod";
import { endsWithin, MODELS, type Model, modelOf } from "../packages/agent/models.ts";
import { steadyNow } from "../packages/clock/steady-clock.ts";
import { isAllowed, parsePatterns } from "../packages/github/patterns.ts";
import { createRepositoryCache, searchRepositories } from "../packages/github/repository-list.ts";
import { createRights, mayPush } from "../packages/github/rights.ts";
import { sameRepository } from "../packages/jobs/ids.ts";
import { createArtifacts } from "../packages/store/artifacts.ts";
import type { SlackDeps } from "../slack/deps.ts";
import { log, now, openBucket, openStore } from "./clients.ts";
import { Bucket, GitHubReader, readConfig, Table } from "./config.ts";
import { openReading } from "./github.ts";
import type { Environment } from "./on-first-call.ts";
import { createPersonalRights, readPeople } from "./people.ts";

export const variables = z.object({
  ...Table.shape,
  ...Bucket.shape,
  ...GitHubReader.shape,
  CODY_PEOPLE: z.string().optional(),
});

const DEFAULT_MODEL = "claude-sonnet-5-5";

/**
 * What the Slack app's listeners need, over HTTP and over Socket Mode alike. The list of repositories is fetched at
 * once and behind the scenes: nobody who types waits for GitHub longer than the first list takes.
 */
export function createSlackDeps(
  environment: Environment,
  settings: { defaultModel?: string; admins: readonly string[]; channels: readonly string[] },
): SlackDeps {
  const config = readConfig(variables, environment);
  const defaultModel = settings.defaultModel ?? DEFAULT_MODEL;
  return {
    store: openStore(config),
    artifacts: createArtifacts({ s3: openBucket(config), bucket: config.CODY_BUCKET }),
    repositories: createRepositories(config),
    settings: {
      models: offeredModels(defaultModel),
      defaultModel,
      admins: settings.admins,
      channels: settings.channels,
    },
    log,
    now,
  };
}

/** A job, its review and its follow-ups take days: what ends before they may be over is not offered for new ones. */
const LEAST_DAYS_LEFT = 14;

/** The catalogue but for what is about to end, and the deployment's own default in any case: nobody is given another one. */
export function offeredModels(defaultModel: string, at = now()) {
  const offered = MODELS.filter((model) => !endsWithin(model, LEAST_DAYS_LEFT, at));
  const own = offered.some(({ id }) => id === defaultModel) ? [] : [{ ...modelOf(defaultModel), id: defaultModel }];
  return [...own, ...offered].map((model) => ({ id: model.id, label: labelOf(model, at) }));
}

/** At most 75 characters, Slack's limit for an option. */
function labelOf(model: Model, at: Date) {
  const { id, price, endsOn } = model;
  const cost = price ? `$${price.input} in, $${price.output} out per MTok` : "price unknown, no cap";
  const end = endsOn && (endsWithin(model, 0, at) ? `ended ${endsOn}` : `ends ${endsOn}`);
  return [id, cost, ...(end ? [end] : [])].join(" · ");
}

function createRepositories(config: z.infer<typeof variables>): SlackDeps["repositories"] {
  const patterns = parsePatterns(config.CODY_REPOS);
  const reading = openReading(config);
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
  void list().catch((error: unknown) => log(`GitHub: no list of repositories yet: ${error}`));

  const { lacksRights, isRefused } = createPersonalRights({
    people: readPeople(config.CODY_PEOPLE),
    mayPush: createRights(
      async (repository, login) => mayPush(await reading.clientOf(repository), repository, login),
      steadyNow,
    ),
    log,
  });
  return {
    lacksRights,
    settled: async () => {
      await loading;
    },
    async search(query, who, limit) {
      const offered = (await list()).filter(({ name }) => !isRefused(name, who));
      return searchRepositories(offered, query, limit);
    },
    refusal(name) {
      if (!isAllowed(patterns, name)) return `${name} is not among the repositories that Cody may use here.`;
      const found = known.find((one) => sameRepository(one.name, name));
      return found?.archived ? `${name} is archived; unarchive it on GitHub or leave it out.` : undefined;
    },
  };
}
