import { type Context, Hono } from "hono";
import { z } from "zod";
import { commitAnswer } from "./answers/git-objects.ts";
import { pullRequestAnswer, pullRequestInList } from "./answers/pull-request.ts";
import { userAnswer } from "./answers/user.ts";
import { ForgeError, invalidField } from "./api-error.ts";
import { askedAbout, askedPullRequest, commentsOf } from "./asked-pull-request.ts";
import { repositoryOf, writableOf } from "./asked-repository.ts";
import { GITHUB_BODY_CHARS, readBody } from "./body.ts";
import { readCommit } from "./objects.ts";
import { page } from "./paging.ts";
import { compared, followHead, pullRequestDiff, pullRequestSize } from "./pull-request-git.ts";
import { branchTip } from "./refs.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { askGit } from "./run-git.ts";
import type { ForgePullRequest, ForgeRepository } from "./state.ts";

/** GitHub's own limits, from its 422 answers. */
const MAX_TITLE_CHARS = 256;

const Text = {
  title: z.string().min(1).max(MAX_TITLE_CHARS),
  body: z.string().max(GITHUB_BODY_CHARS).nullable(),
};
const NewPullRequest = z.object({
  title: Text.title,
  body: Text.body.default(null),
  head: z.string().min(1),
  base: z.string().min(1),
  draft: z.boolean().default(false),
});
const ReviewRequest = z.object({
  reviewers: z.array(z.string()).default([]),
  team_reviewers: z.array(z.string()).default([]),
});
const PullRequestChanges = z.object({ ...Text, state: z.enum(["open", "closed"]) }).partial();

export function pullRequestRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, repositories, addresses } = deps;
  const pullsOf = (repository: ForgeRepository) =>
    state.data.pullRequests.filter((pull) => pull.repositoryId === repository.id);
  const answer = async (c: Context<RestContext>, repository: ForgeRepository, pull: ForgePullRequest) =>
    pullRequestAnswer(askedAbout(deps, c, repository), pull, {
      ...(await pullRequestSize(repositories.folderOf(repository), pull)),
      comments: commentsOf(deps, repository, pull).length,
    });

  app.get("/repos/:owner/:name/pulls", async (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const { state: wanted = "open", head, base } = c.req.query();
    const [owner = ""] = repository.name.split("/");
    const listed = pullsOf(repository)
      .filter((pull) => wanted === "all" || pull.state === wanted)
      // GitHub ignores a head that does not name its owner, and then lists everything.
      .filter((pull) => !head?.includes(":") || head.toLowerCase() === `${owner}:${pull.headBranch}`.toLowerCase())
      .filter((pull) => !base || pull.baseBranch === base)
      .toReversed();
    const shown = page(c, `${addresses().apiUrl}/repos/${repository.name}/pulls`, listed);
    for (const pull of shown) await followHead(repositories.folderOf(repository), pull);
    return c.json(shown.map((pull) => pullRequestInList(askedAbout(deps, c, repository), pull)));
  });

  app.post("/repos/:owner/:name/pulls", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const request = await readBody(c, "PullRequest", NewPullRequest);
    const [owner = ""] = repository.name.split("/");
    const headBranch = request.head.startsWith(`${owner}:`) ? request.head.slice(owner.length + 1) : request.head;
    const bare = repositories.folderOf(repository);
    const [headSha, baseSha] = await Promise.all([branchTip(bare, headBranch), branchTip(bare, request.base)]);
    if (!headSha) throw invalidField("PullRequest", { field: "head", code: "invalid" });
    if (!baseSha) throw invalidField("PullRequest", { field: "base", code: "invalid" });
    if (request.draft && !repository.drafts) throw custom("Draft pull requests are not supported in this repository.");
    if ((await compared(bare, baseSha, headSha))?.ahead === 0)
      throw custom(`No commits between ${request.base} and ${headBranch}`);
    if (
      pullsOf(repository).some(
        (one) => one.state === "open" && one.headBranch === headBranch && one.baseBranch === request.base,
      )
    )
      throw custom(`A pull request already exists for ${owner}:${headBranch}.`);
    const now = new Date().toISOString();
    const pull: ForgePullRequest = {
      repositoryId: repository.id,
      number: pullsOf(repository).length + 1,
      title: request.title,
      body: request.body,
      author: c.get("token").login,
      headBranch,
      headSha,
      baseBranch: request.base,
      baseSha,
      draft: request.draft,
      state: "open",
      mergedAt: null,
      mergedBy: null,
      closedBy: null,
      autoMergeAt: null,
      autoMergeBy: null,
      autoMergeMethod: null,
      isQueued: false,
      mergeCommit: null,
      labels: [],
      reviewers: [],
      createdAt: now,
      updatedAt: now,
    };
    state.data.pullRequests.push(pull);
    state.save();
    return c.json(await answer(c, repository, pull), 201);
  });

  app.get("/repos/:owner/:name/pulls/:number", async (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    if (/\.diff\b/.test(c.req.header("accept") ?? "")) return c.text((await pullRequestDiff(bare, pull)).toString());
    return c.json(await answer(c, repository, pull));
  });

  app.get("/repos/:owner/:name/pulls/:number/commits", async (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    const shas = (await askGit(bare, ["rev-list", "--reverse", `${pull.baseSha}..${pull.headSha}`]))?.split("\n") ?? [];
    const commits = await Promise.all(shas.filter(Boolean).map((sha) => readCommit(bare, sha)));
    const shown = page(c, `${addresses().apiUrl}/repos/${repository.name}/pulls/${pull.number}/commits`, commits);
    return c.json(shown.map((one) => commitAnswer(addresses(), repository, one!)));
  });

  app.patch("/repos/:owner/:name/pulls/:number", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const changes = await readBody(c, "PullRequest", PullRequestChanges);
    Object.assign(pull, changes, { updatedAt: new Date().toISOString() });
    if (changes.state) pull.closedBy = changes.state === "closed" ? c.get("token").login : null;
    state.save();
    return c.json(await answer(c, repository, pull));
  });

  app.get("/repos/:owner/:name/pulls/:number/requested_reviewers", (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const { reviewers } = askedPullRequest(deps, c, repository);
    return c.json({ users: reviewers.map((login) => userAnswer(addresses(), login)), teams: [] });
  });
  app.post("/repos/:owner/:name/pulls/:number/requested_reviewers", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = askedPullRequest(deps, c, repository);
    const { reviewers, team_reviewers } = await readBody(c, "PullRequest", ReviewRequest);
    if (reviewers.includes(pull.author))
      throw new ForgeError(422, "Review cannot be requested from pull request author.");
    // The forge knows no teams.
    if (team_reviewers.length > 0 || reviewers.some((login) => (repository.people[login] ?? "none") === "none"))
      throw new ForgeError(
        422,
        "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.",
      );
    pull.reviewers = [...new Set([...pull.reviewers, ...reviewers])];
    state.save();
    return c.json(pullRequestInList(askedAbout(deps, c, repository), pull), 201);
  });

  return app;
}

const custom = (message: string) => invalidField("PullRequest", { code: "custom", message });
