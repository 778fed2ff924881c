import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { covers, findReached } from "./access.ts";
import { appAnswer, installationAnswer, tokenAnswer } from "./answers/app.ts";
import { repositoryAnswer } from "./answers/repository.ts";
import { ForgeError, notFound } from "./api-error.ts";
import { jsonOf } from "./body.ts";
import { AppPermissions, type ForgeInstallation, type Token } from "./credentials.ts";
import { page } from "./paging.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import type { ForgeRepository } from "./state.ts";

const TOKEN_LIFE_MS = 3_600_000;

const TokenRequest = z.strictObject({
  repositories: z.array(z.string()).min(1).max(500).optional(),
  repository_ids: z.array(z.number().int()).min(1).max(500).optional(),
  permissions: AppPermissions.optional(),
});

/** What an app asks with its JWT. `createRest` has checked it: every caller here is the app. */
export function appRoutes(deps: RestDeps) {
  const app = new Hono<RestContext>();
  const { state, addresses, now } = deps;
  const theApp = () => state.data.app!;
  const inReach = (installation: ForgeInstallation) =>
    state.data.repositories.filter((one) => one.role !== "none" && covers(installation, one));

  const grantedTo = (installation: ForgeInstallation) => installation.permissions ?? theApp().permissions;
  const answerOf = (installation: ForgeInstallation) =>
    installationAnswer(addresses(), theApp(), installation, grantedTo(installation));

  app.get("/app", (c) => c.json(appAnswer(addresses(), theApp())));
  app.get("/app/installations", (c) =>
    c.json(page(c, `${addresses().apiUrl}/app/installations`, theApp().installations).map(answerOf)),
  );
  app.get("/repos/:owner/:name/installation", (c) => {
    const name = `${c.req.param("owner")}/${c.req.param("name")}`;
    const found = findReached(state.data.repositories, NOBODY, name);
    const installation = found && theApp().installations.find((one) => covers(one, found.repository));
    if (!installation) throw notFound();
    return c.json(answerOf(installation));
  });

  app.post("/app/installations/:id/access_tokens", async (c) => {
    const installation = theApp().installations.find(({ id }) => `${id}` === c.req.param("id"));
    if (!installation) throw notFound();
    if (installation.suspendedAt) throw new ForgeError(403, "This installation has been suspended");
    const parsed = TokenRequest.safeParse(await jsonOf(c));
    if (!parsed.success) throw new ForgeError(422, "Invalid request. Nothing here takes what was sent.");
    const granted = grantedTo(installation);
    const { permissions = granted, ...request } = parsed.data;
    if (!isWithin(granted, permissions))
      throw new ForgeError(422, "The permissions requested are not granted to this installation.");
    const chosen = choose(inReach(installation), request);
    const token = {
      token: newToken(theApp().id),
      login: `${theApp().slug}[bot]`,
      scope: permissions.contents === "write" ? ("write" as const) : ("read" as const),
      installation: {
        id: installation.id,
        account: installation.account,
        repositoryIds: chosen?.map(({ id }) => id) ?? installation.repositoryIds,
        permissions: { metadata: "read" as const, ...permissions },
        expiresAt: new Date(now() + TOKEN_LIFE_MS).toISOString(),
      },
    };
    state.data.tokens.push(token);
    state.save();
    const repositories = chosen?.map((one) => repositoryAnswer(addresses(), one, 0, token));
    return c.json(tokenAnswer(token, repositories), 201);
  });
  return app;
}

const isWithin = (granted: AppPermissions, wanted: AppPermissions) =>
  Object.entries(wanted).every(([name, level]) => {
    const most = granted[name as keyof AppPermissions];
    return most === "write" || most === level;
  });

function choose(reachable: ForgeRepository[], { repositories, repository_ids }: z.infer<typeof TokenRequest>) {
  if (!repositories && !repository_ids) return undefined;
  const nameOf = ({ name }: ForgeRepository) => name.split("/")[1]!.toLowerCase();
  const chosen = [
    ...(repositories ?? []).map((wanted) => reachable.find((one) => nameOf(one) === wanted.toLowerCase())),
    ...(repository_ids ?? []).map((wanted) => reachable.find(({ id }) => id === wanted)),
  ];
  if (chosen.includes(undefined))
    throw new ForgeError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  return chosen.filter((one) => one !== undefined);
}

/** As GitHub makes them since 2026: nothing may depend on a token's shape. */
const newToken = (appId: number) => {
  const part = (bytes: number) => randomBytes(bytes).toString("base64url");
  return `ghs_${appId}_ey${part(24)}.ey${part(240)}.${part(64)}`;
};

/** Finds by name alone. */
const NOBODY: Token = { token: "", login: "", scope: "read" };
