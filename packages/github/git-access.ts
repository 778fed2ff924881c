/** Where git finds a repository. */
export const cloneUrlOf = (serverUrl: string, repository: string) =>
  `${serverUrl.replace(/\/$/, "")}/${repository}.git`;

/** Author and committer of every commit: fixed, like its dates, so that a repeat makes the same commit. */
export const COMMIT_AUTHOR = { name: "Cody Batch", email: "cody-batch@users.noreply.github.com" };
