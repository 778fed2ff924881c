import type { IncomingMessage, ServerResponse } from "node:http";
import { findReached, mayRead, mayWrite, mayWriteWorkflows } from "./access.ts";
import { advertise } from "./advertise.ts";
import type { Token } from "./credentials.ts";
import { answerByGit, answerFetch } from "./git-service.ts";
import type { ForgeRepository } from "./state.ts";

const GIT_PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

type Deps = {
  /** undefined: unknown, or expired. */
  tokenOf(secret: string): Token | undefined;
  repositories(): readonly ForgeRepository[];
  folderOf(repository: ForgeRepository): string;
  refuse(response: ServerResponse, status: number, message: string, headers?: Record<string, string>): void;
};

export const isGitPath = (pathname: string) => GIT_PATH.test(pathname);

/**
 * Smart HTTP (gitprotocol-http) in front of git: who may do what is decided here, as GitHub decides it. Nothing without
 * a token (401), a repository out of reach does not exist (404), a reading token or an archived repository takes no push
 * (403).
 */
export const createGitHttp = (deps: Deps) => (url: URL, request: IncomingMessage, response: ServerResponse) =>
  serveGit(deps, url, request, response);

function serveGit(deps: Deps, url: URL, request: IncomingMessage, response: ServerResponse) {
  const [, name = "", path = ""] = GIT_PATH.exec(url.pathname) ?? [];
  const service = path === "info/refs" ? url.searchParams.get("service") : path;
  const pushes = service === "git-receive-pack";

  const secret = passwordOf(request.headers.authorization);
  // Every clone begins so: git asks without a password first.
  if (secret === undefined) return void response.writeHead(401, { "www-authenticate": 'Basic realm="Forge"' }).end();
  const token = deps.tokenOf(secret);
  if (!token) return deps.refuse(response, 401, "Invalid username or token.");
  const found = findReached(deps.repositories(), token, name);
  if (!found) return deps.refuse(response, 404, "Repository not found.");
  const { repository } = found;
  if (found.renamed) {
    const location = `/${repository.name}.git/${path}${url.search}`;
    return deps.refuse(response, 301, "Moved Permanently", { location });
  }
  if (service !== "git-upload-pack" && service !== "git-receive-pack")
    return deps.refuse(response, 403, "Please upgrade your git client. Dumb HTTP is not served.");
  if (pushes ? !mayWrite(token, "contents", repository) : !mayRead(token, "contents"))
    return deps.refuse(response, 403, `Permission to ${repository.name}.git denied to ${token.login}.`);
  if (repository.disabled)
    return deps.refuse(response, 403, "Access to this repository has been disabled by GitHub staff.");
  if (pushes && repository.archived)
    return deps.refuse(response, 403, "This repository was archived so it is read-only.");
  const folder = deps.folderOf(repository);
  const protocol = `${request.headers["git-protocol"] ?? ""}`;
  response.setHeader("cache-control", "no-cache, max-age=0, must-revalidate");
  if (path === "info/refs") {
    response.setHeader("content-type", `application/x-${service}-advertisement`);
    advertise(folder, service, protocol).then(
      (bytes) => response.end(bytes),
      () => response.destroy(),
    );
    return;
  }
  response.setHeader("content-type", `application/x-${service}-result`);
  const asked = { service, folder, protocol, environment: environmentOf(token, repository) } as const;
  if (pushes) answerByGit(asked, request, response);
  else answerFetch(asked, request, response).catch(() => response.destroy());
}

const environmentOf = (token: Token, repository: ForgeRepository) => ({
  GIT_COMMITTER_NAME: token.login,
  GIT_COMMITTER_EMAIL: `${token.login}@localhost`,
  FORGE_PROTECTED_REF: `refs/heads/${repository.defaultBranch}`,
  FORGE_WORKFLOWS_REFUSED: mayWriteWorkflows(token) ? "" : whyNoWorkflows(token),
});

/** GitHub's words, around the path that the hook puts in. */
const whyNoWorkflows = ({ installation }: Token) =>
  installation
    ? "refusing to allow a GitHub App to create or update workflow `%s` without `workflows` permission"
    : "refusing to allow a Personal Access Token to create or update workflow `%s` without `workflow` scope";

function passwordOf(authorization: string | undefined) {
  const [, basic] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  return basic && Buffer.from(basic, "base64").toString().split(/:(.*)/s)[1];
}
