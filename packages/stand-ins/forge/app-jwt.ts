import { verify } from "node:crypto";
import { ForgeError } from "./api-error.ts";
import type { ForgeApp } from "./credentials.ts";

const MAX_LIFE_S = 600;
/** GitHub's clock and ours may differ a little. */
const SKEW_S = 60;

/**
 * Refuses what GitHub refuses, in its words: an app proves itself by a JWT that its private key signed with RS256 and
 * that lives for ten minutes at most.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function checkJwt(jwt: string, app: ForgeApp | undefined, nowMs: number): void {
  const [head = "", body = "", signature = "", ...more] = jwt.split(".");
  const header = jsonOf(head);
  const { iss, iat, exp } = jsonOf(body);
  if (more.length > 0 || header.alg !== "RS256" || !app) throw undecodable();
  if (!verify("sha256", Buffer.from(`${head}.${body}`), app.publicKey, Buffer.from(signature, "base64url")))
    throw undecodable();
  if (`${iss}` !== `${app.id}`)
    throw new ForgeError(401, "'Issuer' claim ('iss') must be an Integer representing the app id");
  const nowS = nowMs / 1_000;
  if (!Number.isInteger(exp) || exp <= nowS)
    throw new ForgeError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (exp > nowS + MAX_LIFE_S + SKEW_S)
    throw new ForgeError(401, "'Expiration time' claim ('exp') is too far in the future");
  if (!Number.isInteger(iat) || iat > nowS + SKEW_S)
    throw new ForgeError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
}

type Claims = { alg?: string; iss?: string | number; iat: number; exp: number };

function jsonOf(part: string): Claims {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    throw undecodable();
  }
}

const undecodable = () => new ForgeError(401, "A JSON web token could not be decoded");
