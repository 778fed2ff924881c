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
