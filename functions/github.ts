import type { z } from "zod";
import { appRefusalOf, createGitHubApp, type GitHubApp } from "../packages/github/app.ts";
import { parseAppKey } from "../packages/github/app-key.ts";
import { createGitHub, type GitHub } from "../packages/github/client.ts";
import { saidBy, statusOf } from "../packages/github/errors.ts";
import { parsePatterns } from "../packages/github/patterns.ts";
import { type Inspection, inspectRepository } from "../packages/github/repositories.ts";
import { listInstalled, listRepositories, type RepositoryFacts } from "../packages/github/repository-list.ts";
import type { InspectWish } from "../packages/pipeline/plan.ts";
import { log } from "./clients.ts";
import type { GitHubAppKey, GitHubReader } from "./config.ts";

export type GitHubReading = {
  /** That reads this repository. Throws what Octokit throws when the App is not installed on it. */
  clientOf(repository: string): Promise<GitHub>;
  inspect(repository: string, wish: InspectWish): Promise<Inspection>;
  list(): Promise<RepositoryFacts[]>;
};

type AppConfig = { [Name in keyof z.infer<typeof GitHubAppKey>]: string } & { GITHUB_API_URL?: string | undefined };

export const openGitHubApp = (config: AppConfig, maxWaitS?: number): GitHubApp =>
  createGitHubApp({
    appId: config.GITHUB_APP_ID,
    privateKey: parseAppKey(config.GITHUB_APP_KEY),
    ...(config.GITHUB_API_URL && { apiUrl: config.GITHUB_API_URL }),
    ...(maxWaitS !== undefined && { maxWaitS }),
    log,
  });

/** Octokit's own message may be a page of HTML or JSON. */
const inWords = (error: unknown) =>
  statusOf(error) === undefined ? error : new Error(`${statusOf(error)} ${saidBy(error)}`, { cause: error });

/** What plan and Slack look at: with the read token, or with tokens for reading of the App's installations. */
export function openReading(config: z.infer<typeof GitHubReader>, maxWaitS?: number): GitHubReading {
  const patterns = parsePatterns(config.CODY_REPOS);
  const { GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL } = config;
  if (GITHUB_APP_ID && GITHUB_APP_KEY) {
    const app = openGitHubApp({ GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL }, maxWaitS);
    return {
      async inspect(repository, wish) {
        try {
          const ciPermission = wish.mayChangeCi && {
            ciPermission: (await app.mayChangeWorkflows(repository)) ? ("granted" as const) : ("missing" as const),
          };
          const options = { ...wish, patterns, ...ciPermission };
          return await inspectRepository(await app.readerOf(repository), repository, options);
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
  const token = config.GITHUB_READ_TOKEN ?? config.GITHUB_TOKEN;
  if (!token || GITHUB_APP_ID || GITHUB_APP_KEY)
    throw new Error(
      "This function is not configured:\nGITHUB_READ_TOKEN is missing, or both of GITHUB_APP_ID and GITHUB_APP_KEY",
    );
  // The scopes of the token that only reads say nothing about the one that pushes.
  const anotherPushes = config.GITHUB_READ_TOKEN ? { ciPermission: "unknown" as const } : {};
  const github = createGitHub({
    token,
    ...(GITHUB_API_URL && { apiUrl: GITHUB_API_URL }),
    ...(maxWaitS !== undefined && { maxWaitS }),
    log,
  });
  return {
    clientOf: async () => github,
    async inspect(repository, wish) {
      try {
        return await inspectRepository(github, repository, { ...wish, patterns, ...anotherPushes });
      } catch (error) {
        throw inWords(error);
      }
    },
    list: () => listRepositories(github, patterns),
  };
}
