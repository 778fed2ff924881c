import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { plural } from "../../text/counts.ts";
import type { ForgeActs } from "./acts.ts";
import { type ActRequest, actForms, readAct } from "./page/acts.ts";
import { diffPage } from "./page/diff.ts";
import { type HtmlPage, layout } from "./page/layout.ts";
import { markdown } from "./page/markdown.ts";
import { followHead, pullRequestDiff } from "./pull-request-git.ts";
import type { ForgeRepositories } from "./repositories.ts";
import { askGit } from "./run-git.ts";
import { judgementsOf } from "./standing.ts";
import { type ForgePullRequest, type ForgeRepository, type ForgeState, pullRequestOf } from "./state.ts";

type PagesDeps = { state: ForgeState; repositories: ForgeRepositories; acts: ForgeActs };
type Commit = { sha: string; subject: string; author: string; day: string };

const MAX_COMMITS = 20;

/**
 * What a person sees at the address of a repository or a pull request; on that of a pull request forms set a check,
 * review, merge and close. `html` escapes every value.
 */
export function createPages({ state, repositories, acts }: PagesDeps) {
  const app = new Hono();
  const pullsOf = (repository: ForgeRepository) =>
    state.data.pullRequests.filter((pull) => pull.repositoryId === repository.id).toReversed();

  app.use(async (c, next) => {
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    await next();
  });

  app.get("/", (c) => {
    const reachable = state.data.repositories.filter(({ role }) => role !== "none");
    const lines = reachable.map((repository) => repositoryLine(repository, pullsOf(repository)));
    return c.html(
      layout("Repositories", [], html`<h1>Repositories</h1>${listOf(lines, "There is no repository here yet.")}`),
    );
  });
  app.get("/:owner/:name", async (c) => {
    const repository = repositoryOf(repositories, c);
    if (!repository) return c.notFound();
    const commits = await commitsOf(repositories.folderOf(repository), `refs/heads/${repository.defaultBranch}`);
    return c.html(layout(repository.name, [], repositoryPage(repository, pullsOf(repository), commits)));
  });
  const placeOf = (c: Context) => {
    const repository = repositoryOf(repositories, c);
    const pull = repository && pullRequestOf(state, repository, c.req.param("number"));
    return pull && { repository, pull };
  };
  app.get("/:owner/:name/pull/:number", async (c) => {
    const place = placeOf(c);
    if (!place) return c.notFound();
    const { repository, pull } = place;
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    const [diff, commits] = await Promise.all([
      pullRequestDiff(bare, pull),
      commitsOf(bare, `${pull.baseSha}..${pull.headSha}`),
    ]);
    const crumb = { href: `/${repository.name}`, text: repository.name };
    return c.html(
      layout(
        `${pull.title} · ${repository.name} #${pull.number}`,
        [crumb],
        pullPage(pull, commits, diff.toString(), actForms(pull, judgementsOf(state, repository, pull))),
      ),
    );
  });
  app.post("/:owner/:name/pull/:number", async (c) => {
    const place = placeOf(c);
    const act = readAct(await c.req.parseBody());
    if (!place || !act) return c.notFound();
    await perform(acts, place, act);
    return c.redirect(c.req.path, 303);
  });
  return app;
}

async function perform(acts: ForgeActs, place: Parameters<ForgeActs["close"]>[0], request: ActRequest) {
  switch (request.act) {
    case "check":
      return acts.setCheck(place, { name: request.name, outcome: request.outcome, log: request.log || null });
    case "review":
      return acts.review(place, { author: request.by, state: request.decision, body: request.body });
    case "comment":
      return acts.comment(place, { author: request.by, path: request.path, line: request.line, body: request.body });
    case "merge":
      return acts.merge(place, { by: request.by });
    case "close":
      return acts.close(place, request.by);
    case "reopen":
      return acts.reopen(place);
  }
}

