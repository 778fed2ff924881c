import type { components } from "@octokit/openapi-types";

/** A schema of GitHub's own description: every answer of the forge is held to one, with all its required fields. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type Addresses = { apiUrl: string; serverUrl: string };

export const nodeId = (kind: string, id: number | string) => Buffer.from(`${kind}:${id}`).toString("base64url");

export const userAnswer = (at: Addresses, login: string, type = login.endsWith("[bot]") ? "Bot" : "User") => {
  const url = `${at.apiUrl}/users/${login}`;
  const id = idOf(login);
  return {
    login,
    id,
    node_id: nodeId("User", id),
    avatar_url: `${at.serverUrl}/${login}.png`,
    gravatar_id: "",
    url,
    html_url: `${at.serverUrl}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: "public",
  } satisfies Schema<"simple-user">;
};

export const ownerAnswer = (at: Addresses, login: string) => userAnswer(at, login, "Organization");

/** Who asks, about themselves. */
export const selfAnswer = (at: Addresses, login: string) =>
  ({
    ...userAnswer(at, login),
    name: null,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: BEGINNING,
    updated_at: BEGINNING,
  }) satisfies Schema<"public-user">;

/** The time of what has none of its own here. */
export const BEGINNING = "2022-01-01T00:00:00Z";

const idOf = (login: string) => [...login].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
