import type { GitHub } from "./client.ts";
import { statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

const KEPT_MS = 5 * 60_000;
const MAX_KEPT = 20_000;

/**
 * Whether a person may push to a repository: what Cody does in their name. GitHub answers 404 for a repository that
 * our token does not see and for a login that does not exist: neither may.
 * https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
 */
export async function mayPush(github: GitHub, repository: string, username: string): Promise<boolean> {
  try {
    const { data } = await github.rest.repos.getCollaboratorPermissionLevel({ ...ownerAndRepo(repository), username });
    return data.permission === "admin" || data.permission === "write";
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Answers are kept for five minutes; several who ask at once share one request. A failure is not kept. */
export function createRights(ask: (repository: string, login: string) => Promise<boolean>, now: () => number) {
  const kept = new Map<string, { answer: Promise<boolean>; at: number }>();
  return (repository: string, login: string): Promise<boolean> => {
    const key = `${login.toLowerCase()} ${repository.toLowerCase()}`;
    const found = kept.get(key);
    if (found && now() - found.at < KEPT_MS) return found.answer;
    if (kept.size >= MAX_KEPT) kept.clear();
    const answer = ask(repository, login);
    kept.set(key, { answer, at: now() });
    answer.catch(() => kept.delete(key));
    return answer;
  };
}
