import type { Declaration } from "../declaration.ts";
import { address, appKey, form, patterns, token } from "../forms.ts";

/** They look at repositories, by a token or as the App. */
const LOOK = ["plan", "slack", "socket", "doctor"] as const;
/** They make tokens for tasks. */
const ISSUE = ["read-token", "write-token"] as const;
const TASKS = ["work", "publish"] as const;

export const GITHUB = {
  GITHUB_READ_TOKEN: {
    means: "contents, metadata and pull requests read: what Plan, Slack and Work hold",
    value: token,
    zones: [...LOOK, "work"],
    secret: true,
    or: "GITHUB_TOKEN",
  },
  GITHUB_WRITE_TOKEN: {
    means: "contents and pull requests write: what Publish alone holds",
    value: token,
    zones: ["publish", "doctor"],
    secret: true,
    or: "GITHUB_TOKEN",
  },
  GITHUB_TOKEN: {
    means: "serves as both, with a warning",
    value: token,
    zones: LOOK,
    secret: true,
    onAws: "never",
  },
  GITHUB_APP_ID: {
    means: "a GitHub App in place of tokens: its number or client id; with GITHUB_APP_KEY",
    value: form(/^(?:\d+|Iv\w[\w.]+)$/, "must be the number or the client id of a GitHub App"),
    zones: [...LOOK, ...ISSUE],
    needed: ISSUE,
  },
  GITHUB_APP_KEY: {
    means: "its private key in PEM, on one line with \\n for line ends; no task ever gets it",
    value: appKey,
    zones: [...LOOK, ...ISSUE],
    needed: ISSUE,
    secret: true,
  },
  GITHUB_API_URL: {
    means: "another API address (GitHub Enterprise, the stand-in)",
    value: address,
    zones: [...LOOK, ...ISSUE, ...TASKS],
    default: "https://api.github.com",
  },
  GITHUB_SERVER_URL: {
    means: "where to clone from and push to",
    value: address,
    zones: TASKS,
    default: "https://github.com",
  },
  CODY_REPOS: {
    means: "allow patterns, for example acme/*,other/app; empty: what the token reaches",
    value: patterns,
    zones: LOOK,
    default: "",
  },
  CODY_SIGNING_KEY: {
    means: "an SSH private key in OpenSSH format; commits are signed with it",
    value: form(
      /^-----BEGIN OPENSSH PRIVATE KEY-----/,
      "must be an SSH private key in OpenSSH format, with its first and last line",
    ),
    zones: ["publish"],
    secret: true,
  },
} as const satisfies Record<string, Declaration>;
