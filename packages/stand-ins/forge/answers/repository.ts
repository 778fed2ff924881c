import type { Token } from "../credentials.ts";
import type { ForgeRepository } from "../state.ts";
import type { CommitAnswer } from "./git-objects.ts";
import { type Addresses, nodeId, ownerAnswer, type Schema, userAnswer } from "./user.ts";

export const splitName = (repository: ForgeRepository) => repository.name.split("/") as [owner: string, name: string];

/** What lists and pull requests hold of a repository. */
export function repositoryAnswer(at: Addresses, repository: ForgeRepository, sizeKb: number, token: Token) {
  const [owner, name] = splitName(repository);
  const url = `${at.apiUrl}/repos/${repository.name}`;
  const web = `${at.serverUrl}/${repository.name}`;
  const push = repository.role === "write";
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name,
    full_name: repository.name,
    owner: ownerAnswer(at, owner),
    private: !repository.isPublic,
    visibility: repository.isPublic ? "public" : "private",
    html_url: web,
    description: repository.description || null,
    fork: false,
    url,
    ...addressesOf(url),
    git_url: `git://${new URL(at.serverUrl).host}/${repository.name}.git`,
    ssh_url: `git@${new URL(at.serverUrl).hostname}:${repository.name}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    license: null,
    topics: repository.topics,
    language: repository.language,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    size: sizeKb,
    default_branch: repository.defaultBranch,
    is_template: false,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: repository.archived,
    disabled: repository.disabled,
    created_at: repository.createdAt,
    pushed_at: repository.createdAt,
    updated_at: repository.createdAt,
    allow_forking: false,
    web_commit_signoff_required: false,
    // An installation has permissions of its own kind; it is no person with a role.
    ...(!token.installation && {
      permissions: { admin: false, maintain: false, push, triage: push, pull: token.login !== "" },
    }),
  } satisfies Schema<"repository"> & Schema<"minimal-repository">;
}

/** One repository asked for by its name. */
export const fullRepositoryAnswer = (at: Addresses, repository: ForgeRepository, sizeKb: number, token: Token) =>
  ({
    ...repositoryAnswer(at, repository, sizeKb, token),
    organization: ownerAnswer(at, splitName(repository)[0]),
    network_count: 0,
    subscribers_count: 0,
  }) satisfies Schema<"full-repository">;

const addressesOf = (url: string) => ({
  archive_url: `${url}/{archive_format}{/ref}`,
  assignees_url: `${url}/assignees{/user}`,
  blobs_url: `${url}/git/blobs{/sha}`,
  branches_url: `${url}/branches{/branch}`,
  collaborators_url: `${url}/collaborators{/collaborator}`,
  comments_url: `${url}/comments{/number}`,
  commits_url: `${url}/commits{/sha}`,
  compare_url: `${url}/compare/{base}...{head}`,
  contents_url: `${url}/contents/{+path}`,
  contributors_url: `${url}/contributors`,
  deployments_url: `${url}/deployments`,
  downloads_url: `${url}/downloads`,
  events_url: `${url}/events`,
  forks_url: `${url}/forks`,
  git_commits_url: `${url}/git/commits{/sha}`,
  git_refs_url: `${url}/git/refs{/sha}`,
  git_tags_url: `${url}/git/tags{/sha}`,
  hooks_url: `${url}/hooks`,
  issue_comment_url: `${url}/issues/comments{/number}`,
  issue_events_url: `${url}/issues/events{/number}`,
  issues_url: `${url}/issues{/number}`,
  keys_url: `${url}/keys{/key_id}`,
  labels_url: `${url}/labels{/name}`,
  languages_url: `${url}/languages`,
  merges_url: `${url}/merges`,
  milestones_url: `${url}/milestones{/number}`,
  notifications_url: `${url}/notifications{?since,all,participating}`,
  pulls_url: `${url}/pulls{/number}`,
  releases_url: `${url}/releases{/id}`,
  stargazers_url: `${url}/stargazers`,
  statuses_url: `${url}/statuses/{sha}`,
  subscribers_url: `${url}/subscribers`,
  subscription_url: `${url}/subscription`,
  tags_url: `${url}/tags`,
  teams_url: `${url}/teams`,
  trees_url: `${url}/git/trees{/sha}`,
});

export type Access = "admin" | "write" | "read" | "none";

/** What a person may do. https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user */
export const permissionAnswer = (at: Addresses, login: string, permission: Access) => {
  const push = permission === "admin" || permission === "write";
  return {
    permission,
    role_name: permission,
    user: {
      ...userAnswer(at, login),
      role_name: permission,
      permissions: {
        admin: permission === "admin",
        maintain: permission === "admin",
        push,
        triage: push,
        pull: permission !== "none",
      },
    },
  } satisfies Schema<"repository-collaborator-permission">;
};

export const shortBranchAnswer = (at: Addresses, repository: ForgeRepository, name: string, sha: string) =>
  ({
    name,
    commit: { sha, url: `${at.apiUrl}/repos/${repository.name}/commits/${sha}` },
    protected: name === repository.defaultBranch,
  }) satisfies Schema<"short-branch">;

export const branchAnswer = (at: Addresses, repository: ForgeRepository, name: string, commit: CommitAnswer) => {
  const url = `${at.apiUrl}/repos/${repository.name}/branches/${name}`;
  return {
    name,
    commit,
    _links: { self: url, html: `${at.serverUrl}/${repository.name}/tree/${name}` },
    protected: name === repository.defaultBranch,
    protection: { enabled: name === repository.defaultBranch },
    protection_url: `${url}/protection`,
  } satisfies Schema<"branch-with-protection">;
};
