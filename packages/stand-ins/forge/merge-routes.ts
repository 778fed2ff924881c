import { Hono } from "hono";
import { z } from "zod";
import type { ForgeActs } from "./acts.ts";
import type { Schema } from "./answers/user.ts";
import { notFound } from "./api-error.ts";
import { writableOf } from "./asked-repository.ts";
import { readBody } from "./body.ts";
import { mustBeMergeable } from "./may-merge.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { pullRequestOf } from "./state.ts";

const Request = z.object({
  sha: z.string().optional(),
  merge_method: z.enum(["merge", "squash", "rebase"]).default("merge"),
});

/** https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request */
export function mergeRoutes(deps: RestDeps & { acts: ForgeActs }) {
  const app = new Hono<RestContext>();
  app.put("/repos/:owner/:name/pulls/:number/merge", async (c) => {
    const repository = writableOf(deps, c, "contents");
    const pull = pullRequestOf(deps.state, repository, c.req.param("number"));
    if (!pull) throw notFound();
    const { sha, merge_method: method } = await readBody(c, "PullRequest", Request);
    await mustBeMergeable(deps, { repository, pull }, { sha, method });
    await deps.acts.merge({ repository, pull }, { by: c.get("token").login, method });
    return c.json({
      sha: pull.mergeCommit ?? "",
      merged: true,
      message: "Pull Request successfully merged",
    } satisfies Schema<"pull-request-merge-result">);
  });
  return app;
}
