import { type Context, Hono } from "hono";
import { forbidden, reaches } from "./access.ts";
import { commitAnswer } from "./answers/git-objects.ts";
import {
  type Access,
  branchAnswer,
  fullRepositoryAnswer,
  permissionAnswer,
  repositoryAnswer,
  shortBranchAnswer,
} from "./answers/repository.ts";
import { ForgeError, invalidField, notFound } from "./api-error.ts";
import { repositoryOf } from "./asked-repository.ts";
import { readCommit } from "./objects.ts";
import { page } from "./paging.ts";
import { branchTip } from "./refs.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { askGit, runGit } from "./run-git.ts";
import { sizeKbOf } from "./size.ts";
import type { ForgeRepository } from "./state.ts";

/** Repositories, their branches and commits, and who may do what there. */
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

  app.get("/repos/:owner/:name/collaborators/:login/permission", (c) => {
    const repository = repositoryOf(deps, c);
    const login = c.req.param("login");
    const permission: Access = repository.people[login] ?? repository.role;
    return c.json(permissionAnswer(addresses(), login, permission));
  });

  return app;
}
