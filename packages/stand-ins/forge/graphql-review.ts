import { z } from "zod";
import { REPLY_MUTATION, REVIEW_QUERY } from "../../github/review-query.ts";
import { forbidden, mayRead, mayWrite, reaches } from "./access.ts";
import { pullRequestPlace } from "./answers/pull-request-node.ts";
import { reviewNode, threadId } from "./answers/review-node.ts";
import { nodeId } from "./answers/user.ts";
import type { Token } from "./credentials.ts";
import type { RestDeps } from "./rest-context.ts";
import { judgementsOf } from "./standing.ts";
import { pullRequestOf } from "./state.ts";

const Asked = z.object({ id: z.string() });
const Reply = z.object({ thread: z.string(), body: z.string().min(1) });

const REPLIED = "addPullRequestReviewThreadReply";
const refusedAt = (field: string, type: string, message: string) => ({
  data: { [field]: null },
  errors: [{ type, path: [field], message }],
});
const noNode = (field: string, id: string) =>
  refusedAt(field, "NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);

/** What people wrote about a pull request, and a reply in a thread. undefined: it was asked something else. */
export function answerAboutReview(
  deps: Pick<RestDeps, "state" | "now">,
  token: Token,
  { query, variables }: { query: string; variables?: unknown },
): object | undefined {
  if (query === REVIEW_QUERY) return review(deps, token, Asked.parse(variables).id);
  return query === REPLY_MUTATION ? reply(deps, token, Reply.parse(variables)) : undefined;
}

function review({ state }: Pick<RestDeps, "state">, token: Token, id: string) {
  const found = pullRequestPlace(id);
  const repository = state.data.repositories.find((one) => one.id === found?.repositoryId && reaches(token, one));
  const pull = repository && found && pullRequestOf(state, repository, found.number);
  if (!repository || !pull) return noNode("node", id);
  if (!mayRead(token, "pull_requests")) return refusedAt("node", "FORBIDDEN", forbidden(token).message);
  const said = { ...judgementsOf(state, repository, pull), comments: state.data.comments };
  return { data: { node: reviewNode(repository, pull, said, token.login) } };
}

function reply({ state, now }: Pick<RestDeps, "state" | "now">, token: Token, asked: z.infer<typeof Reply>) {
  const found = state.data.threads.find((one) => threadId(one) === asked.thread);
  const repository = state.data.repositories.find((one) => one.id === found?.repositoryId && reaches(token, one));
  const pull = repository && found && pullRequestOf(state, repository, found.number);
  if (!pull) return noNode(REPLIED, asked.thread);
  if (!mayWrite(token, "pull_requests", repository)) return refusedAt(REPLIED, "FORBIDDEN", forbidden(token).message);
  const id = state.data.nextId++;
  found.comments.push({ id, author: token.login, body: asked.body });
  pull.updatedAt = new Date(now()).toISOString();
  state.save();
  return { data: { [REPLIED]: { comment: { id: nodeId("PullRequestReviewComment", id) } } } };
}
