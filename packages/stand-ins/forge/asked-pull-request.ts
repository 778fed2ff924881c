import type { Context } from "hono";
import { notFound } from "./api-error.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { type ForgePullRequest, type ForgeRepository, pullRequestOf } from "./state.ts";

export function askedPullRequest({ state }: RestDeps, c: Context<RestContext>, repository: ForgeRepository) {
  const pull = pullRequestOf(state, repository, c.req.param("number"));
  if (!pull) throw notFound();
  return pull;
}

export const commentsOf = ({ state }: RestDeps, repository: ForgeRepository, pull: ForgePullRequest) =>
  state.data.comments.filter((one) => one.repositoryId === repository.id && one.issue === pull.number);

/** Who asks, where, about what: for what an answer may show. */
export const askedAbout = ({ addresses }: RestDeps, c: Context<RestContext>, repository: ForgeRepository) => ({
  at: addresses(),
  repository,
  token: c.get("token"),
});
