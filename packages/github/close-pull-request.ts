import type { PullRequest } from "../jobs/pull-request.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/**
 * Closes it if it is still open, says why under it, and deletes its branch: without a branch a request to open that was
 * on its way all the time opens nothing. One that is gone counts as closed. One that was merged keeps its branch.
 */
export async function closePullRequest(
  github: GitHub,
  repository: string,
  pullRequest: PullRequest,
  why: string,
): Promise<void> {
  const pull = { ...ownerAndRepo(repository), pull_number: pullRequest.number };
  try {
    const { data } = await github.rest.pulls.get(pull);
    if (data.merged_at) return;
    if (data.state === "open") {
      await github.rest.pulls.update({ ...pull, state: "closed" });
      await say(github, repository, pullRequest, why);
    }
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 410) return;
    throw error;
  }
  await deleteBranch(github, repository, pullRequest);
}

async function say(github: GitHub, repository: string, { number }: PullRequest, why: string) {
  try {
    await github.rest.issues.createComment({ ...ownerAndRepo(repository), issue_number: number, body: why });
  } catch (error) {
    // The words are a courtesy, whatever GitHub answers to them; that it is closed is the result.
    if (statusOf(error) === undefined) throw error;
  }
}

/** A branch that another person moved since stays. GitHub restores a deleted one at its pull request. */
async function deleteBranch(github: GitHub, repository: string, { branch, commit }: PullRequest) {
  const ref = { ...ownerAndRepo(repository), ref: `heads/${branch}` };
  try {
    const { data } = await github.rest.git.getRef(ref);
    if (data.object.sha === commit) await github.rest.git.deleteRef(ref);
  } catch (error) {
    // Gone already, or the repository's rules keep it: that the pull request is closed is the result.
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
  }
}
