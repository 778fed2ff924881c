import type { Reason } from "../jobs/reasons.ts";
import { clip } from "../text/cut.ts";
import { detailsOf, headerOf, isTemporary, saidBy, statusOf } from "./errors.ts";

/** Why a repository cannot be worked on: found before any model spend, one line and a next step each. */
export const refusals = {
  invalidName: (name: string): Reason => ({
    code: "invalid-name",
    message: `"${clip(name, 140)}" is not a repository's name.`,
    nextStep: "Write it as owner/name, for example acme/orders.",
  }),
  notAllowed: (name: string): Reason => ({
    code: "not-allowed",
    message: `${name} is not among the repositories that Cody may work on here.`,
    nextStep: "Ask an administrator to add it to CODY_REPOS.",
  }),
  notFound: (name: string): Reason => ({
    code: "not-found",
    message: `${name} does not exist, or Cody's GitHub token may not see it.`,
    nextStep: "Check the spelling, or give the token access to it.",
  }),
  renamed: (name: string, current: string): Reason => ({
    code: "renamed",
    message: `${name} has moved to ${current}.`,
    nextStep: `Start again with ${current}.`,
  }),
  archived: (name: string): Reason => ({
    code: "archived",
    message: `${name} is archived, so it is read-only.`,
    nextStep: "Unarchive it on GitHub, or leave it out.",
  }),
  disabled: (name: string): Reason => ({
    code: "disabled",
    message: `GitHub has disabled ${name}.`,
    nextStep: "Ask the repository's owner what happened, or leave it out.",
  }),
  empty: (name: string): Reason => ({
    code: "empty",
    message: `${name} has no commits yet.`,
    nextStep: "Push a first commit, or leave it out.",
  }),
  tooLarge: (name: string, sizeKb: number, maxKb: number): Reason => ({
    code: "too-large",
    message: `${name} has ${gigabytes(sizeKb)} GB; Cody takes up to ${gigabytes(maxKb)} GB.`,
    nextStep: "Leave it out, or split it.",
  }),
  noBaseBranch: (name: string, branch: string): Reason => ({
    code: "base-branch-missing",
    message: `${name} has no branch ${branch}.`,
    nextStep: "Choose a branch that exists, or leave the base branch empty for the default one.",
  }),
  badToken: (): Reason => ({
    code: "github-token",
    message: "GitHub does not accept Cody's token: it is wrong, expired or revoked.",
    nextStep: "Ask an administrator to renew the GitHub token.",
  }),
  singleSignOn: (name: string): Reason => ({
    code: "single-sign-on",
    message: `The owner of ${name} requires single sign-on, and Cody's token is not authorised for it.`,
    nextStep: "Ask an administrator to authorise the token for that organisation on GitHub.",
  }),
  notApproved: (name: string): Reason => ({
    code: "oauth-restricted",
    message: `The owner of ${name} has not approved the OAuth app that Cody's GitHub token belongs to.`,
    nextStep: "Ask an owner of the organisation to approve the app under Third-party access, then retry.",
  }),
  addressNotAllowed: (name: string): Reason => ({
    code: "ip-allow-list",
    message: `The owner of ${name} lets only listed IP addresses in, and Cody's is not among them.`,
    nextStep: "Ask an owner of the organisation to add Cody's address to its IP allow list, then retry.",
  }),
  tokenPolicy: (name: string, said: string): Reason => ({
    code: "token-policy",
    message: `The owner of ${name} does not accept this kind of GitHub token: ${clip(said, 250)}`,
    nextStep: "Ask an administrator for a token that the organisation's policy allows, then retry.",
  }),
  suspended: (said: string): Reason => ({
    code: "account-suspended",
    message: `GitHub has blocked the account of Cody's token: ${clip(said, 250)}`,
    nextStep: "Ask an administrator to settle it with GitHub, or to set another token, then retry.",
  }),
  forbidden: (name: string, said: string): Reason => ({
    code: "no-permission",
    message: `GitHub does not let Cody's token read ${name}: ${clip(said, 200)}`,
    nextStep: "Give the token access to its contents.",
  }),
  noWorkflows: (name: string): Reason => ({
    code: "workflow-permission",
    message: `This job may change what runs by itself, but Cody's GitHub token may not change workflows in ${name}.`,
    nextStep:
      "Give the token that permission (classic: scope workflow; else Workflows, write), or start the job without that option.",
  }),
  unavailable: (name: string): Reason => ({
    code: "unavailable",
    message: `GitHub has blocked access to ${name}.`,
    nextStep: "Leave it out; GitHub shows the reason on the repository's page.",
  }),
};

/** undefined for what is no answer about this repository: rate limits, outages, bugs. The retry policy has those. */
export function refusalOf(error: unknown, name: string): Reason | undefined {
  if (isTemporary(error)) return undefined;
  switch (statusOf(error)) {
    case 401:
      return refusals.badToken();
    case 403:
      return accessRefusalOf(error, name) ?? refusals.forbidden(name, saidBy(error));
    case 404:
      return refusals.notFound(name);
    case 409:
      return refusals.empty(name);
    case 451:
      return refusals.unavailable(name);
    default:
      return undefined;
  }
}

