import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { keepPack, keptAs, keptPack, MOST_KEPT_BYTES } from "./kept-packs.ts";
import { lsRefs } from "./ls-refs.ts";
import { packetLines } from "./packet-lines.ts";
import { GIT_ENVIRONMENT } from "./run-git.ts";

export type GitService = {
  service: "git-upload-pack" | "git-receive-pack";
  folder: string;
  protocol: string;
  environment: Record<string, string>;
};

/** git itself reads the request and writes the answer: one process, which a client that goes away ends. */
export function answerByGit(asked: GitService, request: IncomingMessage, response: ServerResponse) {
  const git = startService(asked, response);
  const body = bodyOf(request);
  body.on("error", () => git.kill());
  body.pipe(git.stdin);
}

/**
 * A fetch asks twice: for the refs, which stand in files, and for the objects. A process of git answers where neither is
 * known.
 */
export async function answerFetch(asked: GitService, request: IncomingMessage, response: ServerResponse) {
  const bytes = await buffer(bodyOf(request)).catch(() => undefined);
  if (!bytes) return void response.destroy();
  const lines = packetLines(bytes) ?? [];
  const name = keptAs(asked.folder, lines);
  const known = lsRefs(asked.folder, lines) ?? (name && keptPack(name));
  if (known !== undefined) return void response.end(known);
  const git = startService(asked, response);
  git.stdin.end(bytes);
  if (name) keepAnswer(name, git);
}

function keepAnswer(name: string, git: ReturnType<typeof startService>) {
  const chunks: Buffer[] = [];
  let size = 0;
  git.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_KEPT_BYTES) chunks.push(chunk);
  });
  git.on("close", (code) => code === 0 && size <= MOST_KEPT_BYTES && keepPack(name, Buffer.concat(chunks)));
}

const bodyOf = (request: IncomingMessage) =>
  request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;

function startService({ service, folder, protocol, environment }: GitService, response: ServerResponse) {
  const git = spawn("git", [service.slice("git-".length), "--stateless-rpc", "."], {
    cwd: folder,
    env: { ...GIT_ENVIRONMENT, PATH: process.env.PATH, GIT_PROTOCOL: protocol, ...environment },
    stdio: ["pipe", "pipe", "ignore"],
  });
  git.stdin.on("error", () => {});
  git.stdout.pipe(response);
  response.on("close", () => git.exitCode === null && git.kill());
  git.on("error", () => response.destroy());
  return git;
}
