import { because } from "../jobs/reasons.ts";
import { nameOfAsk, type SetAsk } from "../jobs/set-ask.ts";
import type { GitHub } from "./client.ts";
import { closePullRequest } from "./close-pull-request.ts";
import { isTemporary, saidBy, statusOf } from "./errors.ts";
import { codeSpan } from "./inert-markdown.ts";
import type { AskOutcome } from "./merge-asked.ts";
import { ownerAndRepo } from "./repositories.ts";

/** `namesPeople`: those who see the pull request are those who may know who asked. */
export async function closeAsked(
  github: GitHub,
  ask: SetAsk,
  { namesPeople }: { namesPeople: boolean },
): Promise<AskOutcome> {
  const { repository, number, branch, head, url, jobId, login } = ask;
  try {
    const { data: pull } = await github.rest.pulls.get({ ...ownerAndRepo(repository), pull_number: number });
    // The name of a repository that was renamed may be another one's by now.
    if (pull.node_id !== ask.nodeId) return { state: "lapsed", reason: because("ask-another", nameOfAsk(ask)) };
    if (pull.merged_at) return { state: "lapsed", reason: because("close-merged", nameOfAsk(ask)) };
    const who = namesPeople && login !== undefined ? `${codeSpan(login, 100)} asked for it` : "A person asked for it";
    const why = `Closed with the other pull requests of job ${codeSpan(jobId, 40)}. ${who} in Slack.`;
    await closePullRequest(github, repository, { number, url, branch, commit: head, draft: false }, why);
    return { state: "done" };
  } catch (error) {
    if (statusOf(error) === undefined || isTemporary(error)) throw error;
    return { state: "lapsed", reason: because("close-refused", nameOfAsk(ask), saidBy(error)) };
  }
}
