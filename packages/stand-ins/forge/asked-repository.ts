import type { Context } from "hono";
import { findReached, forbidden, mayRead, mayWrite, type Permission } from "./access.ts";
import { ForgeError, isReadOnly, notFound } from "./api-error.ts";
import type { RestContext, RestDeps } from "./rest-context.ts";
import type { ForgeRepository } from "./state.ts";

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
