import { Hono } from "hono";
import { forbidden } from "./access.ts";
import type { ForgeActs } from "./acts.ts";
import { selfAnswer } from "./answers/user.ts";
import { ForgeError, notFound } from "./api-error.ts";
import { checkJwt } from "./app-jwt.ts";
import { appRoutes } from "./app-routes.ts";
import { checkRoutes } from "./check-routes.ts";
import type { Token } from "./credentials.ts";
import { gitDataRoutes } from "./git-data-routes.ts";
import { createHourlyUse } from "./hourly-use.ts";
import { secretOf, tokenOf } from "./identify.ts";
import { issueRoutes } from "./issue-routes.ts";
import { mergeRoutes } from "./merge-routes.ts";
import { pullRequestRoutes } from "./pull-request-routes.ts";
import { repositoryRoutes } from "./repository-routes.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";

const HOURLY_LIMIT = 5_000;
/** Asked by the app itself, with a JWT; nothing else takes one. */
const APP_ROUTE = /^\/api\/v3\/(?:app(?:\/.*)?|repos\/[^/]+\/[^/]+\/installation)$/;

/** The part of GitHub's REST API that Octokit needs for our work, under `/api/v3` as on GitHub Enterprise Server. */
export function createRest(deps: RestDeps & { acts: ForgeActs }) {
  const use = createHourlyUse("core", deps.now);
  const app = new Hono<RestContext>().basePath("/api/v3");

  app.use(async (c, next) => {
    c.header("date", new Date(deps.now()).toUTCString());
    const secret = secretOf(c);
    const byApp = APP_ROUTE.test(c.req.path);
    if (byApp) checkJwt(secret, deps.state.data.app, deps.now());
    const token = byApp ? THE_APP : tokenOf(deps, secret);
    c.set("token", token);
    if (token.scopes) c.header("x-oauth-scopes", token.scopes.join(", "));
    const { headers, isOver } = use(token, 1, HOURLY_LIMIT);
    if (isOver) throw new ForgeError(403, "API rate limit exceeded for user.", { headers });
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    await next();
  });

  app.get("/user", (c) => {
    if (c.get("token").installation) throw forbidden(c.get("token"));
    return c.json(selfAnswer(deps.addresses(), c.get("token").login));
  });
  app.route("/", appRoutes(deps));
  // Before those of commits, whose names may hold slashes.
  app.route("/", checkRoutes(deps));
  app.route("/", repositoryRoutes(deps));
  app.route("/", gitDataRoutes(deps));
  app.route("/", pullRequestRoutes(deps));
  app.route("/", issueRoutes(deps));
  app.route("/", mergeRoutes(deps));

  // Where the redirect of a former name leads.
  app.all("/repositories/:id/*", (c) => {
    const found = deps.state.data.repositories.find(({ id }) => String(id) === c.req.param("id"));
    if (!found) throw notFound();
    const url = new URL(c.req.url);
    url.pathname = url.pathname.replace(/\/repositories\/\d+/, `/repos/${found.name}`);
    return app.fetch(new Request(url, c.req.raw), c.env);
  });

  // GitHub would say 404; here that would look like a repository out of reach and hide what the stand-in lacks.
  app.notFound((c) => {
    deps.log(`forge: no such endpoint here: ${c.req.method} ${c.req.path}`);
    return c.json({ message: `The forge stand-in does not have ${c.req.method} ${c.req.path}` }, 400);
  });
  app.onError((error, c) => {
    if (!(error instanceof ForgeError)) {
      deps.log(`forge: ${error.stack}`);
      return c.json({ message: "Server Error" }, 500);
    }
    deps.log(
      `forge: refused ${c.req.method} ${c.req.path}: ${error.status} ${error.message} ${JSON.stringify(error.details.errors ?? "")}`,
    );
    for (const [name, value] of Object.entries(error.details.headers ?? {})) c.header(name, value);
    const { errors } = error.details;
    const documentation_url = "https://docs.github.com/rest";
    return c.json(
      { message: error.message, ...(errors && { errors }), documentation_url, status: `${error.status}` },
      error.status,
    );
  });
  return app;
}

const THE_APP: Token = { token: "app", login: "app", scope: "read" };
