import type { Config } from "../config/read.ts";
import { WRITING, WRITING_CI } from "./app.ts";
import { createGitHub, type GitHub, ourLogin } from "./client.ts";
import { openGitHubApp } from "./reading.ts";

type Options = { log: (line: string) => void; maxWaitS?: number; requestTimeoutMs?: number };
/** `ours`: the login that acts, where it is known. */
export type PublishAccess = { github: GitHub; ours: string | undefined };

/** GitHub with the rights of Publish, for one repository at a time: by the write token, or a token of the App. */
export function openPublishAccess(
  config: Config<"change-set">,
  options: Options,
): (repository: string, asked: { mayChangeCi?: boolean | undefined }) => Promise<PublishAccess> {
  const { GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL: apiUrl, GITHUB_WRITE_TOKEN: token = "" } = config;
  if (GITHUB_APP_ID && GITHUB_APP_KEY) {
    const app = openGitHubApp({ GITHUB_APP_ID, GITHUB_APP_KEY, GITHUB_API_URL: apiUrl }, options);
    return async (repository, { mayChangeCi = false }) => {
      const issued = await app.tokenFor(repository, mayChangeCi ? WRITING_CI : WRITING);
      return { github: createGitHub({ ...options, token: issued.token, apiUrl }), ours: await app.login() };
    };
  }
  const github = createGitHub({ ...options, token, apiUrl });
  let login: Promise<string | undefined> | undefined;
  return async () => {
    login ??= ourLogin(github).catch((error: unknown) => {
      login = undefined;
      throw error;
    });
    return { github, ours: await login };
  };
}
