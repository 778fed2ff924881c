import { describe, expect, it } from "vitest";
import { examine, reportLines } from "../../packages/doctor/examine.ts";
import { appKeys, registerApp, testForge } from "../stand-ins/forge-fixture.ts";

const PERMISSIONS = { contents: "write", metadata: "read", pull_requests: "write" } as const;
const CHECKS = { checks: "read", statuses: "read", actions: "read" } as const;

type App = ReturnType<typeof registerApp>["app"];

/** What the doctor says, line by line, about an app that `change` has done something to. */
async function said({
  app: changes = {},
  change = () => {},
  env = {},
  skewMs = 0,
}: {
  app?: Parameters<typeof registerApp>[1];
  change?: (app: App, idOf: (name: string) => number) => void;
  env?: Record<string, string>;
  skewMs?: number;
}) {
  const forge = await testForge(undefined, { now: () => Date.now() + skewMs });
  const commits = [{ message: "Start\n", date: "2026-01-05T10:00:00Z", files: { "README.md": "# App\n" } }];
  for (const name of ["acme/app", "acme/other"]) await forge.admin.addRepository({ name, from: { commits } });
  const { app, variables, privateKey } = registerApp(forge, { permissions: { ...PERMISSIONS, ...CHECKS }, ...changes });
  change(app, (name) => forge.admin.repository(name).id);
  const asked = { ...variables, GITHUB_API_URL: forge.apiUrl, CODY_REPOS: "acme/*", ...env };
  const lines = reportLines(await examine(asked));
  for (const secret of [privateKey.split("\n")[1]!, "PRIVATE KEY", "BEGIN"])
    expect(lines.join("\n")).not.toContain(secret);
  return lines;
}

describe("the doctor and a GitHub App: one sentence each, and how to fix it", () => {
  it.each<[string, Parameters<typeof said>[0], string[]]>([
    ["well", {}, ["ok   cody-acme (GITHUB_APP_ID) is installed on acme."]],
    [
      "another app's key",
      { env: { GITHUB_APP_KEY: appKeys().privateKey } },
      [
        "BAD  GitHub refuses GITHUB_APP_KEY: it is no key of the app GITHUB_APP_ID, or it was deleted.",
        "       Generate a private key on the app's page and set GITHUB_APP_KEY again.",
      ],
    ],
    [
      "another app's id",
      { env: { GITHUB_APP_ID: "4712" } },
      ["BAD  GitHub knows no app of GITHUB_APP_ID.", "       Copy the App ID from the app's page, under About."],
    ],
    [
      "no key at all",
      { env: { GITHUB_APP_KEY: "not-a-key" } },
      [
        "BAD  GITHUB_APP_KEY must be an RSA private key in PEM, as GitHub gives it; \\n may stand for line ends.",
        "       Set GITHUB_APP_KEY again, or unset it.",
      ],
    ],
    [
      "a clock that is an hour ahead: Octokit signs for GitHub's time",
      { skewMs: -3_600_000 },
      [
        expect.stringMatching(
          /^warn This machine's clock is (3599|3600|3601) s ahead of GitHub's; /,
        ) as unknown as string,
        "       Set the clock, best by NTP.",
        "ok   cody-acme (GITHUB_APP_ID) is installed on acme.",
      ],
    ],
    [
      "permissions that were never asked for",
      { app: { permissions: { contents: "read", metadata: "read" } } },
      [
        "BAD  The GitHub App cody-acme (GITHUB_APP_ID) lacks contents: write and pull_requests: write.",
        "       Grant it on the app's page under Permissions & events.",
        "BAD  The app's installation on acme lacks contents: write and pull_requests: write.",
        "       Let an owner of acme accept the app's new permissions, under its installed apps.",
      ],
    ],
    [
      "permissions that an owner has not accepted yet",
      {
        change: (app) => Object.assign(app.installations[0]!, { permissions: { contents: "write", metadata: "read" } }),
      },
      [
        "BAD  The app's installation on acme lacks pull_requests: write.",
        "       Let an owner of acme accept the app's new permissions, under its installed apps.",
      ],
    ],
    [
      "checks that it may not see",
      { app: { permissions: { ...PERMISSIONS, checks: "read", actions: "read" } } },
      [
        "warn The app's installation on acme lacks statuses: read: cards say less of its checks, and Fix CI reads less of them.",
        "       Let an owner of acme accept the app's new permissions, under its installed apps.",
        "ok   cody-acme (GITHUB_APP_ID) is installed on acme.",
      ],
    ],
    [
      "suspended by an owner",
      { change: (app) => Object.assign(app.installations[0]!, { suspendedAt: "2026-11-22T10:00:00Z" }) },
      [
        "warn The app's installation on acme is suspended.",
        "       Let an owner of acme unsuspend it.",
        "ok   cody-acme (GITHUB_APP_ID) is installed on acme.",
      ],
    ],
    [
      "installed nowhere",
      { app: { installations: [] } },
      ["BAD  The GitHub App is installed nowhere.", "       Press Install App on the app's page and choose them."],
    ],
    [
      "not installed where CODY_REPOS sends Cody",
      {
        env: { CODY_REPOS: "acme/app,acme/other,acme/sv*,stranger/*,Third/app" },
        change: (app, idOf) => Object.assign(app.installations[0]!, { repositoryIds: [idOf("acme/app")] }),
      },
      [
        "BAD  The app is not installed on stranger/*, third/*, acme/other, which CODY_REPOS names.",
        "       Press Install App on the app's page and choose them.",
      ],
    ],
    [
      "a server that does not answer",
      { env: { GITHUB_API_URL: "http://127.0.0.1:9" } },
      [
        expect.stringMatching(/^BAD {2}http:\/\/127\.0\.0\.1:9 cannot be reached as the app: /) as unknown as string,
        "       Check the address, the network and the proxy.",
      ],
    ],
  ])("%s", async (_what, setting, lines) => {
    expect(await said(setting)).toEqual(lines);
  });
});
