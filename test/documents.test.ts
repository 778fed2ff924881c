import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const DOCUMENTS = globSync(["*.md", "docs/*.md"], { cwd: ROOT });
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const FOLDERS = /`((?:packages|functions|containers|slack|stacks|test|docs)\/[\w./-]*)`/g;
const LINKS = /\]\((?!https?:|#)([^)#]+)/g;

it.each(DOCUMENTS)("%s names files and folders that are there", (document) => {
  const named = [...read(document).matchAll(FOLDERS)].map(([, path]) => path!);
  const linked = [...read(document).matchAll(LINKS)].map(([, path]) => join(document, "..", path!));
  expect([...named, ...linked].filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it.each(DOCUMENTS)("%s names scripts that npm knows", (document) => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const named = [...read(document).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

/** Code without its comments: they may speak of anything. */
const codeOf = (file: string) =>
  read(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(?:^|\s)\/\/.*$/gm, "");

it.each([
  [
    "a model provider",
    ["packages/agent/to-api.ts", "packages/config/variables/work.ts", "packages/doctor/claude.ts"],
    /@anthropic-ai\/sdk/,
  ],
  [
    "a second forge",
    [
      "packages/jobs/ids.ts",
      "functions/plan.ts",
      "functions/watch.ts",
      "functions/read-token.ts",
      "functions/write-token.ts",
      "slack/open-repositories.ts",
    ],
    /@octokit|x-access-token|\bcreateGitHub\b|\bGITHUB_(?!REASONS\b)[A-Z]/,
  ],
])("CONTRIBUTING.md names every file that %s touches", (_, besides, knows) => {
  const files = globSync(["packages/**/*.ts", "functions/*.ts", "slack/**/*.ts", "containers/**/*.ts", "stacks/*.ts"], {
    cwd: ROOT,
  })
    // What stands beside the product, and what only asks whether a variable is set.
    .filter(
      (file) =>
        !/^packages\/(?:github|stand-ins|local)\/|^packages\/doctor\/(?:examine|machine|variables)\.ts$/.test(file),
    );
  const touched = [...besides, ...files.filter((file) => knows.test(codeOf(file)))];
  const said = read("CONTRIBUTING.md");
  const unnamed = touched.filter(
    (file) => !said.includes(file) && !said.includes(file.replace("packages/agent/", "`")),
  );
  expect(new Set(touched).size).toBeGreaterThan(6);
  expect(unnamed).toEqual([]);
});
