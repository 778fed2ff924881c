import { Hono } from "hono";
import { annotationAnswer, checkRunAnswer, combinedStatusAnswer } from "./answers/check.ts";
import { ForgeError, invalidField, notFound } from "./api-error.ts";
import { repositoryOf } from "./asked-repository.ts";
import { logAddress } from "./job-logs.ts";
import { readCommit } from "./objects.ts";
import { page } from "./paging.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import type { ForgeCheck, ForgeRepository } from "./state.ts";

/** What the checks of a commit came to, and what they say of it. */
export function checkRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, repositories, addresses } = deps;

  const ofRepository = ({ id }: ForgeRepository) => state.data.checks.filter((one) => one.repositoryId === id);
  async function checksOf(repository: ForgeRepository, ref: string, kind: ForgeCheck["kind"]) {
    const commit = await readCommit(repositories.folderOf(repository), ref);
    if (!commit)
      throw invalidField("Commit", { field: "sha", code: "invalid", message: `No commit found for SHA: ${ref}` });
    const { sha } = commit;
    return { sha, checks: ofRepository(repository).filter((one) => one.sha === sha && one.kind === kind) };
  }

  app.get("/repos/:owner/:name/commits/:ref/check-runs", async (c) => {
    const repository = repositoryOf(deps, c, "checks");
    const { checks } = await checksOf(repository, c.req.param("ref"), "run");
    const url = `${addresses().apiUrl}/repos/${repository.name}/commits/${c.req.param("ref")}/check-runs`;
    const check_runs = page(c, url, checks).map((check) => checkRunAnswer(addresses(), repository, check));
    return c.json({ total_count: checks.length, check_runs });
  });
  app.get("/repos/:owner/:name/commits/:ref/status", async (c) => {
    const repository = repositoryOf(deps, c, "statuses");
    const { sha, checks } = await checksOf(repository, c.req.param("ref"), "status");
    const url = `${addresses().apiUrl}/repos/${repository.name}/commits/${sha}/status`;
    const shown = { sha, all: checks, shown: page(c, url, checks) };
    return c.json(combinedStatusAnswer({ at: addresses(), repository, token: c.get("token") }, shown));
  });
  app.get("/repos/:owner/:name/check-runs/:id/annotations", (c) => {
    const repository = repositoryOf(deps, c, "checks");
    const check = ofRepository(repository).find(({ id }) => `${id}` === c.req.param("id"));
    if (!check) throw notFound();
    const url = `${addresses().apiUrl}/repos/${repository.name}/check-runs/${check.id}/annotations`;
    return c.json(page(c, url, check.annotations).map((one) => annotationAnswer(addresses(), repository, check, one)));
  });
  app.get("/repos/:owner/:name/actions/jobs/:id/logs", (c) => {
    const repository = repositoryOf(deps, c, "actions");
    const check = ofRepository(repository).find(({ id, log }) => log !== null && `${id}` === c.req.param("id"));
    if (!check) throw notFound();
    if (check.outcome === null) throw new ForgeError(404, "Not Found");
    return c.redirect(logAddress(addresses().serverUrl, check), 302);
  });
  return app;
}
