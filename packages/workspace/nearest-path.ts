import { listed } from "../text/lists.ts";
import { FileProblem } from "./file-problem.ts";
import { listFiles } from "./list.ts";
import { shownPath } from "./paths.ts";
import { keyOf } from "./spelling.ts";
import type { Workspace } from "./workspace.ts";

const MAX_NAMED = 3;
const GOOD_ENOUGH = 0.5;

/** Says that a path (or a folder on the way to it) is not there, and which ones may have been meant. */
export async function missing(workspace: Workspace, path: string, folder?: string): Promise<FileProblem> {
  const files = await listFiles(workspace).catch(() => []);
  const near = nearest(
    path,
    files.map((file) => file.path),
  ).map(shownPath);
  const hint = near.length > 0 ? `Is it ${listed(near, "or")}?` : "List the files to see what there is.";
  const what = folder === undefined ? shownPath(path) : `folder ${shownPath(folder)}`;
  return new FileProblem(`There is no ${what}. ${hint}`, "missing");
}

/** Those that differ in case alone, then the same name in another folder, then the likest names in the same folder. */
function nearest(path: string, paths: readonly string[]): string[] {
  const wanted = plain(path);
  const name = nameIn(wanted);
  const sameButCase = paths.filter((one) => plain(one) === wanted);
  if (sameButCase.length > 0) return sameButCase.slice(0, MAX_NAMED);
  const sameName = paths.filter((one) => nameIn(plain(one)) === name);
  if (sameName.length > 0) return sameName.slice(0, MAX_NAMED);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return paths
    .filter((one) => one.startsWith(folder) && !one.slice(folder.length).includes("/"))
    .map((one) => ({ one, score: likeness(name, nameIn(plain(one))) }))
    .filter(({ score }) => score >= GOOD_ENOUGH)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_NAMED)
    .map(({ one }) => one);
}

const plain = (path: string) => keyOf(path).normalize("NFKC").toLowerCase();
const nameIn = (path: string) => path.slice(path.lastIndexOf("/") + 1);

const pairs = (text: string) =>
  new Set(Array.from({ length: Math.max(1, text.length - 1) }, (_, i) => text.slice(i, i + 2)));

/** Dice's coefficient over pairs of characters. */
function likeness(a: string, b: string): number {
  const [first, second] = [pairs(a), pairs(b)];
  return (2 * [...second].filter((pair) => first.has(pair)).length) / (first.size + second.size);
}
