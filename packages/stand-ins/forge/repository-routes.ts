import { type Context, Hono } from "hono";
import { z } from "zod";
import { findReached, forbidden, mayRead, mayWrite, type Permission, reaches } from "./access.ts";
import { blobAnswer, commitAnswer, gitCommitAnswer, refAnswer, treeAnswer } from "./answers/git-objects.ts";
import {
  type Access,
  branchAnswer,
  fullRepositoryAnswer,
  permissionAnswer,
  repositoryAnswer,
  shortBranchAnswer,
} from "./answers/repository.ts";
import { ForgeError, invalidField, isReadOnly, notFound } from "./api-error.ts";
import { readBody } from "./body.ts";
import { writeCommit } from "./merge.ts";
import { readCommit, readObject, readTree } from "./objects.ts";
import { page } from "./paging.ts";
import { branchTip } from "./refs.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { askGit, runGit } from "./run-git.ts";
import { sizeKbOf } from "./size.ts";
import type { ForgeRepository } from "./state.ts";

/** Repositories, branches, commits and refs. */
const NewCommit = z.object({ message: z.string().min(1), tree: z.string(), parents: z.array(z.string()).default([]) });

export function repositoryRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, repositories, addresses } = deps;

  const sizeOf = (repository: ForgeRepository) => sizeKbOf(repositories.folderOf(repository), repository);
  const inList = (c: Context<RestContext>, repository: ForgeRepository) =>
    repositoryAnswer(addresses(), repository, sizeOf(repository), c.get("token"));
  const answer = (c: Context<RestContext>, repository: ForgeRepository) =>
    fullRepositoryAnswer(addresses(), repository, sizeOf(repository), c.get("token"));

  const reached = (c: Context<RestContext>) => state.data.repositories.filter((one) => reaches(c.get("token"), one));

  app.get("/user/repos", (c) => {
    if (c.get("token").installation) throw forbidden(c.get("token"));
    const shown = page(c, `${addresses().apiUrl}/user/repos`, reached(c));
    return c.json(shown.map((one) => inList(c, one)));
  });
  app.get("/installation/repositories", (c) => {
    if (!c.get("token").installation)
      throw new ForgeError(403, "You must authenticate with an installation access token.");
    const all = reached(c);
    const shown = page(c, `${addresses().apiUrl}/installation/repositories`, all);
    const repositories = shown.map((one) => inList(c, one));
    return c.json({ total_count: all.length, repository_selection: "selected", repositories });
  });

  app.get("/repos/:owner/:name", (c) => c.json(answer(c, repositoryOf(deps, c))));
  app.get("/repositories/:id", (c) => {
    const found = reached(c).find((one) => `${one.id}` === c.req.param("id"));
    if (!found) throw notFound();
    return c.json(answer(c, found));
  });
  app.get("/repos/:owner/:name/topics", (c) => c.json({ names: repositoryOf(deps, c).topics }));

  app.get("/repos/:owner/:name/branches", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const lines = await runGit(repositories.folderOf(repository), [
      "for-each-ref",
      "--format=%(refname:lstrip=2) %(objectname)",
      "refs/heads",
    ]);
    const branches = lines
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => shortBranchAnswer(addresses(), repository, ...(line.split(" ") as [string, string])));
    return c.json(page(c, `${addresses().apiUrl}/repos/${repository.name}/branches`, branches));
  });
  app.get("/repos/:owner/:name/branches/:branch{.+}", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const branch = c.req.param("branch");
    const bare = repositories.folderOf(repository);
    const sha = await branchTip(bare, branch);
    const now = repository.formerBranches[branch];
    if (!sha && now !== undefined) {
      const location = `${addresses().apiUrl}/repos/${repository.name}/branches/${now}`;
      throw new ForgeError(301, "Moved Permanently", { headers: { location } });
    }
    const commit = sha && (await readCommit(bare, sha));
    if (!commit) throw new ForgeError(404, "Branch not found");
    return c.json(branchAnswer(addresses(), repository, branch, commitAnswer(addresses(), repository, commit)));
  });

  app.get("/repos/:owner/:name/commits/:ref{.+}", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const commit = await readCommit(bare, c.req.param("ref"));
    if (!commit && !(await askGit(bare, ["rev-list", "--max-count=1", "--all"])))
      throw new ForgeError(409, "Git Repository is empty.");
    if (!commit)
      throw invalidField("Commit", {
        field: "sha",
        code: "invalid",
        message: `No commit found for SHA: ${c.req.param("ref")}`,
      });
    return c.json(commitAnswer(addresses(), repository, commit));
  });

  app.get("/repos/:owner/:name/git/commits/:sha", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const commit = await readCommit(repositories.folderOf(repository), c.req.param("sha"));
    if (!commit) throw notFound();
    return c.json(gitCommitAnswer(addresses(), repository, commit));
  });
  app.post("/repos/:owner/:name/git/commits", async (c) => {
    const repository = writableOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const { message, tree, parents } = await readBody(c, "Commit", NewCommit);
    if (!(await readTree(bare, tree))) throw new ForgeError(422, "Tree SHA does not exist");
    for (const parent of parents)
      if (!(await readCommit(bare, parent))) throw new ForgeError(422, "Parent SHA does not exist or is not a commit");
    const made = await readCommit(bare, await writeCommit(bare, { message, tree, parents }));
    return c.json(gitCommitAnswer(addresses(), repository, made!), 201);
  });

  app.get("/repos/:owner/:name/git/trees/:sha", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const tree = await readTree(bare, c.req.param("sha"));
    if (!tree) throw notFound();
    return c.json(treeAnswer(addresses(), repository, tree.sha, tree.entries));
  });
  app.get("/repos/:owner/:name/git/blobs/:sha", async (c) => {
    const repository = repositoryOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const blob = await readObject(bare, "blob", c.req.param("sha"));
    if (!blob) throw notFound();
    return c.json(blobAnswer(addresses(), repository, blob.sha, blob.bytes));
  });

  app.get("/repos/:owner/:name/collaborators/:login/permission", (c) => {
    const repository = repositoryOf(deps, c);
    const login = c.req.param("login");
    const permission: Access = repository.people[login] ?? repository.role;
    return c.json(permissionAnswer(addresses(), login, permission));
  });

  app.get("/repos/:owner/:name/git/ref/:ref{.+}", async (c) => {
    const ref = `refs/${c.req.param("ref")}`;
    const repository = repositoryOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const [, branch] = /^refs\/heads\/(.+)$/.exec(ref) ?? [];
    const sha = await (branch ? branchTip(bare, branch) : askGit(bare, ["rev-parse", "--verify", "--quiet", ref]));
    if (!sha) throw notFound();
    return c.json(refAnswer(addresses(), repository, ref, sha));
  });
  app.post("/repos/:owner/:name/git/refs", async (c) => {
    const repository = writableOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const { ref, sha } = await readBody(c, "Reference", z.object({ ref: z.string(), sha: z.string() }));
    if (!/^refs\/(heads|tags)\/./.test(ref))
      throw new ForgeError(422, "Reference name must start with 'refs/heads/' or 'refs/tags/'.");
    if (!(await askGit(bare, ["cat-file", "-e", `${sha}^{commit}`]).then((said) => said !== undefined)))
      throw new ForgeError(422, "Object does not exist");
    const created = await askGit(bare, ["update-ref", ref, sha, "0".repeat(40)]);
    if (created === undefined) throw new ForgeError(422, "Reference already exists");
    return c.json(refAnswer(addresses(), repository, ref, sha), 201);
  });
  app.delete("/repos/:owner/:name/git/refs/:ref{.+}", async (c) => {
    const repository = writableOf(deps, c, "contents");
    const bare = repositories.folderOf(repository);
    const ref = `refs/${c.req.param("ref")}`;
    const sha = await askGit(bare, ["rev-parse", "--verify", "--quiet", ref]);
    if (!sha) throw new ForgeError(422, "Reference does not exist");
    if (ref === `refs/heads/${repository.defaultBranch}`) throw new ForgeError(422, "Cannot delete the default branch");
    await runGit(bare, ["update-ref", "-d", ref, sha]);
    // GitHub closes the open pull requests of a branch that goes.
    for (const pull of state.data.pullRequests)
      if (pull.repositoryId === repository.id && pull.state === "open" && ref === `refs/heads/${pull.headBranch}`)
        pull.state = "closed";
    state.save();
    return c.body(null, 204);
  });
  return app;
}

