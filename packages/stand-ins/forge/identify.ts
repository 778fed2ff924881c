import type { Context } from "hono";
import { isExpired } from "./access.ts";
import { ForgeError } from "./api-error.ts";
import type { Token } from "./credentials.ts";
import type { RestDeps } from "./rest-context.ts";

/** https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api: a user agent is required. */
export function secretOf(c: Context): string {
  if (!c.req.header("user-agent"))
    throw new ForgeError(
      403,
      "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
    );
  const [, secret] = /^(?:Bearer|token) (\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (!secret) throw new ForgeError(401, "Requires authentication");
  return secret;
}

type Known = Pick<RestDeps, "state" | "now">;

/** undefined: unknown, or expired. */
export const validToken = ({ state, now }: Known, secret: string): Token | undefined =>
  state.data.tokens.find((one) => one.token === secret && !isExpired(one, now()));

export function tokenOf(known: Known, secret: string): Token {
  const token = validToken(known, secret);
  if (!token) throw new ForgeError(401, "Bad credentials");
  return token;
}
