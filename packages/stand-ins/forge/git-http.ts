import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createGunzip } from "node:zlib";
import { findReached, mayRead, mayWrite, mayWriteWorkflows } from "./access.ts";
import { type Advertise, createAdvertise } from "./advertise.ts";
import type { Token } from "./credentials.ts";
import { GIT_ENVIRONMENT } from "./run-git.ts";
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
export function createGitHttp(deps: Deps) {
  const advertise = createAdvertise();
  return (url: URL, request: IncomingMessage, response: ServerResponse) =>
    serveGit(deps, advertise, url, request, response);
}

function serveGit(deps: Deps, advertise: Advertise, url: URL, request: IncomingMessage, response: ServerResponse) {
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
  answer(service, folder, protocol, environmentOf(token, repository), request, response);
}

const environmentOf = (token: Token, repository: ForgeRepository) => ({
  GIT_COMMITTER_NAME: token.login,
  GIT_COMMITTER_EMAIL: `${token.login}@localhost`,
  FORGE_PROTECTED_REF: `refs/heads/${repository.defaultBranch}`,
  FORGE_WORKFLOWS_REFUSED: mayWriteWorkflows(token) ? "" : whyNoWorkflows(token),
});

/** git itself reads the request and writes the answer: one process, which a client that goes away ends. */
function answer(
  service: `git-${string}`,
  folder: string,
  protocol: string,
  environment: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const git = spawn("git", [service.slice("git-".length), "--stateless-rpc", "."], {
    cwd: folder,
    env: { ...GIT_ENVIRONMENT, PATH: process.env.PATH, GIT_PROTOCOL: protocol, ...environment },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const body = request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
  body.on("error", () => git.kill());
  body.pipe(git.stdin);
  git.stdin.on("error", () => {});
  git.stdout.pipe(response);
  response.on("close", () => git.exitCode === null && git.kill());
  git.on("error", () => response.destroy());
}

/** GitHub's words, around the path that the hook puts in. */
const whyNoWorkflows = ({ installation }: Token) =>
  installation
    ? "refusing to allow a GitHub App to create or update workflow `%s` without `workflows` permission"
    : "refusing to allow a Personal Access Token to create or update workflow `%s` without `workflow` scope";

function passwordOf(authorization: string | undefined) {
  const [, basic] = /^Basic (.+)$/i.exec(authorization ?? "") ?? [];
  return basic && Buffer.from(basic, "base64").toString().split(/:(.*)/s)[1];
}
