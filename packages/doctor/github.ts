import type { Environment } from "../config/zones.ts";
import { type Finding, good, reachService, warning, wrong } from "./finding.ts";

type Listed = { full_name: string; permissions?: { push?: boolean } };

/** Whether each token is known, reaches repositories, and may do what its zone asks of it. */
export async function checkGitHub(env: Environment): Promise<Finding[]> {
  const api = (env.GITHUB_API_URL || "https://api.github.com").replace(/\/$/, "");
  const zones: [string, boolean][] = [
    [env.GITHUB_READ_TOKEN ? "GITHUB_READ_TOKEN" : "GITHUB_TOKEN", false],
    [env.GITHUB_WRITE_TOKEN ? "GITHUB_WRITE_TOKEN" : "GITHUB_TOKEN", true],
  ];
  const found = await Promise.all(
    zones.map(([name, writes]) => (env[name] ? checkToken(api, name, env[name], writes) : [])),
  );
  return found.flat();
}

function checkToken(api: string, name: string, token: string, writes: boolean): Promise<Finding[]> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "user-agent": "cody-batch",
  };
  const ask = (path: string, check: (response: Response) => Promise<Finding[]>) =>
    reachService("GitHub", `${api}${path}`, { headers }, check);
  return ask("/user/repos?per_page=100", async (response) => {
    if (response.status === 401)
      return [
        wrong(
          "GitHub",
          `GitHub refuses ${name}: it is wrong, expired or revoked.`,
          `Make a new token and set ${name}.`,
        ),
      ];
    // An installation token has no user, and its repositories are listed elsewhere.
    if (response.status === 403)
      return ask("/installation/repositories?per_page=1", async (again) =>
        again.ok
          ? [good("GitHub", `${name} is an app's installation token.`)]
          : [
              wrong(
                "GitHub",
                `${name} may not list repositories: ${again.status}.`,
                "Give it access to repository metadata.",
              ),
            ],
      );
    if (!response.ok)
      return [
        wrong(
          "GitHub",
          `GitHub answers ${response.status} to ${name}.`,
          "Check GITHUB_API_URL; look at githubstatus.com.",
        ),
      ];
    const scopes = response.headers.get("x-oauth-scopes");
    if (scopes && !/\brepo\b|\bpublic_repo\b/.test(scopes))
      return [
        wrong(
          "GitHub",
          `${name} has the scopes ${scopes}, not repo.`,
          "Make a token that may reach repositories' contents.",
        ),
      ];
    const listed = (await response.json()) as Listed[];
    if (listed.length === 0)
      return [warning("GitHub", `${name} reaches no repository.`, "Give it access to those that Cody is to work on.")];
    if (writes && !listed.some(({ permissions }) => permissions?.push))
      return [
        wrong(
          "GitHub",
          `${name} can push to none of its repositories.`,
          "Give it write access to contents and pull requests.",
        ),
      ];
    if (writes && scopes && !/\bworkflow\b/.test(scopes))
      return [
        warning(
          "GitHub",
          `${name} lacks the scope workflow, so jobs that may change CI cannot publish changes of workflows.`,
          "Add the scope where that is wanted.",
        ),
      ];
    return [good("GitHub", `${name} reaches ${listed.length === 100 ? "100 or more" : listed.length} repositories.`)];
  });
}
