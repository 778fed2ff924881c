import type { PullRequest } from "../jobs/repo-run.ts";
import type { GitHub } from "./client.ts";
import { statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/** Closes it if it is still open, and says why under it. One that is gone counts as closed. Its branch stays. */
export async function closePullRequest(
  github: GitHub,
  repository: string,
  { number }: PullRequest,
  why: string,
): Promise<void> {
  const pull = { ...ownerAndRepo(repository), pull_number: number };
  try {
    const { data } = await github.rest.pulls.get(pull);
    if (data.state === "closed") return;
    await github.rest.pulls.update({ ...pull, state: "closed" });
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 410) return;
    throw error;
  }
  try {
    await github.rest.issues.createComment({ ...ownerAndRepo(repository), issue_number: number, body: why });
  } catch (error) {
    // The words are a courtesy, whatever GitHub answers to them; that it is closed is the result.
    if (statusOf(error) === undefined) throw error;
  }
}
