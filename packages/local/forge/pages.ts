import { type Context, Hono } from "hono";
import { html, raw } from "hono/html";
import { diffOf, followHead } from "./pull-request-routes.ts";
import type { Repositories } from "./repositories.ts";
import type { ForgePullRequest, ForgeRepository, ForgeState } from "./state.ts";

type PagesDeps = { state: ForgeState; repositories: Repositories };
type Page = ReturnType<typeof html>;

/** A diff of megabytes helps nobody in a page. */
const MAX_DIFF_CHARS = 200_000;

/** What a person sees at the address of a repository or a pull request. Reading only; `html` escapes every value. */
export function createPages({ state, repositories }: PagesDeps) {
  const app = new Hono();
  const pullsOf = (repository: ForgeRepository) =>
    state.data.pullRequests.filter((pull) => pull.repositoryId === repository.id).toReversed();

  app.use(async (c, next) => {
    // Another site's name that resolves to this machine may not read it through a browser.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(c.req.header("host") ?? "")) return c.text("Not here.", 403);
    c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
    await next();
  });

  app.get("/", (c) => {
    const names = state.data.repositories.map(({ name }) => html`<li><a href="/${name}">${name}</a></li>`);
    return c.html(layout("Repositories", html`<ul>${names}</ul>`));
  });
  app.get("/:owner/:name", (c) => {
    const repository = repositoryOf(repositories, c);
    if (!repository) return c.notFound();
    const pulls = pullsOf(repository).map((pull) => html`<li>${linkTo(repository, pull)} ${stateOf(pull)}</li>`);
    return c.html(
      layout(repository.name, html`<p>${repository.description}</p><h2>Pull requests</h2><ul>${pulls}</ul>`),
    );
  });
  app.get("/:owner/:name/pull/:number", async (c) => {
    const repository = repositoryOf(repositories, c);
    const pull = repository && pullsOf(repository).find(({ number }) => `${number}` === c.req.param("number"));
    if (!pull) return c.notFound();
    const bare = repositories.folderOf(repository);
    await followHead(bare, pull);
    return c.html(layout(pull.title, pullRequestPage(repository, pull, (await diffOf(bare, pull)).toString())));
  });
  return app;
}

const repositoryOf = ({ find }: Repositories, c: Context) =>
  find(`${c.req.param("owner")}/${c.req.param("name")}`)?.repository;

const linkTo = ({ name }: ForgeRepository, { number, title }: ForgePullRequest) =>
  html`<a href="/${name}/pull/${number}">#${number} ${title}</a>`;

const stateOf = ({ draft, state, labels }: ForgePullRequest) => [draft ? "draft" : state, ...labels].join(", ");

function pullRequestPage(repository: ForgeRepository, pull: ForgePullRequest, diff: string): Page {
  const shown = diff
    .slice(0, MAX_DIFF_CHARS)
    .split("\n")
    .map((line) => html`<span class="${kindOf(line)}">${line}\n</span>`);
  return html`<p>
      <a href="/${repository.name}">${repository.name}</a> #${pull.number}, ${stateOf(pull)}: ${pull.author} wants to
      merge <code>${pull.headBranch}</code> into <code>${pull.baseBranch}</code>
    </p>
    <pre class="text">${pull.body ?? ""}</pre>
    <pre class="diff">${shown}</pre>
    ${diff.length > MAX_DIFF_CHARS ? html`<p>The rest of the diff is left out.</p>` : ""}`;
}

const kindOf = (line: string) => {
  if (/^(diff|index|---|\+\+\+|@@|new|deleted|old|similarity|rename)/.test(line)) return "head";
  return line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
};

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 1rem auto; padding: 0 1rem; }
  pre { overflow-x: auto; padding: 1rem; border: 1px solid #8884; border-radius: 6px; }
  .text { white-space: pre-wrap; font: inherit; }
  .head { color: #888; } .added { background: #2a82; } .removed { background: #c332; }
`;

const layout = (title: string, content: Page): Page =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${content}
      </body>
    </html>`;
