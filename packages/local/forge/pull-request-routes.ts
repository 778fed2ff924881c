import { Hono } from "hono";
import { z } from "zod";
import { pullRequestAnswer } from "./answers.ts";
import { invalid, notFound } from "./api-error.ts";
import { page } from "./paging.ts";
import { branchTip, repositoryOf, writableOf } from "./repository-routes.ts";
import type { RestContext, RestDeps } from "./rest.ts";
import { askGit, runGit } from "./run-git.ts";
import type { ForgePullRequest, ForgeRepository } from "./state.ts";

/** GitHub's own limits, from its 422 answers. */
const MAX_TITLE_CHARS = 256;
const MAX_BODY_CHARS = 65_536;

const Text = {
  title: z.string().min(1).max(MAX_TITLE_CHARS),
  body: z.string().max(MAX_BODY_CHARS).nullable(),
};
const NewPullRequest = z.object({
  title: Text.title,
  body: Text.body.default(null),
  head: z.string().min(1),
  base: z.string().min(1),
  draft: z.boolean().default(false),
});
const PullRequestChanges = z.object({ ...Text, state: z.enum(["open", "closed"]) }).partial();

export function pullRequestRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, repositories, addresses } = deps;
  const pullsOf = (repository: ForgeRepository) =>
    state.data.pullRequests.filter((pull) => pull.repositoryId === repository.id);
  const pullOf = (repository: ForgeRepository, number: string | undefined) => {
    const pull = pullsOf(repository).find((one) => `${one.number}` === number);
    if (!pull) throw notFound();
    return pull;
  };

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
    return c.json(shown.map((pull) => pullRequestAnswer(addresses(), repository, pull)));
  });

  app.post("/repos/:owner/:name/pulls", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const wish = parse(NewPullRequest, await c.req.json());
    const [owner = ""] = repository.name.split("/");
    const headBranch = wish.head.startsWith(`${owner}:`) ? wish.head.slice(owner.length + 1) : wish.head;
    const bare = repositories.folderOf(repository);
    const [headSha, baseSha] = await Promise.all([branchTip(bare, headBranch), branchTip(bare, wish.base)]);
    if (!headSha) throw invalid("PullRequest", { field: "head", code: "invalid" });
    if (!baseSha) throw invalid("PullRequest", { field: "base", code: "invalid" });
    if (wish.draft && !repository.drafts) throw custom("Draft pull requests are not supported in this repository.");
    if ((await askGit(bare, ["rev-list", "--count", `${baseSha}..${headSha}`])) === "0")
      throw custom(`No commits between ${wish.base} and ${headBranch}`);
    if (
      pullsOf(repository).some(
        (one) => one.state === "open" && one.headBranch === headBranch && one.baseBranch === wish.base,
      )
    )
      throw custom(`A pull request already exists for ${owner}:${headBranch}.`);
    const now = new Date().toISOString();
    const pull: ForgePullRequest = {
      repositoryId: repository.id,
      number: pullsOf(repository).length + 1,
      title: wish.title,
      body: wish.body,
      author: c.get("token").login,
      headBranch,
      headSha,
      baseBranch: wish.base,
      baseSha,
      draft: wish.draft,
      state: "open",
      mergedAt: null,
      labels: [],
      createdAt: now,
      updatedAt: now,
    };
    state.data.pullRequests.push(pull);
    state.save();
    return c.json(pullRequestAnswer(addresses(), repository, pull), 201);
  });

  app.get("/repos/:owner/:name/pulls/:number", async (c) => {
    const repository = repositoryOf(deps, c, "pull_requests");
    const pull = pullOf(repository, c.req.param("number"));
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    if (/\.diff\b/.test(c.req.header("accept") ?? "")) return c.text((await diffOf(bare, pull)).toString());
    return c.json({
      ...pullRequestAnswer(addresses(), repository, pull),
      merged: pull.mergedAt !== null,
      mergeable: await isMergeable(bare, pull),
    });
  });

  app.patch("/repos/:owner/:name/pulls/:number", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = pullOf(repository, c.req.param("number"));
    Object.assign(pull, parse(PullRequestChanges, await c.req.json()), { updatedAt: new Date().toISOString() });
    state.save();
    return c.json(pullRequestAnswer(addresses(), repository, pull));
  });

  app.post("/repos/:owner/:name/issues/:number/labels", async (c) => {
    const repository = writableOf(deps, c, "pull_requests");
    const pull = pullOf(repository, c.req.param("number"));
    const { labels } = parse(z.object({ labels: z.array(z.string().min(1).max(50)) }), await c.req.json());
    pull.labels = [...new Set([...pull.labels, ...labels])];
    state.save();
    return c.json(pull.labels.map((name) => ({ name })));
  });
  return app;
}

/** An open pull request follows its branch; a closed one keeps the commit that it ended with. */
export async function followHead(bare: string, pull: ForgePullRequest) {
  if (pull.state === "open") pull.headSha = (await branchTip(bare, pull.headBranch)) ?? pull.headSha;
}

export const diffOf = (bare: string, pull: ForgePullRequest) =>
  runGit(bare, ["diff", "--no-ext-diff", "--no-textconv", `${pull.baseSha}...${pull.headSha}`]);

async function isMergeable(bare: string, pull: ForgePullRequest) {
  if (pull.state === "closed") return null;
  const base = (await branchTip(bare, pull.baseBranch)) ?? pull.baseSha;
  return (await askGit(bare, ["merge-tree", "--write-tree", base, pull.headSha])) !== undefined;
}

const custom = (message: string) => invalid("PullRequest", { code: "custom", message });

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? "");
  if (issue?.code !== "too_big") throw invalid("PullRequest", { field, code: "missing_field" });
  throw custom(`${field} is too long (maximum is ${issue.maximum} characters)`);
}
