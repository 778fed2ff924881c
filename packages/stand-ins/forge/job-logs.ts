import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ForgeCheck, ForgeState } from "./state.ts";

const PATH = "/job-logs/";

export const isLogPath = (path: string) => path.startsWith(PATH);

/** Where the log of a job is fetched: on another host than the API, as on GitHub, and by a signature. */
export function logAddress(serverUrl: string, check: ForgeCheck): string {
  const url = new URL(`${PATH}${check.id}`, serverUrl);
  url.hostname = "localhost";
  url.searchParams.set("sig", signatureOf(check));
  return url.href;
}

const signatureOf = ({ id, sha, name }: ForgeCheck) =>
  createHash("sha256").update(`${id} ${sha} ${name}`).digest("hex");

/** The store behind it refuses a request that brings a token of the API along. */
export function sendLog({ data }: ForgeState, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const check = data.checks.find(({ id }) => url.pathname === `${PATH}${id}`);
  const isSigned = check !== undefined && url.searchParams.get("sig") === signatureOf(check);
  const [status, said] = request.headers.authorization
    ? [400, "Authentication information is not given in the correct format."]
    : isSigned
      ? [200, check.log ?? ""]
      : [403, "The signature did not match."];
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(said);
}
