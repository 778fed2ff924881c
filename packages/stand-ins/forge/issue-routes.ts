import { Hono } from "hono";
import { z } from "zod";
import { commentAnswer, labelAnswer } from "./answers/pull-request.ts";
import { askedAbout, askedPullRequest, commentsOf } from "./asked-pull-request.ts";
import { repositoryOf, writableOf } from "./asked-repository.ts";
import { GITHUB_BODY_CHARS, readBody } from "./body.ts";
import { page } from "./paging.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";

/** What a pull request has because it is an issue too: labels and comments. */
export function issueRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, addresses } = deps;

  app.post("/repos/:owner/:name/issues/:number/labels", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const { labels } = await readBody(c, "Label", z.object({ labels: z.array(z.string().min(1).max(50)) }));
    pull.labels = [...new Set([...pull.labels, ...labels])];
    state.save();
    return c.json(pull.labels.map((name) => labelAnswer(askedAbout(deps, c, repository), name)));
  });

  app.get("/repos/:owner/:name/issues/:number/comments", (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const all = commentsOf(deps, repository, pull);
    const shown = page(c, `${addresses().apiUrl}/repos/${repository.name}/issues/${pull.number}/comments`, all);
    return c.json(shown.map((comment) => commentAnswer(askedAbout(deps, c, repository), comment)));
  });
  app.post("/repos/:owner/:name/issues/:number/comments", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const { body } = await readBody(c, "IssueComment", z.object({ body: z.string().min(1).max(GITHUB_BODY_CHARS) }));
    const comment = {
      id: state.data.comments.length + 1,
      repositoryId: repository.id,
      issue: pull.number,
      author: c.get("token").login,
      body,
      createdAt: new Date().toISOString(),
    };
    state.data.comments.push(comment);
    pull.updatedAt = comment.createdAt;
    state.save();
    return c.json(commentAnswer(askedAbout(deps, c, repository), comment), 201);
  });
  return app;
}
