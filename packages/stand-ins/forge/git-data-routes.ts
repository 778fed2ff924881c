import { Hono } from "hono";
import { z } from "zod";
import { blobAnswer, gitCommitAnswer, refAnswer, treeAnswer } from "./answers/git-objects.ts";
import { ForgeError, notFound } from "./api-error.ts";
import { repositoryOf, writableOf } from "./asked-repository.ts";
import { readBody } from "./body.ts";
import { writeCommit } from "./merge.ts";
import { readCommit, readObject, readTree } from "./objects.ts";
import { branchTip } from "./refs.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import { askGit, runGit } from "./run-git.ts";

const NewCommit = z.object({ message: z.string().min(1), tree: z.string(), parents: z.array(z.string()).default([]) });

/** What git stores, object by object: commits, trees, blobs and refs. */
export function gitDataRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, repositories, addresses } = deps;

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
    const found = await readTree(bare, tree);
    if (!found) throw new ForgeError(422, "Tree SHA does not exist");
    const known = await Promise.all(parents.map((parent) => readCommit(bare, parent)));
    const shas = known.flatMap((parent) => parent?.sha ?? []);
    if (shas.length < parents.length) throw new ForgeError(422, "Parent SHA does not exist or is not a commit");
    const made = await readCommit(bare, writeCommit(bare, { message, tree: found.sha, parents: shas }));
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
