import { createAppAuth } from "@octokit/auth-app";
import { parseAppKey } from "../config/app-key.ts";
import { isAllowed, type Patterns, parsePatterns } from "../config/patterns.ts";
import type { Environment } from "../config/zones.ts";
import { CHECKS, LOGS, WRITING } from "../github/app.ts";
import { createGitHub, type GitHub } from "../github/client.ts";
import { saidBy, statusOf } from "../github/errors.ts";
import { clip } from "../text/cut.ts";
import { listed } from "../text/lists.ts";
import { type Finding, good, isPassing, passing, TIMEOUT_MS, warning, wrong } from "./finding.ts";

const ABOUT = "GitHub App";
/** Beyond this GitHub refuses what was signed here, and Octokit has to sign it again. */
const SKEW_S = 60;
/** Exact names of CODY_REPOS that are asked for one by one. */
const MAX_NAMES = 25;

type Granted = Record<string, string | undefined>;
type Installation = { account: string; permissions: Granted; suspended: boolean };

/** Signs in as the app, and looks whether it may do what Publish needs wherever CODY_REPOS lets Cody work. */
export async function checkGitHubApp(env: Environment): Promise<Finding[]> {
  const apiUrl = env.GITHUB_API_URL || "https://api.github.com";
  const auth = { appId: env.GITHUB_APP_ID!, privateKey: parseAppKey(env.GITHUB_APP_KEY!) };
  const github = createGitHub({
    app: { authStrategy: createAppAuth, auth },
    apiUrl,
    maxWaitS: 0,
    requestTimeoutMs: TIMEOUT_MS,
    secondMs: 10,
  });
  try {
    const { data: app, headers } = await github.rest.apps.getAuthenticated();
    if (!app) return [unknownId()];
    const installations = (await github.paginate(github.rest.apps.listInstallations, { per_page: 100 })).map(
      ({ account, permissions, suspended_at }): Installation => ({
        account: account && "login" in account ? account.login : "an enterprise",
        permissions,
        suspended: Boolean(suspended_at),
      }),
    );
    const names = `${app.slug ?? app.name} (GITHUB_APP_ID)`;
    const found = [
      ...skewOf(headers.date),
      ...lacking(`The GitHub App ${names}`, app.permissions, "Grant it on the app's page under Permissions & events."),
      ...installations.flatMap(check),
      ...(await outOfReach(github, installations, parsePatterns(env.CODY_REPOS ?? ""))),
    ];
    if (found.some(({ verdict }) => verdict === "wrong")) return found;
    return [
      ...found,
      good(ABOUT, `${names} is installed on ${installations.map(({ account }) => account).join(", ")}.`),
    ];
  } catch (error) {
    return [refusal(error, apiUrl)];
  }
}

const unknownId = () =>
  wrong(ABOUT, "GitHub knows no app of GITHUB_APP_ID.", "Copy the App ID from the app's page, under About.");

/**
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
function refusal(error: unknown, apiUrl: string): Finding {
  const said = saidBy(error);
  const status = statusOf(error);
  // Octokit gives a connection that broke the status 500, and no response.
  const { response } = error as { response?: { status: number; headers: Record<string, string | undefined> } };
  if (response && isPassing(response.status, (name) => response.headers[name]))
    return passing(ABOUT, `answers ${response.status}`);
  if (status === undefined || status >= 500)
    return wrong(
      ABOUT,
      `${new URL(apiUrl).origin} cannot be reached as the app: ${said}`,
      "Check the address, the network and the proxy.",
    );
  if (status === 404 || /'iss'|Integration not found/.test(said)) return unknownId();
  if (/'exp'|'iat'/.test(said))
    return wrong(
      ABOUT,
      "GitHub refuses the app's signature for its time: this machine's clock is wrong.",
      "Set the clock, best by NTP.",
    );
  if (status === 401)
    return wrong(
      ABOUT,
      "GitHub refuses GITHUB_APP_KEY: it is no key of the app GITHUB_APP_ID, or it was deleted.",
      "Generate a private key on the app's page and set GITHUB_APP_KEY again.",
    );
  return wrong(ABOUT, `GitHub answers ${status} to the app: ${clip(said, 200)}`, "Look at githubstatus.com.");
}

function skewOf(date: string | undefined): Finding[] {
  const seconds = Math.round((Date.now() - Date.parse(date ?? "")) / 1_000);
  if (!(Math.abs(seconds) > SKEW_S)) return [];
  const says = `This machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} GitHub's; Slack and AWS refuse requests that are 5 minutes off.`;
  return [warning(ABOUT, says, "Set the clock, best by NTP.")];
}

/** In words; empty: all of them are granted. */
const missingOf = (wanted: Readonly<Record<string, string>>, granted: Granted) =>
  listed(
    Object.entries(wanted)
      .filter(([name, level]) => granted[name] !== level && granted[name] !== "write")
      .map(([name, level]) => `${name}: ${level}`),
  );

function lacking(who: string, granted: Granted, fix: string): Finding[] {
  const missing = missingOf(WRITING, granted);
  return missing === "" ? [] : [wrong(ABOUT, `${who} lacks ${missing}.`, fix)];
}

function check({ account, permissions, suspended }: Installation): Finding[] {
  if (suspended)
    return [
      warning(ABOUT, `The app's installation on ${account} is suspended.`, `Let an owner of ${account} unsuspend it.`),
    ];
  const fix = `Let an owner of ${account} accept the app's new permissions, under its installed apps.`;
  const who = `The app's installation on ${account}`;
  const wanting = lacking(who, permissions, fix);
  const hidden = missingOf({ ...CHECKS, ...LOGS }, permissions);
  return wanting.length > 0 || hidden === ""
    ? wanting
    : [warning(ABOUT, `${who} lacks ${hidden}: cards say less of its checks, and Fix CI reads less of them.`, fix)];
}

/** Owners and repositories that CODY_REPOS names and no installation covers. */
async function outOfReach(github: GitHub, installations: Installation[], patterns: Patterns): Promise<Finding[]> {
  const fix = "Press Install App on the app's page and choose them.";
  if (installations.length === 0) return [wrong(ABOUT, "The GitHub App is installed nowhere.", fix)];
  const accounts = installations.map(({ account }) => account.toLowerCase());
  const ownerOf = (pattern: string) => pattern.split("/")[0]!;
  const strangers = [...new Set(patterns.map(ownerOf))].filter((owner) => !accounts.includes(owner));
  const exact = patterns.filter((pattern) => isAllowed([pattern], pattern) && !pattern.includes("*"));
  const asked = exact.filter((name) => !strangers.includes(ownerOf(name))).slice(0, MAX_NAMES);
  const missing = await Promise.all(
    asked.map(async (name) => {
      const [owner = "", repo = ""] = name.split("/");
      const error = await github.rest.apps.getRepoInstallation({ owner, repo }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error && statusOf(error) !== 404) throw error;
      return error ? [name] : [];
    }),
  );
  const left = [...strangers.map((owner) => `${owner}/*`), ...missing.flat()];
  if (left.length === 0) return [];
  return [wrong(ABOUT, `The app is not installed on ${left.join(", ")}, which CODY_REPOS names.`, fix)];
}