const repositoryOf = ({ find }: ForgeRepositories, c: Context) =>
  find(`${c.req.param("owner")}/${c.req.param("name")}`)?.repository;

/** Newest first. */
async function commitsOf(bare: string, range: string): Promise<Commit[]> {
  const log = await askGit(bare, ["log", `-${MAX_COMMITS}`, "--format=%h%x00%s%x00%an%x00%as", range, "--"]);
  return (log ?? "").split("\n").flatMap((line) => {
    const [sha, subject = "", author = "", day = ""] = line.split("\0");
    return sha ? [{ sha, subject, author, day }] : [];
  });
}

const listOf = (lines: HtmlPage[], nothing: string): HtmlPage =>
  lines.length === 0 ? html`<p class="empty">${nothing}</p>` : html`<ul class="list">${lines}</ul>`;

function repositoryLine({ name, description, ...facts }: ForgeRepository, pulls: ForgePullRequest[]): HtmlPage {
  const open = pulls.filter(({ state }) => state === "open").length;
  return html`<li>
    <a href="/${name}">${name}</a>
    <p class="quiet">${description}</p>
    <p class="quiet">${factsOf(facts)}${open > 0 ? html` · ${plural(open, "open pull request")}` : ""}</p>
  </li>`;
}

const factsOf = (facts: Pick<ForgeRepository, "language" | "topics" | "archived" | "defaultBranch">) =>
  [facts.archived && "archived", facts.language, facts.defaultBranch, ...facts.topics].filter(Boolean).join(" · ");

function repositoryPage(repository: ForgeRepository, pulls: ForgePullRequest[], commits: Commit[]): HtmlPage {
  const lines = pulls.map(
    (pull) =>
      html`<li>
        ${stateOf(pull)} <a href="/${repository.name}/pull/${pull.number}">${pull.title}</a> ${labelsOf(pull)}
        <p class="quiet">#${pull.number} opened by ${pull.author} on ${pull.createdAt.slice(0, 10)}</p>
      </li>`,
  );
  return html`<h1>${repository.name}</h1>
    <p>${repository.description}</p>
    <p class="quiet">${factsOf(repository)}</p>
    <h2>Pull requests</h2>
    ${listOf(lines, "No pull request yet. Cody opens one when a job changes something here.")}
    <h2>Commits on <code>${repository.defaultBranch}</code></h2>
    ${listOf(commits.map(commitLine), "This repository is empty.")}`;
}

const commitLine = ({ sha, subject, author, day }: Commit): HtmlPage =>
  html`<li><code>${sha}</code> ${subject}<p class="quiet">${author}, ${day}</p></li>`;

function stateOf({ draft, state, mergedAt }: ForgePullRequest): HtmlPage {
  const word = mergedAt ? "merged" : state === "closed" ? "closed" : draft ? "draft" : "open";
  return html`<span class="state ${word}">${word[0]!.toUpperCase()}${word.slice(1)}</span>`;
}

const labelsOf = ({ labels }: ForgePullRequest): HtmlPage[] =>
  labels.map((label) => html`<span class="label">${label}</span> `);

function pullPage(pull: ForgePullRequest, commits: Commit[], diff: string, forms: HtmlPage): HtmlPage {
  const { files, whole, markup } = diffPage(diff);
  return html`<h1>${pull.title} <span class="number">#${pull.number}</span></h1>
    <p>
      ${stateOf(pull)} ${labelsOf(pull)} ${pull.author} wants to merge <code class="branch">${pull.headBranch}</code>
      into <code class="branch">${pull.baseBranch}</code>
    </p>
    <div class="text">${pull.body?.trim() ? markdown(pull.body) : html`<p class="quiet">No description.</p>`}</div>
    ${forms}
    <h2>Commits</h2>
    ${listOf(commits.map(commitLine), "No commit.")}
    <h2>${plural(files, "file")} changed</h2>
    ${markup}${whole ? "" : html`<p class="empty">The rest of the diff is too long for this page.</p>`}`;
}
