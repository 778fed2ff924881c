import type { Reason } from "../jobs/outcome.ts";

/** A fetch or push went wrong. Without a reason it may pass: the retry policy tries again. */
export class RemoteFailed extends Error {
  override name = "RemoteFailed";
  readonly reason: Reason | undefined;
  constructor(what: string, words: string, cause: unknown) {
    super(`git ${what} failed: ${words}`, { cause });
    this.reason = REASONS.find(([pattern]) => pattern.test(words))?.[1];
  }
}

const CHECK_TOKEN = "Check the GitHub token and its access to this repository, then retry.";

/** git's and GitHub's own words, the most telling first. */
const REASONS: [RegExp, Reason][] = [
  [
    /protected branch|push declined|hook declined|GH0\d\d/i,
    {
      code: "push-denied",
      message: "GitHub declined the push: a rule of the repository forbids it.",
      nextStep: "Download the patch, or allow cody/* branches in the repository's rules and retry.",
    },
  ],
  [
    /error: 403|permission to .* denied|write access .* not granted|access denied/i,
    {
      code: "push-denied",
      message: "The GitHub token may not write to this repository.",
      nextStep: "Download the patch, or give the token write access and retry.",
    },
  ],
  [
    /error: 401|authentication failed|could not read username|terminal prompts disabled|invalid credentials/i,
    { code: "github-token-refused", message: "GitHub refused the token.", nextStep: CHECK_TOKEN },
  ],
  [
    /error: 30[12378]|redirect/i,
    {
      code: "repository-renamed",
      message: "The repository answers from another address: it was renamed or moved.",
      nextStep: "Start the job again with the repository's new name.",
    },
  ],
  [
    /not our ref|couldn't find remote ref|unadvertised object|no such remote ref/i,
    {
      code: "base-commit-gone",
      message: "The pinned base commit is no longer in the repository.",
      nextStep: "Retry: the next round starts from the newest commit.",
    },
  ],
  [
    /repository .* not found|error: 404|does not appear to be a git repository|does not exist/i,
    { code: "repository-missing", message: "The repository cannot be reached.", nextStep: CHECK_TOKEN },
  ],
];

export function remoteFailure(what: string, error: unknown): RemoteFailed {
  if (error instanceof RemoteFailed) return error;
  const words = (error instanceof Error ? error.message : String(error)).trim().split("\n").slice(-6).join(" ");
  return new RemoteFailed(what, words.slice(0, 500), error);
}
