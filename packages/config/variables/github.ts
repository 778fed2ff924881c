import type { Declaration } from "../declaration.ts";
import { address, appKey, form, patterns, token, whole } from "../forms.ts";

/** They look at repositories, by a token or as the App. */
const LOOK = ["plan", "slack", "socket", "schedule", "doctor"] as const;
/** They, and what follows open pull requests. */
const LOOK_AFTER = [...LOOK, "watch"] as const;
/** They make tokens for tasks. */
const ISSUE = ["read-token", "write-token"] as const;
const TASKS = ["work", "publish"] as const;

export const GITHUB = {
  GITHUB_READ_TOKEN: {
    means: "contents, metadata and pull requests read: what Plan, Slack, Work and the look at pull requests hold",
    value: token,
    zones: [...LOOK_AFTER, "work"],
    secret: true,
    or: "GITHUB_TOKEN",
  },
  GITHUB_WRITE_TOKEN: {
    means: "contents and pull requests write: what Publish alone holds",
    value: token,
    zones: ["publish", "change-set", "doctor"],
    secret: true,
    or: "GITHUB_TOKEN",
  },
  GITHUB_TOKEN: {
    means: "serves as both, with a warning",
    value: token,
    zones: LOOK_AFTER,
    secret: true,
    onAws: "never",
  },
  GITHUB_APP_ID: {
    means: "a GitHub App in place of tokens: its number or client id; with GITHUB_APP_KEY",
    value: form(/^(?:\d+|Iv\w[\w.]+)$/, "must be the number or the client id of a GitHub App"),
    zones: [...LOOK_AFTER, ...ISSUE, "change-set"],
    needed: ISSUE,
  },
  GITHUB_APP_KEY: {
    means: "its private key in PEM, on one line with \\n for line ends; no task ever gets it",
    value: appKey,
    zones: [...LOOK_AFTER, ...ISSUE, "change-set"],
    needed: ISSUE,
    secret: true,
  },
  GITHUB_API_URL: {
    means: "another API address (GitHub Enterprise, the stand-in)",
    value: address,
    zones: [...LOOK_AFTER, ...ISSUE, ...TASKS, "change-set"],
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
  CODY_PULL_REQUEST_CALLS: {
    means: "how often an hour GitHub may be asked how pull requests stand; one call tells of fifty",
    value: whole("a whole number of calls an hour, 5000 at most", 5_000),
    zones: ["watch"],
    default: "600",
  },
  CODY_OPENED_PER_HOUR: {
    means: "how many pull requests campaigns open in a repository in an hour; half as many while checks run there",
    value: whole("a whole number of pull requests an hour, 60 at most", 60),
    zones: ["schedule"],
    default: "2",
  },
  CODY_OPEN_AT_ONCE: {
    means: "with so many open pull requests of Cody's in a repository, campaigns open no further one there",
    value: whole("a whole number of pull requests, 100 at most", 100),
    zones: ["schedule"],
    default: "10",
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
