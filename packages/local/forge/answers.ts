import type { ForgePullRequest, ForgeRepository, Token } from "./state.ts";

/** The JSON of GitHub's REST API, as far as clients of ours (and a curious person) read it. Pure. */
export type Addresses = { apiUrl: string; serverUrl: string };

export const userAnswer = ({ apiUrl, serverUrl }: Addresses, login: string) => ({
  login,
  id: idOf(login),
  type: login.endsWith("[bot]") ? "Bot" : "User",
  url: `${apiUrl}/users/${login}`,
  html_url: `${serverUrl}/${login}`,
  site_admin: false,
});

export function repositoryAnswer(at: Addresses, repository: ForgeRepository, size: number, token: Token) {
  const [owner = "", name = ""] = repository.name.split("/");
  const push = repository.role === "write";
  return {
    id: repository.id,
    name,
    full_name: repository.name,
    owner: { ...userAnswer(at, owner), type: "Organization" },
    private: true,
    visibility: "private",
    description: repository.description || null,
    fork: false,
    archived: repository.archived,
    disabled: false,
    topics: repository.topics,
    language: repository.language,
    size,
    default_branch: repository.defaultBranch,
    url: `${at.apiUrl}/repos/${repository.name}`,
    html_url: `${at.serverUrl}/${repository.name}`,
    clone_url: `${at.serverUrl}/${repository.name}.git`,
    created_at: repository.createdAt,
    // An installation has permissions of its own kind; it is no person with a role.
    ...(!token.installation && {
      permissions: { admin: false, maintain: false, push, triage: push, pull: token.login !== "" },
    }),
  };
}

export function pullRequestAnswer(at: Addresses, repository: ForgeRepository, pull: ForgePullRequest) {
  const [owner = ""] = repository.name.split("/");
  const side = (ref: string, sha: string) => ({
    ref,
    sha,
    label: `${owner}:${ref}`,
    user: userAnswer(at, owner),
    repo: { id: repository.id, full_name: repository.name },
  });
  return {
    id: repository.id * 100_000 + pull.number,
    number: pull.number,
    state: pull.state,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: userAnswer(at, pull.author),
    labels: pull.labels.map((name) => ({ name })),
    head: side(pull.headBranch, pull.headSha),
    base: side(pull.baseBranch, pull.baseSha),
    url: `${at.apiUrl}/repos/${repository.name}/pulls/${pull.number}`,
    html_url: `${at.serverUrl}/${repository.name}/pull/${pull.number}`,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    merged_at: pull.mergedAt,
    closed_at: pull.state === "closed" ? pull.updatedAt : null,
  };
}

const idOf = (login: string) => [...login].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