/** Why a pull request cannot be closed. */
export function closeRefusalOf(error: unknown, name: string): Reason | undefined {
  if (isTemporary(error) || ![403, 422].includes(statusOf(error) ?? 0)) return refusalOf(error, name);
  return (
    accessRefusalOf(error, name) ?? {
      code: "pull-request-refused",
      message: `GitHub does not let Cody's token close a pull request in ${name}: ${clip(saidBy(error), 250)}`,
      nextStep: "Close it on GitHub, or give the token Pull requests (read and write) there and press Close again.",
    }
  );
}

/** Why this token does not open the repository at all. */
export function accessRefusalOf(error: unknown, name: string): Reason | undefined {
  const said = saidBy(error);
  if (headerOf(error, "x-github-sso") || /\bSAML\b|single sign-?on/i.test(said)) return refusals.singleSignOn(name);
  if (/IP allow ?list|IP address is not permitted/i.test(said)) return refusals.addressNotAllowed(name);
  if (/OAuth App(?:lication)? access restrictions/i.test(said)) return refusals.notApproved(name);
  if (/forbids access via/i.test(said)) return refusals.tokenPolicy(name, said);
  if (/account (?:is|was|has been) (?:suspended|blocked|flagged|disabled)/i.test(said)) return refusals.suspended(said);
  if (/\barchived\b.*\bread-only/i.test(said)) return refusals.archived(name);
  if (/repository .*(?:is|been|was) (?:disabled|locked)|repository access blocked/i.test(said))
    return refusals.disabled(name);
  return undefined;
}

/** Why no pull request can be opened, by the fields and sentences of GitHub's answer. */
export function pullRequestRefusalOf(
  error: unknown,
  { repository, base, branch }: { repository: string; base: string; branch: string },
): Reason | undefined {
  const status = statusOf(error) ?? 0;
  if (isTemporary(error) || status < 400 || status >= 500) return undefined;
  const said = saidBy(error);
  const details = detailsOf(error);
  const names = (field: string) => details.some((one) => one.field === field && one.code === "invalid");
  if (status === 401) return refusals.badToken();
  if (status === 451) return refusals.unavailable(repository);
  const access = status === 403 ? accessRefusalOf(error, repository) : undefined;
  if (access) return access;
  if (names("base") || /base (?:sha can't be blank|ref must be a branch)/i.test(said))
    return pullRequestRefusals.noBase(repository, base);
  if (names("head") || /head (?:sha can't be blank|ref must be a branch)/i.test(said))
    return pullRequestRefusals.noHead(repository, branch);
  if (/no commits between/i.test(said)) return pullRequestRefusals.nothingNew(repository, base);
  if (/no history in common/i.test(said)) return pullRequestRefusals.otherHistory(repository, base);
  if (status === 403) return pullRequestRefusals.forbidden(repository, said);
  if (status === 404) return pullRequestRefusals.notFound(repository);
  if (status === 410) return pullRequestRefusals.switchedOff(repository, said);
  return pullRequestRefusals.other(repository, status, said);
}

const DOWNLOAD = "The patch can be downloaded.";

const pullRequestRefusals = {
  noBase: (repository: string, base: string): Reason => ({
    code: "pull-request-refused",
    message: `${repository} has no branch ${clip(base, 200)} any more: it was renamed or deleted while Cody worked.`,
    nextStep: "Press Retry failed: the pull request then goes to the branch that took its place.",
  }),
  noHead: (repository: string, branch: string): Reason => ({
    code: "branch-gone",
    message: `${repository} has no branch ${clip(branch, 250)} any more: it was deleted before its pull request was open.`,
    nextStep: "Press Retry failed to push it again.",
  }),
  nothingNew: (repository: string, base: string): Reason => ({
    code: "nothing-new",
    message: `${repository} already has these changes in ${clip(base, 200)}.`,
    nextStep: "Nothing is left to do; retry to look again.",
  }),
  otherHistory: (repository: string, base: string): Reason => ({
    code: "other-history",
    message: `The history of ${clip(base, 200)} in ${repository} was rewritten: it has no commit in common with this change.`,
    nextStep: `Start a new job from the newest commit. ${DOWNLOAD}`,
  }),
  forbidden: (repository: string, said: string): Reason => ({
    code: "pull-request-refused",
    message: `GitHub does not let Cody's token open a pull request in ${repository}: 403 ${clip(said, 250)}`,
    nextStep: `Give the token Pull requests (read and write) there, or settle what GitHub names; then retry. ${DOWNLOAD}`,
  }),
  notFound: (repository: string): Reason => ({
    code: "pull-request-refused",
    message: `GitHub says that ${repository} is not there for opening a pull request: 404.`,
    nextStep: `Give the token Pull requests (read and write) there, then retry. ${DOWNLOAD}`,
  }),
  switchedOff: (repository: string, said: string): Reason => ({
    code: "pull-request-refused",
    message: `${repository} takes no pull requests: ${clip(said, 250)}`,
    nextStep: `Turn them on in the repository's settings, then retry. ${DOWNLOAD}`,
  }),
  other: (repository: string, status: number, said: string): Reason => ({
    code: "pull-request-refused",
    message: `GitHub did not take the pull request in ${repository}: ${status} ${clip(said, 250)}`,
    nextStep: `Settle what GitHub names, then retry. ${DOWNLOAD}`,
  }),
};

const gigabytes = (kb: number) => (kb / 1024 / 1024).toFixed(1);
