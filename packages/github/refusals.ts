import type { Reason } from "../jobs/outcome.ts";
import { statusOf } from "./client.ts";

/** Why a repository cannot be worked on: found before any model spend, one line and a next step each. */
export const refusals = {
  invalidName: (name: string): Reason => ({
    code: "invalid-name",
    message: `"${name.slice(0, 140)}" is not a repository's name.`,
    nextStep: "Write it as owner/name, for example acme/orders.",
  }),
  notAllowed: (name: string): Reason => ({
    code: "not-allowed",
    message: `${name} is not among the repositories that Cody may work on here.`,
    nextStep: "Ask an administrator to add it to CODY_REPOS.",
  }),
  notFound: (name: string): Reason => ({
    code: "not-found",
    message: `${name} does not exist, or Cody's GitHub token may not see it.`,
    nextStep: "Check the spelling, or give the token access to it.",
  }),
  renamed: (name: string, current: string): Reason => ({
    code: "renamed",
    message: `${name} has moved to ${current}.`,
    nextStep: `Start again with ${current}.`,
  }),
  archived: (name: string): Reason => ({
    code: "archived",
    message: `${name} is archived, so it is read-only.`,
    nextStep: "Unarchive it on GitHub, or leave it out.",
  }),
  disabled: (name: string): Reason => ({
    code: "disabled",
    message: `GitHub has disabled ${name}.`,
    nextStep: "Ask the repository's owner what happened, or leave it out.",
  }),
  empty: (name: string): Reason => ({
    code: "empty",
    message: `${name} has no commits yet.`,
    nextStep: "Push a first commit, or leave it out.",
  }),
  tooLarge: (name: string, sizeKb: number, maxKb: number): Reason => ({
    code: "too-large",
    message: `${name} has ${gigabytes(sizeKb)} GB; Cody takes up to ${gigabytes(maxKb)} GB.`,
    nextStep: "Leave it out, or split it.",
  }),
  noBaseBranch: (name: string, branch: string): Reason => ({
    code: "base-branch-missing",
    message: `${name} has no branch ${branch}.`,
    nextStep: "Choose a branch that exists, or leave the base branch empty for the default one.",
  }),
  badToken: (): Reason => ({
    code: "github-token",
    message: "GitHub does not accept Cody's token: it is wrong, expired or revoked.",
    nextStep: "Ask an administrator to renew the GitHub token.",
  }),
  singleSignOn: (name: string): Reason => ({
    code: "single-sign-on",
    message: `The owner of ${name} requires single sign-on, and Cody's token is not authorised for it.`,
    nextStep: "Ask an administrator to authorise the token for that organisation on GitHub.",
  }),
  forbidden: (name: string, said: string): Reason => ({
    code: "no-permission",
    message: `GitHub does not let Cody's token read ${name}: ${said.slice(0, 200)}`,
    nextStep: "Give the token access to its contents.",
  }),
  unavailable: (name: string): Reason => ({
    code: "unavailable",
    message: `GitHub has blocked access to ${name}.`,
    nextStep: "Leave it out; GitHub shows the reason on the repository's page.",
  }),
};

/** undefined for what is no answer about this repository: rate limits, outages, bugs. The retry policy has those. */
export function refusalOf(error: unknown, name: string): Reason | undefined {
  switch (statusOf(error)) {
    case 401:
      return refusals.badToken();
    case 403:
      if (isRateLimit(error)) return undefined;
      return headerOf(error, "x-github-sso") ? refusals.singleSignOn(name) : refusals.forbidden(name, saidBy(error));
    case 404:
      return refusals.notFound(name);
    case 409:
      return refusals.empty(name);
    case 451:
      return refusals.unavailable(name);
    default:
      return undefined;
  }
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 too means a rate limit. */
export const isRateLimit = (error: unknown) =>
  headerOf(error, "x-ratelimit-remaining") === "0" ||
  headerOf(error, "retry-after") !== undefined ||
  /\brate limit\b/i.test(saidBy(error));

/** What GitHub said, without Octokit's link to the documentation behind it. */
export const saidBy = (error: unknown) => (error instanceof Error ? error.message.replace(/ - https:\S+$/, "") : "");

function headerOf(error: unknown, name: string): string | undefined {
  const response = (error as { response?: { headers?: Record<string, string | undefined> } }).response;
  return response?.headers?.[name];
}

const gigabytes = (kb: number) => (kb / 1024 / 1024).toFixed(1);
