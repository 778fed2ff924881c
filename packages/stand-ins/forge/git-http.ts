import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { findReached, mayRead, mayWrite, mayWriteWorkflows } from "./access.ts";
import { GIT_ENVIRONMENT } from "./run-git.ts";
import type { ForgeRepository, Token } from "./state.ts";

const GIT_PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack|HEAD|objects\/.*)$/;

export type GitHttpDeps = {
  /** undefined: unknown, or expired. */
  tokenOf(secret: string): Token | undefined;
  repositories(): readonly ForgeRepository[];
  folderOf(repository: ForgeRepository): string;
  refuse(response: ServerResponse, status: number, message: string, headers?: Record<string, string>): void;
};

export const isGitPath = (pathname: string) => GIT_PATH.test(pathname);

/**
 * Smart HTTP in front of `git http-backend`: who may do what is decided here, as GitHub decides it. Nothing without a
 * token (401), a repository out of reach does not exist (404), a reading token or an archived repository takes no push (403).
 */
export function serveGit(deps: GitHttpDeps, url: URL, request: IncomingMessage, response: ServerResponse) {
  const [, name = "", service = ""] = GIT_PATH.exec(url.pathname) ?? [];
  const pushes = service === "git-receive-pack" || url.searchParams.get("service") === "git-receive-pack";

  const secret = passwordOf(request.headers.authorization);
  // Every clone begins so: git asks without a password first.
  if (secret === undefined) return void response.writeHead(401, { "www-authenticate": 'Basic realm="Forge"' }).end();
  const token = deps.tokenOf(secret);
  if (!token) return deps.refuse(response, 401, "Invalid username or token.");
  const found = findReached(deps.repositories(), token, name);
  if (!found) return deps.refuse(response, 404, "Repository not found.");
  const { repository } = found;
  if (found.renamed) {
    const location = `/${repository.name}.git/${service}${url.search}`;
    return deps.refuse(response, 301, "Moved Permanently", { location });
  }
  if (service === "HEAD" || service.startsWith("objects/") || (service === "info/refs" && !url.search))
    return deps.refuse(response, 403, "Please upgrade your git client. Dumb HTTP is not served.");
  if (pushes ? !mayWrite(token, "contents", repository) : !mayRead(token, "contents"))
    return deps.refuse(response, 403, `Permission to ${repository.name}.git denied to ${token.login}.`);
  if (repository.disabled)
    return deps.refuse(response, 403, "Access to this repository has been disabled by GitHub staff.");
  if (pushes && repository.archived)
    return deps.refuse(response, 403, "This repository was archived so it is read-only.");
  runBackend(deps.folderOf(repository), service, token, repository, url, request, response);
}

function runBackend(
  folder: string,
  service: string,
  token: Token,
  repository: ForgeRepository,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const backend = spawn("git", ["http-backend"], {
    env: {
      ...GIT_ENVIRONMENT,
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${service}`,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: request.headers["content-length"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: `${request.headers["git-protocol"] ?? ""}`,
      REMOTE_USER: token.login,
      REMOTE_ADDR: "127.0.0.1",
      FORGE_PROTECTED_REF: `refs/heads/${repository.defaultBranch}`,
      FORGE_WORKFLOWS_REFUSED: mayWriteWorkflows(token) ? "" : whyNoWorkflows(token),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => {});
  response.on("close", () => backend.exitCode === null && backend.kill());

  let head: Buffer | undefined = Buffer.alloc(0);
  backend.stdout.on("data", (chunk: Buffer) => {
    if (!head) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const [key = "", value = ""] = line.split(/: (.*)/s);
      if (key === "Status") response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(key, value);
    }
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  backend.on("error", () => response.destroy());
  backend.on("close", () => response.end());
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
