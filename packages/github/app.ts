import { createAppAuth } from "@octokit/auth-app";
import { steadyNow } from "../clock/steady-clock.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import { createGitHub, type GitHub, type GitHubOptions } from "./client.ts";
import { isRateLimit, saidBy, statusOf } from "./errors.ts";
import { accessRefusalOf } from "./refusals.ts";
import { ownerAndRepo } from "./repositories.ts";

/** What a token may do, least first; GitHub adds `metadata: read` to every one. */
export const READING = { contents: "read", metadata: "read" } as const;
export const WRITING = { contents: "write", metadata: "read", pull_requests: "write" } as const;
/** For a look at the repository before a job; a token for Work cannot see pull requests. */
const LOOKING = { ...READING, pull_requests: "read" } as const;
/** For a job that may change what runs by itself. */
export const WRITING_CI = { ...WRITING, workflows: "write" } as const;
/** How checks stand, where the App's owner has granted that. */
export const CHECKS = { checks: "read", statuses: "read" } as const;
/** And what they printed. */
export const LOGS = { actions: "read" } as const;
export type Permissions = (typeof READING | typeof LOOKING | typeof WRITING | typeof WRITING_CI) &
  Partial<typeof CHECKS & typeof LOGS>;

type Granted = { [Name in "pull_requests" | keyof typeof CHECKS | keyof typeof LOGS]?: string };
type Installation = { id: number; permissions: Granted };
export type InstallationToken = { token: string; expiresAt: string };
export type GitHubApp = ReturnType<typeof createGitHubApp>;

/** The list of installations is kept for so long. */
const LISTED_MS = 10 * 60_000;
/** Installation tokens live for an hour; one is not begun with in its last minutes. */
const RENEW_BEFORE_MS = 10 * 60_000;

/** A GitHub App: makes tokens with its key. Its holder can write wherever the app is installed. */
export function createGitHubApp(
  options: Omit<GitHubOptions, "token" | "app"> & { appId: string; privateKey: string; now?: () => number },
) {
  const { appId, privateKey, now = steadyNow, ...client } = options;
  const github = createGitHub({ ...client, app: { authStrategy: createAppAuth, auth: { appId, privateKey } } });
  const readers = new Map<number, { github: GitHub; renewAt: number }>();
  let login: string | undefined;
  let listed: { all: Awaited<ReturnType<typeof installations>>; until: number } | undefined;

  async function mint(installation_id: number, permissions: Permissions, repositories?: string[]) {
    const { data, headers } = await github.rest.apps.createInstallationAccessToken({
      installation_id,
      permissions,
      ...(repositories && { repositories }),
    });
    // By GitHub's own clock: ours may be wrong, or be set back while the token is kept.
    const madeAt = headers.date === undefined ? now() : Date.parse(headers.date);
    return { token: data.token, expiresAt: data.expires_at, livesMs: Date.parse(data.expires_at) - madeAt };
  }

  async function reader({ id, permissions }: Installation): Promise<GitHub> {
    const kept = readers.get(id);
    if (kept && kept.renewAt > now()) return kept.github;
    const { token, livesMs } = await mint(id, mayLook(permissions));
    const fresh = createGitHub({ ...client, token });
    readers.set(id, { github: fresh, renewAt: now() + livesMs - RENEW_BEFORE_MS });
    return fresh;
  }

  async function installations() {
    const all = await github.paginate(github.rest.apps.listInstallations, { per_page: 100 });
    return all.filter((one) => !one.suspended_at);
  }

  const installed = async (repository: string) =>
    (await github.rest.apps.getRepoInstallation(ownerAndRepo(repository))).data;

  return {
    /** For one repository and nothing else. */
    async tokenFor(repository: string, permissions: Permissions): Promise<InstallationToken> {
      const { id } = await installed(repository);
      const { token, expiresAt } = await mint(id, permissions, [ownerAndRepo(repository).repo]);
      return { token, expiresAt };
    },

    /** For one repository, its pull requests, and what its owner has granted of their checks. */
    async lookingTokenFor(repository: string): Promise<InstallationToken> {
      const { id, permissions } = await installed(repository);
      const asked = { ...mayLook(permissions), ...(permissions.actions && LOGS) };
      const { token, expiresAt } = await mint(id, asked, [ownerAndRepo(repository).repo]);
      return { token, expiresAt };
    },

    /** Whether its owner has granted that, or accepted it since. */
    async mayChangeWorkflows(repository: string): Promise<boolean> {
      return (await installed(repository)).permissions.workflows === "write";
    },

    /** Reads what the installation that holds the repository reaches, so that a renamed one is recognised. */
    async readerOf(repository: string): Promise<GitHub> {
      return reader(await installed(repository));
    },

    /** One for every installation that is not suspended. */
    async readers(): Promise<GitHub[]> {
      return Promise.all((await installations()).map(reader));
    },

    /** Reads what the installation of this owner reaches. undefined: the App is not installed there. */
    async readerOfOwner(owner: string): Promise<GitHub | undefined> {
      if (!listed || listed.until <= now()) listed = { all: await installations(), until: now() + LISTED_MS };
      const theirs = listed.all.find((one) => loginOf(one).toLowerCase() === owner.toLowerCase());
      return theirs && reader(theirs);
    },

    /** The author of what the app does: `<slug>[bot]`. */
    async login(): Promise<string> {
      const { data } = login ? { data: undefined } : await github.rest.apps.getAuthenticated();
      if (data) login = `${data.slug}[bot]`;
      return login!;
    },
  };
}

const mayLook = ({ pull_requests, checks, statuses }: Granted): Permissions =>
  pull_requests
    ? { ...LOOKING, ...(checks && { checks: CHECKS.checks }), ...(statuses && { statuses: CHECKS.statuses }) }
    : READING;

/** A person or an organisation has a login, an enterprise has a slug in its place. */
const loginOf = ({ account }: { account: { login: string } | { slug: string } | null }) =>
  account === null ? "" : "login" in account ? account.login : account.slug;

/** Why the app cannot act on a repository; undefined for what is no answer about it. */
export function appRefusalOf(error: unknown, name: string): Reason | undefined {
  switch (statusOf(error)) {
    case 401:
      return because("github-app");
    case 403:
      if (isRateLimit(error)) return undefined;
      if (accessRefusalOf(error, name)) return accessRefusalOf(error, name);
      return because("app-suspended", name, saidBy(error));
    case 404:
      return because("app-not-installed", name);
    case 422:
      return because("app-permissions", name, saidBy(error));
    default:
      return undefined;
  }
}
