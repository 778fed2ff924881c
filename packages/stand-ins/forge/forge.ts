import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { z } from "zod";
import { sameRepository } from "../../jobs/ids.ts";
import type { Disturb } from "../loopback/disturb.ts";
import { listen } from "../loopback/listen.ts";
import { admit } from "../loopback/page-key.ts";
import { createActs } from "./acts.ts";
import { ForgeApp, Token } from "./credentials.ts";
import { createFaults, type ForgeFault, inject } from "./faults.ts";
import { createGitHttp, isGitPath } from "./git-http.ts";
import { createGraphQL } from "./graphql.ts";
import { type SampleCommit, writeHistory } from "./history.ts";
import { validToken } from "./identify.ts";
import { isLogPath, sendLog } from "./job-logs.ts";
import { createPages } from "./pages.ts";
import { catchUp, createRepositories, type NewRepository } from "./repositories.ts";
import { createRest } from "./rest.ts";
import { runGit } from "./run-git.ts";
import { type ForgeRepository, type ForgeThread, pullRequestOf } from "./state.ts";
import { openState } from "./state-file.ts";

export type ForgeOptions = {
  /** Everything the forge knows: `forge.json` and `repos/`. Made when absent. */
  folder: string;
  /** What it refused, one line each. */
  log: (line: string) => void;
  /** A fixed port keeps the addresses of pull requests over a restart; 0 or absent: a free one. */
  port?: number;
  /** Milliseconds; a test moves it to let tokens expire. */
  now?: () => number;
  /** Lets a browser see the pages; absent: a new one. */
  pageKey?: string;
  /** What happens to a request on its way, for tests. */
  disturb?: Disturb | undefined;
};

export type Forge = Awaited<ReturnType<typeof startForge>>;

/** The stand-in for GitHub: REST and git on one loopback port, real git repositories on disk, strict about tokens. */
export async function startForge(options: ForgeOptions) {
  const { folder, log, now = Date.now, pageKey = randomBytes(20).toString("hex") } = options;
  const state = openState(folder);
  const repositories = createRepositories(folder, state);
  const faults = createFaults();
  const addresses = () => ({ serverUrl: server.url, apiUrl: `${server.url}/api/v3` });
  const acts = createActs({ state, repositories });
  const graphql = createGraphQL({ state, repositories, addresses, acts, log, now });
  const queries = getRequestListener(graphql.fetch);
  const rest = getRequestListener(createRest({ state, repositories, addresses, acts, log, now }).fetch);
  const pages = getRequestListener(createPages({ state, repositories, acts }).fetch);
  const git = createGitHttp({
    tokenOf: (secret: string) => validToken({ state, now }, secret),
    repositories: () => state.data.repositories,
    folderOf: repositories.folderOf,
    refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}) {
      log(`forge: refused git: ${status} ${message}`);
      response.writeHead(status, { "content-type": "text/plain", ...headers }).end(`${message}\n`);
    },
  });

  const server = await listen(
    "forge",
    async (request, response) => {
      const url = new URL(request.url ?? "/", addresses().serverUrl);
      const fault = faults.take(request.method ?? "GET", url.pathname);
      if (fault && inject(fault, request, response)) return;
      if (isGitPath(url.pathname)) git(url, request, response);
      else if (isLogPath(url.pathname)) sendLog(state, url, request, response);
      else if (url.pathname === "/api/graphql") await queries(request, response);
      else if (url.pathname.startsWith("/api/")) await rest(request, response);
      else if (admit(pageKey, request, response)) await pages(request, response);
    },
    options,
  );

  const repository = (name: string): ForgeRepository => {
    const found = state.data.repositories.find((one) => sameRepository(one.name, name));
    if (!found) throw new Error(`The forge has no repository ${name}.`);
    return found;
  };
  const placeOf = (name: string, number: number) => {
    const found = repository(name);
    const pull = pullRequestOf(state, found, number);
    if (!pull) throw new Error(`${name} has no pull request #${number}.`);
    return { repository: found, pull };
  };
  const tokenOf = (scope: Token["scope"]) => state.data.tokens.find((one) => one.scope === scope)?.token ?? "";
  return {
    ...addresses(),
    pageKey,
    /** To open in a browser: the key in it lets the browser see this page and the others. */
    pageUrl: `${addresses().serverUrl}/?key=${pageKey}`,
    readToken: tokenOf("read"),
    writeToken: tokenOf("write"),
    stop: server.stopNow,
    admin: {
      addRepository: (repository: NewRepository) => repositories.add(repository),
      addToken(token: Token) {
        state.data.tokens.push(Token.parse(token));
        state.save();
      },
      /**
       * Makes the forge know a GitHub App by its public key, with everything that it may do and where it is installed.
       */
      registerApp(app: z.input<typeof ForgeApp>) {
        state.data.app = ForgeApp.parse(app);
        state.save();
        return state.data.app;
      },
      /** Its record, to suspend or to widen it under the feet of a client. */
      app: () => state.data.app,
      /** Every token that was ever given out, to look for them where they must not be. */
      tokens: (): readonly Token[] => state.data.tokens,
      /** The old name answers 301 from now on. */
      rename(from: string, to: string) {
        const renamed = repository(from);
        renamed.formerNames.push(renamed.name);
        renamed.name = to;
        state.save();
      },
      /** Its facts, to change them under the feet of a client. Call nothing else while a request runs. */
      repository,
      /** The bare repository on disk, for checks with git. */
      gitFolder: (name: string) => repositories.folderOf(repository(name)),
      /** For a repository that was cloned: takes what its source has got since, unless both have gone on. */
      catchUp: (name: string, source: Parameters<typeof catchUp>[2]) =>
        catchUp(repositories.folderOf(repository(name)), repository(name).defaultBranch, source),
      /** A foreign commit on a branch that exists. */
      commit: (name: string, branch: string, commit: SampleCommit) =>
        writeHistory(repositories.folderOf(repository(name)), branch, [commit]),
      pullRequests: (name: string) => {
        const { id } = repository(name);
        return state.data.pullRequests.filter((pull) => pull.repositoryId === id);
      },
      comments: (name: string) => {
        const { id } = repository(name);
        return state.data.comments.filter((comment) => comment.repositoryId === id);
      },
      /** As a person who presses Merge, and deletes the branch or leaves it. */
      merge: (
        name: string,
        number: number,
        { by = "octocat", ...how }: Partial<Parameters<typeof acts.merge>[1]> = {},
      ) => acts.merge(placeOf(name, number), { by, ...how }),
      /** What else people do with a pull request. */
      acts,
      placeOf,
      threads: (name: string) => {
        const { id } = repository(name);
        return state.data.threads.filter((thread) => thread.repositoryId === id);
      },
      /** Many discussions at once. */
      addThreads(threads: readonly ForgeThread[]) {
        state.data.threads.push(...threads);
        state.save();
      },
      /** What happens to GraphQL queries, to change it; how many ids each one has asked for; what all have cost. */
      graphql: { limits: graphql.limits, asked: graphql.asked, spent: graphql.spent },
      /** As in the settings of a repository: who asks for the old name is redirected. */
      async renameBranch(name: string, from: string, to: string) {
        const found = repository(name);
        await runGit(repositories.folderOf(found), ["branch", "-m", from, to]);
        found.formerBranches[from] = to;
        if (found.defaultBranch === from) found.defaultBranch = to;
        for (const pull of state.data.pullRequests)
          if (pull.repositoryId === found.id && pull.baseBranch === from && pull.state === "open") pull.baseBranch = to;
        state.save();
      },
      plan: (fault: ForgeFault) => faults.plan(fault),
    },
  };
}
