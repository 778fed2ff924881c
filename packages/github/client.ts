import { createHash } from "node:crypto";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import { wellFormedJson } from "../text/well-formed.ts";
import { statusOf } from "./errors.ts";
import { limiters } from "./limiters.ts";
import { createWriteLimiter } from "./write-limiter.ts";

export type GitHub = Octokit;

/** Opaque: installation tokens are JWTs of some 520 characters since 2026, nothing may depend on a token's shape. */
type Identity =
  | { token: string; app?: never }
  /** Octokit's way to prove itself by an app's JWT; such a client can only ask what an app may ask. */
  | { token?: never; app: { authStrategy: unknown; auth: { appId: string; privateKey: string } } };

export type GitHubOptions = Identity & {
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  apiUrl?: string;
  /** Waits and retries, one line each. */
  log?: (line: string) => void;
  /** A rate limit that frees itself within this time is waited for; a longer one throws to the caller's retry policy. */
  maxWaitS?: number;
  requestTimeoutMs?: number;
  /** How often a call that GitHub failed at is repeated; absent: three times, within fourteen seconds. */
  retries?: number;
  /** It asks no one to write: its GraphQL queries, which are POST requests too, need not be spaced as writes are. */
  onlyReads?: boolean;
  /** Length of a second of waiting; tests make it short. */
  secondMs?: number;
};

/** 409 is how an empty repository answers; 403 and 429 belong to the throttling plugin, which knows when to come back. */
const NOT_RETRIED = [400, 401, 403, 404, 409, 410, 422, 429, 451];
const MAX_RATE_LIMIT_RETRIES = 2;

/** Octokit that retries what may be retried, waits for rate limits, and gives up on a silent server. */
export function createGitHub(options: GitHubOptions): GitHub {
  const { token, app, apiUrl, log = () => {}, maxWaitS = 60, requestTimeoutMs = 30_000, secondMs = 1_000 } = options;
  const { retries, onlyReads = false } = options;
  const waitFor =
    (kind: string) => (retryAfterS: number, request: { method: string; url: string }, _: unknown, count: number) => {
      const waits = count < MAX_RATE_LIMIT_RETRIES && retryAfterS <= maxWaitS;
      log(
        `GitHub ${kind} at ${request.method} ${request.url}: ${waits ? "waiting" : "giving up, it frees itself in"} ${retryAfterS} s`,
      );
      return waits;
    };
  // As errors Octokit logs every answer of 4xx, most of which are expected (no such branch): the caller gets them anyway.
  const toLog = { debug: () => {}, info: () => {}, warn: log, error: () => {} };
  return new (Octokit.plugin(retry, throttling))({
    ...(app ?? { auth: token }),
    ...(apiUrl && { baseUrl: apiUrl.replace(/\/$/, "") }),
    userAgent: "cody-batch",
    log: toLog,
    request: {
      log: toLog,
      fetch: (url: string, init: RequestInit) =>
        failuresTo(log, url, init.method, () =>
          fetch(url, {
            ...init,
            ...(typeof init.body === "string" && { body: wellFormedJson(init.body) }),
            signal: AbortSignal.any([AbortSignal.timeout(requestTimeoutMs), ...(init.signal ? [init.signal] : [])]),
          }),
        ),
    },
    retry: { doNotRetry: NOT_RETRIED, retryAfterBaseValue: secondMs, ...(retries !== undefined && { retries }) },
    throttle: {
      id: createHash("sha256")
        .update(token ?? `app ${app.auth.appId}`)
        .digest("hex"),
      ...limiters(),
      ...(!onlyReads && { write: createWriteLimiter(secondMs) }),
      notifications: createWriteLimiter(secondMs),
      retryAfterBaseValue: secondMs,
      onRateLimit: waitFor("rate limit"),
      onSecondaryRateLimit: waitFor("secondary rate limit"),
    },
  });
}

/** What GitHub itself failed at, a line each: it is retried, and no caller hears of it when it goes well in the end. */
async function failuresTo(log: (line: string) => void, url: string, method = "GET", ask: () => Promise<Response>) {
  const what = `${method} ${new URL(url).pathname}`;
  try {
    const answer = await ask();
    if (answer.status >= 500) log(`GitHub answered ${answer.status} to ${what}.`);
    return answer;
  } catch (error) {
    const { cause, message } = error as Error;
    log(`GitHub did not answer ${what}: ${cause instanceof Error ? cause.message : message}`);
    throw error;
  }
}

/** The login that our pull requests carry. undefined for an installation token, which may not ask: see `GitHubApp.login`. */
export async function ourLogin(github: GitHub): Promise<string | undefined> {
  try {
    return (await github.rest.users.getAuthenticated()).data.login;
  } catch (error) {
    if (statusOf(error) === 403) return undefined;
    throw error;
  }
}
