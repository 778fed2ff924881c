import type { Config } from "../config/read.ts";
import { appRefusalOf, createGitHubApp, type GitHubApp } from "./app.ts";
import { createGitHub, type GitHub } from "./client.ts";
import { saidBy, statusOf } from "./errors.ts";
import { type InspectedRepository, type InspectOptions, inspectRepository } from "./repositories.ts";
import { listInstalled, listRepositories, type RepositoryFacts } from "./repository-list.ts";

export type GitHubReading = {
  /** That reads this repository. Throws what Octokit throws when the App is not installed on it. */
  clientOf(repository: string): Promise<GitHub>;
  inspect(repository: string, asked: Omit<InspectOptions, "patterns" | "ciPermission">): Promise<InspectedRepository>;
  list(): Promise<RepositoryFacts[]>;
};

/** `maxWaitS`: a rate limit that lasts longer is an error. */
type Options = { log: (line: string) => void; maxWaitS?: number };

type AppConfig = { GITHUB_APP_ID: string; GITHUB_APP_KEY: string; GITHUB_API_URL: string };

export const openGitHubApp = (config: AppConfig, options: Options): GitHubApp =>
  createGitHubApp({
    appId: config.GITHUB_APP_ID,
    privateKey: config.GITHUB_APP_KEY,
    apiUrl: config.GITHUB_API_URL,
    ...options,
  });

/** What plan and Slack look at: with the read token, or with tokens for reading of the App's installations. */
export function openReading(
  config: Pick<Config<"plan">, keyof AppConfig | "CODY_REPOS" | "GITHUB_READ_TOKEN" | "GITHUB_TOKEN">,
  options: Options,
): GitHubReading {
  const { GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL, GITHUB_READ_TOKEN: token, CODY_REPOS: patterns } = config;
  if (GITHUB_APP_ID && GITHUB_APP_KEY) {
    const app = openGitHubApp({ GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL }, options);
    return {
      async inspect(repository, asked) {
        try {
          const ciPermission = asked.mayChangeCi && {
            ciPermission: (await app.mayChangeWorkflows(repository)) ? ("granted" as const) : ("missing" as const),
          };
          return await inspectRepository(await app.readerOf(repository), repository, {
            ...asked,
            patterns,
            ...ciPermission,
          });
        } catch (error) {
          const reason = appRefusalOf(error, repository);
          if (!reason) throw inWords(error);
          return { ok: false, reason };
        }
      },
      clientOf: app.readerOf,
      list: async () => listInstalled(await app.readers(), patterns),
    };
  }
  // The scopes of the token that only reads say nothing about the one that pushes.
  const anotherPushes = token === config.GITHUB_TOKEN ? {} : { ciPermission: "unknown" as const };
  const github = createGitHub({ token: token ?? "", apiUrl: GITHUB_API_URL, ...options });
  return {
    clientOf: async () => github,
    async inspect(repository, asked) {
      try {
        return await inspectRepository(github, repository, { ...asked, patterns, ...anotherPushes });
      } catch (error) {
        throw inWords(error);
      }
    },
    list: () => listRepositories(github, patterns),
  };
}

/** Octokit's own message may be a page of HTML or JSON. */
const inWords = (error: unknown) =>
  statusOf(error) === undefined ? error : new Error(`${statusOf(error)} ${saidBy(error)}`, { cause: error });
