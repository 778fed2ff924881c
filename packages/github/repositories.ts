import { isAllowed, type Patterns } from "../config/patterns.ts";
import { RepositoryName, sameRepository } from "../jobs/ids.ts";
import type { PullRequestState } from "../jobs/pull-request-status.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { GitHub } from "./client.ts";
import { isTemporary, statusOf } from "./errors.ts";
import { refusalOf } from "./refusals.ts";

/** GitHub asks to stay under 5 GB; a whole clone of 2 GB still fits beside a build into a task's 20 GB of disk. */
const MAX_SIZE_KB = 2 * 1024 * 1024;

export type InspectedRepository =
  | {
      ok: true;
      /** As GitHub spells it. */
      name: string;
      baseBranch: string;
      /** The tip of the base branch now: what this job works from. */
      baseCommit: string;
      /** The state of each that was asked about and may be seen, by number; one that is gone counts as closed. */
      pullRequests?: Record<number, PullRequestState>;
      ciPermission?: CiPermission;
      isPrivate?: true;
    }
  | { ok: false; reason: Reason };

/** Whether what pushes may change workflows. GitHub tells it of classic tokens and of Apps. */
type CiPermission = "granted" | "unknown";

export type InspectOptions = {
  baseBranch?: string;
  patterns?: Patterns;
  maxSizeKb?: number;
  pullRequests?: readonly number[];
  /** The job may change workflows. */
  mayChangeCi?: boolean;
  /** Where the token that asks is not the one that pushes, or is an App's: what is known from elsewhere. */
  ciPermission?: CiPermission | "missing";
};

/**
 * Everything that must hold before a job spends anything on a repository, and the commit to pin. Throws only what a
 * retry may cure.
 */
export async function inspectRepository(
  github: GitHub,
  name: string,
  options: InspectOptions = {},
): Promise<InspectedRepository> {
  const { patterns = [], maxSizeKb = MAX_SIZE_KB } = options;
  if (!RepositoryName.safeParse(name).success) return refuse(because("invalid-name", name));
  if (!isAllowed(patterns, name)) return refuse(because("not-allowed", name));
  try {
    const { data: repository, headers } = await github.rest.repos.get(ownerAndRepo(name));
    // Octokit follows the redirect of a former name: the patterns spoke about the old one, so the new one is not allowed.
    if (!sameRepository(repository.full_name, name)) return refuse(because("renamed", name, repository.full_name));
    if (repository.archived) return refuse(because("archived", repository.full_name));
    if (repository.disabled) return refuse(because("disabled", repository.full_name));
    if (repository.size > maxSizeKb)
      return refuse(because("too-large", repository.full_name, repository.size, maxSizeKb));
    const wanted = options.baseBranch ?? repository.default_branch;
    const branch = await findBranch(github, repository.full_name, wanted);
    if (branch === "empty") return refuse(because("empty", repository.full_name));
    if (branch === "missing") return refuse(because("base-branch-missing", repository.full_name, wanted));
    const ciPermission = options.mayChangeCi
      ? (options.ciPermission ?? ciPermissionBy(headers["x-oauth-scopes"]))
      : undefined;
    if (ciPermission === "missing") return refuse(because("workflow-permission", repository.full_name));
    const pullRequests = await statesOf(github, repository.full_name, options.pullRequests ?? []);
    return {
      ok: true,
      name: repository.full_name,
      baseBranch: branch.name,
      baseCommit: branch.commit.sha,
      ...(pullRequests && { pullRequests }),
      ...(ciPermission && { ciPermission }),
      ...(repository.private && { isPrivate: true }),
    };
  } catch (error) {
    const reason = refusalOf(error, name);
    if (reason) return refuse(reason);
    throw error;
  }
}

/** Scopes stand on every answer to a classic token; another kind has none there, or an empty list. */
const ciPermissionBy = (scopes: unknown) =>
  typeof scopes !== "string" || scopes.trim() === ""
    ? "unknown"
    : scopes.split(/,\s*/).includes("workflow")
      ? "granted"
      : "missing";

/** A token for contents alone may not look at pull requests: then nothing is known of them, and the job goes on. */
async function statesOf(github: GitHub, name: string, numbers: readonly number[]) {
  if (numbers.length === 0) return undefined;
  const states = await Promise.all(
    numbers.map(async (number) => {
      try {
        return [[number, await pullRequestState(github, name, number)] as const];
      } catch (error) {
        if (isTemporary(error) || statusOf(error) !== 403) throw error;
        return [];
      }
    }),
  );
  return Object.fromEntries(states.flat());
}

/** One that is gone, or in a repository without pull requests, counts as closed. */
export async function pullRequestState(github: GitHub, name: string, pull_number: number): Promise<PullRequestState> {
  try {
    const { data } = await github.rest.pulls.get({ ...ownerAndRepo(name), pull_number });
    return data.merged_at ? "merged" : data.state === "open" ? "open" : "closed";
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 410) return "closed";
    throw error;
  }
}

/** As GitHub has it now: what was private when a job began may be public once a person approves of its change. */
export const isPrivateNow = async (github: GitHub, name: string): Promise<boolean> =>
  (await github.rest.repos.get(ownerAndRepo(name))).data.private;

/**
 * The name of a branch by now: GitHub sends who asks for a former one to the new one. undefined: there is none. A pull
 * request that is open follows a rename, one that was merged keeps the old name.
 */
export async function branchNow(github: GitHub, name: string, branch: string): Promise<string | undefined> {
  try {
    return (await github.rest.repos.getBranch({ ...ownerAndRepo(name), branch })).data.name;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    return undefined;
  }
}

async function findBranch(github: GitHub, name: string, branch: string) {
  try {
    return (await github.rest.repos.getBranch({ ...ownerAndRepo(name), branch })).data;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    const { data: branches } = await github.rest.repos.listBranches({ ...ownerAndRepo(name), per_page: 1 });
    return branches.length === 0 ? "empty" : "missing";
  }
}

export function ownerAndRepo(name: string): { owner: string; repo: string } {
  const [owner = "", repo = ""] = name.split("/");
  return { owner, repo };
}

const refuse = (reason: Reason): InspectedRepository => ({ ok: false, reason });
