import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { html, raw } from "hono/html";

export type HtmlPage = ReturnType<typeof html>;

const { resolve } = createRequire(import.meta.url);
const read = (file: string) => readFileSync(file, "utf8");
const STYLE = [
  read(resolve("diff2html/bundles/css/diff2html.min.css")),
  read(resolve("highlight.js/styles/github.min.css")),
  `@media (prefers-color-scheme: dark) { ${read(resolve("highlight.js/styles/github-dark.min.css"))} }`,
  read(join(import.meta.dirname, "forge.css")),
].join("\n");

/** One page without script and without any request of its own. `crumbs`: where one came from, outermost first. */
export const layout = (title: string, crumbs: { href: string; text: string }[], content: HtmlPage): HtmlPage =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <header class="top">
          <nav aria-label="Where you are">
            <a href="/">Forge</a>${crumbs.map(({ href, text }) => html` <span aria-hidden="true">/</span> <a href="${href}">${text}</a>`)}
          </nav>
          <span>stand-in for GitHub on this machine</span>
        </header>
        <main>${content}</main>
      </body>
    </html>`;
