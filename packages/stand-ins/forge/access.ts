import { sameRepository } from "../../jobs/ids.ts";
import { cannotWrite, ForgeError } from "./api-error.ts";
import type { Token } from "./credentials.ts";
import type { ForgeRepository } from "./state.ts";

/** What GitHub calls a permission of an app; a person's token has all of them at the level of its scope. */
export type Permission = "contents" | "pull_requests" | "checks" | "statuses" | "actions";

const ownerOf = (name: string) => name.split("/")[0]!.toLowerCase();

/** An installation reaches repositories of its account, and of these the chosen ones. Pure. */
export const covers = (
  { account, repositoryIds }: { account: string; repositoryIds: readonly number[] | null },
  repository: ForgeRepository,
) => ownerOf(repository.name) === account.toLowerCase() && (repositoryIds?.includes(repository.id) ?? true);

/** What is out of reach looks as if it did not exist. */
export const reaches = ({ installation }: Token, repository: ForgeRepository) =>
  repository.role !== "none" && (!installation || covers(installation, repository));

export const mayRead = ({ installation }: Token, permission: Permission) =>
  !installation || installation.permissions[permission] !== undefined;

export const mayWrite = (token: Token, permission: Permission, repository: ForgeRepository) =>
  token.installation
    ? token.installation.permissions[permission] === "write"
    : token.scope === "write" && repository.role === "write";

/** Contents are not enough for what Actions runs. */
export const mayWriteWorkflows = ({ installation, scopes }: Token) =>
  installation ? installation.permissions.workflows === "write" : (scopes?.includes("workflow") ?? true);

/** GitHub words it by the kind of token. */
export const forbidden = (token: Token) =>
  token.installation ? new ForgeError(403, "Resource not accessible by integration") : cannotWrite();

/** An installation token lives for an hour. */
export const isExpired = ({ installation }: Token, nowMs: number) =>
  installation !== undefined && Date.parse(installation.expiresAt) <= nowMs;

export const findReached = (repositories: readonly ForgeRepository[], token: Token, name: string) => {
  const reached = repositories.filter((one) => reaches(token, one));
  const repository = reached.find((one) => sameRepository(one.name, name));
  if (repository) return { repository, renamed: false };
  const moved = reached.find((one) => one.formerNames.some((former) => sameRepository(former, name)));
  return moved && { repository: moved, renamed: true };
};