/**
 * 404 for what is out of reach; a redirect for a former name, as GitHub does it: to the repository's number, by 301 or,
 * where a body must go along, by 307.
 */
export function repositoryOf(
  { state, addresses }: RestDeps,
  c: Context<RestContext>,
  permission?: Permission,
): ForgeRepository {
  const name = `${c.req.param("owner")}/${c.req.param("name")}`;
  const found = findReached(state.data.repositories, c.get("token"), name);
  if (!found) throw notFound();
  if (permission && !mayRead(c.get("token"), permission)) throw forbidden(c.get("token"));
  if (!found.renamed) return found.repository;
  const [, , , , , , ...rest] = c.req.path.split("/");
  const url = [`${addresses().apiUrl}/repositories/${found.repository.id}`, ...rest].join("/");
  const headers = { location: url };
  throw c.req.method === "GET"
    ? new ForgeError(301, "Moved Permanently", { headers })
    : new ForgeError(307, "Temporary Redirect", { headers });
}

export function writableOf(deps: RestDeps, c: Context<RestContext>, permission: Permission): ForgeRepository {
  const repository = repositoryOf(deps, c);
  if (!mayWrite(c.get("token"), permission, repository)) throw forbidden(c.get("token"));
  if (repository.archived) throw isReadOnly();
  return repository;
}
