import type { PullRequest } from "../jobs/pull-request.ts";
import type { PullRequestState } from "../jobs/pull-request-status.ts";
import { appRefusalOf } from "./app.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, statusOf } from "./errors.ts";
import { ownerAndRepo } from "./repositories.ts";

/**
 * How a pull request stands now. "unknown": GitHub does not show it to the token that asks. One that is not in a
 * repository which GitHub shows is not open there: pull requests are switched off, or another repository has the name.
 * What it throws may pass by itself.
 */
export async function pullRequestNow(
  clientOf: (repository: string) => Promise<GitHub>,
  repository: string,
  { number, nodeId }: Pick<PullRequest, "number" | "nodeId">,
): Promise<PullRequestState | "unknown"> {
  try {
    const github = await clientOf(repository);
    const at = ownerAndRepo(repository);
    try {
      const { data } = await github.rest.pulls.get({ ...at, pull_number: number });
      if (data.merged_at) return "merged";
      return data.state === "open" && (nodeId === undefined || nodeId === data.node_id) ? "open" : "closed";
    } catch (error) {
      if (statusOf(error) !== 404 && statusOf(error) !== 410) throw error;
      await github.rest.repos.get(at);
      return "closed";
    }
  } catch (error) {
    if (isTemporary(error) || (statusOf(error) !== 451 && !appRefusalOf(error, repository))) throw error;
    return "unknown";
  }
}
