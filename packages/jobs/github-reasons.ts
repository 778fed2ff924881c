import { clip } from "../text/cut.ts";
import { duration } from "../text/duration.ts";
import { DOWNLOAD, retried } from "./reason-table.ts";

const gigabytes = (kb: number) => (kb / 1024 / 1024).toFixed(1);

/** Why a pull request could not be opened or closed, by what GitHub answered. */
type PullRequestRefusal =
  | { why: "no base"; base: string }
  | { why: "forbidden" | "switched off" | "not closed"; said: string }
  | { why: "not found" }
  | { why: "other"; status: number; said: string };

/** Why GitHub does not let Cody work on a repository, or open a pull request in it. `name`: the repository's. */
export const GITHUB_REASONS = {
  "invalid-name": retried((name: string) => [
    `"${clip(name, 140)}" is not a repository's name.`,
    "Write it as owner/name, for example acme/orders.",
  ]),
  "not-allowed": retried((name: string) => [
    `${name} is not among the repositories that Cody may work on here.`,
    "Ask an administrator to add it to CODY_REPOS.",
  ]),
  "not-found": retried((name: string) => [
    `${name} does not exist, or Cody's GitHub token may not see it.`,
    "Check the spelling, or give the token access to it.",
  ]),
  renamed: retried((name: string, current: string) => [
    `${name} has moved to ${current}.`,
    `Start again with ${current}.`,
  ]),
  archived: retried((name: string) => [
    `${name} is archived, so it is read-only.`,
    "Unarchive it on GitHub, or leave it out.",
  ]),
  disabled: retried((name: string) => [
    `GitHub has disabled ${name}.`,
    "Ask the repository's owner what happened, or leave it out.",
  ]),
  empty: retried((name: string) => [`${name} has no commits yet.`, "Push a first commit, or leave it out."]),
  "too-large": retried((name: string, sizeKb: number, maxKb: number) => [
    `${name} has ${gigabytes(sizeKb)} GB; Cody takes up to ${gigabytes(maxKb)} GB.`,
    "Leave it out, or split it.",
  ]),
  "base-branch-missing": retried((name: string, branch: string) => [
    `${name} has no branch ${branch}.`,
    "Choose a branch that exists, or leave the base branch empty for the default one.",
  ]),
  "github-token": retried(() => [
    "GitHub does not accept Cody's token: it is wrong, expired or revoked.",
    "Ask an administrator to renew the GitHub token.",
  ]),
  "single-sign-on": retried((name: string) => [
    `The owner of ${name} requires single sign-on, and Cody's token is not authorised for it.`,
    "Ask an administrator to authorise the token for that organisation on GitHub.",
  ]),
  "oauth-restricted": retried((name: string) => [
    `The owner of ${name} has not approved the OAuth app that Cody's GitHub token belongs to.`,
    "Ask an owner of the organisation to approve the app under Third-party access, then try again.",
  ]),
  "ip-allow-list": retried((name: string) => [
    `The owner of ${name} lets only listed IP addresses in, and Cody's is not among them.`,
    "Ask an owner of the organisation to add Cody's address to its IP allow list, then try again.",
  ]),
  "token-policy": retried((name: string, said: string) => [
    `The owner of ${name} does not accept this kind of GitHub token: ${clip(said, 250)}`,
    "Ask an administrator for a token that the organisation's policy allows, then try again.",
  ]),
  "account-suspended": retried((said: string) => [
    `GitHub has blocked the account of Cody's token: ${clip(said, 250)}`,
    "Ask an administrator to settle it with GitHub, or to set another token, then try again.",
  ]),
  "no-permission": retried((name: string, said: string) => [
    `GitHub does not let Cody's token read ${name}: ${clip(said, 200)}`,
    "Give the token access to its contents.",
  ]),
  "workflow-permission": retried((name: string) => [
    `This job may change what runs by itself, but Cody's GitHub token may not change workflows in ${name}.`,
    "Give the token that permission (classic: scope workflow; else Workflows, write), or start the job without that option.",
  ]),
  unavailable: retried((name: string) => [
    `GitHub has blocked access to ${name}.`,
    "Leave it out; GitHub shows the reason on the repository's page.",
  ]),
  github: retried((name: string, error: unknown) => [
    clip(`GitHub could not be asked about ${name}: ${error instanceof Error ? error.message : error}`, 450),
    "Press Retry in a minute; if it stays so, ask the people who run Cody to run npm run doctor.",
  ]),
  "github-rate-limit": retried((how: { forMs: number } | { said: string }) =>
    "forMs" in how
      ? [`GitHub takes no more requests of Cody's token for another ${duration(how.forMs)}.`, "Try again after that."]
      : [clip(`GitHub takes no more requests of Cody's token for now: ${how.said}`, 480), "Try again in some minutes."],
  ),
  "github-unavailable": retried((what: string, forMs: number, said: string) => [
    clip(`${what} failed for ${duration(forMs)}: ${said}`, 480),
    "Look at githubstatus.com; try again when it answers.",
  ]),
  "github-app": retried(() => [
    "GitHub does not accept Cody's GitHub App: its id or its key is wrong, or the key was deleted.",
    "Ask an administrator to check GITHUB_APP_ID and GITHUB_APP_KEY.",
  ]),
  "app-suspended": retried((name: string, said: string) => [
    `Cody's GitHub App may not act on ${name}: ${clip(said, 200)}`,
    "Ask an owner of the organisation to unsuspend the app's installation.",
  ]),
  "app-not-installed": retried((name: string) => [
    `${name} does not exist, or Cody's GitHub App is not installed on it.`,
    "Check the spelling, or add the repository to the app's installation on GitHub.",
  ]),
  "app-permissions": retried((name: string, said: string) => [
    `GitHub gave Cody's App no token for ${name}: ${clip(said, 200)}`,
    "Grant the app Contents and Pull requests (read and write) there, and Workflows for a job that may change CI; then try again.",
  ]),
  "pull-request-refused": retried((name: string, refusal: PullRequestRefusal) => {
    switch (refusal.why) {
      case "no base":
        return [
          `${name} has no branch ${clip(refusal.base, 200)} any more: it was renamed or deleted while Cody worked.`,
          "Press Retry: the pull request then goes to the branch that took its place.",
        ];
      case "forbidden":
        return [
          `GitHub does not let Cody's token open a pull request in ${name}: 403 ${clip(refusal.said, 250)}`,
          `Give the token Pull requests (read and write) there, or settle what GitHub names; then try again. ${DOWNLOAD}`,
        ];
      case "not found":
        return [
          `GitHub says that ${name} is not there for opening a pull request: 404.`,
          `Give the token Pull requests (read and write) there, then try again. ${DOWNLOAD}`,
        ];
      case "switched off":
        return [
          `${name} takes no pull requests: ${clip(refusal.said, 250)}`,
          `Turn them on in the repository's settings, then try again. ${DOWNLOAD}`,
        ];
      case "not closed":
        return [
          `GitHub does not let Cody's token close a pull request in ${name}: ${clip(refusal.said, 250)}`,
          "Close it on GitHub, or give the token Pull requests (read and write) there and press Close again.",
        ];
      case "other":
        return [
          `GitHub did not take the pull request in ${name}: ${refusal.status} ${clip(refusal.said, 250)}`,
          `Settle what GitHub names, then try again. ${DOWNLOAD}`,
        ];
    }
  }),
  "branch-gone": retried((name: string, branch: string) => [
    `${name} has no branch ${clip(branch, 250)} any more: it was deleted before its pull request was open.`,
    "Press Retry to push it again.",
  ]),
  "nothing-new": retried((name: string, base: string) => [
    `${name} already has these changes in ${clip(base, 200)}.`,
    "Nothing is left to do; retry to look again.",
  ]),
  "other-history": retried((name: string, base: string) => [
    `The history of ${clip(base, 200)} in ${name} was rewritten: it has no commit in common with this change.`,
    `Start a new job from the newest commit. ${DOWNLOAD}`,
  ]),
  "foreign-pull-request": retried(
    (name: string, branch: string, found: { number: number | undefined; by: string | undefined }) => [
      `${name} has a pull request of ${branch} that Cody did not open: #${found.number} by ${found.by}.`,
      "Look at it, close it and delete its branch, then retry; the patch can be downloaded.",
    ],
  ),
};
