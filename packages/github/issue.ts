import type { TokenAnswer } from "../jobs/execution.ts";
import { appRefusalOf, type GitHubApp, READING, WRITING, WRITING_CI } from "./app.ts";

/** Makes the token that Work holds: it reads one repository; for a round about a pull request that and its checks too. */
export const issueToRead =
  (app: GitHubApp) =>
  (repository: string, { looksAfter = false }: { looksAfter?: boolean | undefined } = {}) =>
    answer(repository, () => (looksAfter ? app.lookingTokenFor(repository) : app.tokenFor(repository, READING)));

/** Makes the token that Publish holds: it pushes to one repository and opens pull requests there. */
export const issueToWrite =
  (app: GitHubApp) =>
  (repository: string, { mayChangeCi = false }: { mayChangeCi?: boolean | undefined }) =>
    answer(repository, async () => ({
      ...(await app.tokenFor(repository, mayChangeCi ? WRITING_CI : WRITING)),
      login: await app.login(),
    }));

/** What GitHub refuses is an answer; anything else a retry may cure. */
async function answer(
  repository: string,
  make: () => Promise<{ token: string; expiresAt: string; login?: string }>,
): Promise<TokenAnswer> {
  try {
    return { ok: true, ...(await make()) };
  } catch (error) {
    const reason = appRefusalOf(error, repository);
    if (!reason) throw error;
    return { ok: false, reason };
  }
}
