import type { KnownFile } from "../conversation.ts";
import { type Npm, placesIn, raised } from "./npm-manifest.ts";
import { knownText, type RaisePlan, type SeenFiles } from "./plan.ts";
import { isAtLeast } from "./versions.ts";

const ROOT_LINES = 150;
const ENTRY_LINES = 25;

export const lockSearch = (name: string) => `node_modules/${name}": {`;

/**
 * A package without dependencies of its own can be raised in package-lock.json by hand: version, address, and no
 * integrity, which npm then fills in. Others need npm itself, and the reviewer is told so.
 */
export function planLock(target: Npm, seen: SeenFiles, plan: RaisePlan): void {
  const hits = seen.hits.filter(
    ({ path, text }) => path.endsWith("package-lock.json") && text.includes(lockSearch(target.name)),
  );
  for (const { path, line } of hits) {
    const lock = seen.files.get(path);
    const entry = lock && entryAt(lock, line);
    if (!entry) {
      plan.reads.push({ path, from: line, to: line + ENTRY_LINES });
      continue;
    }
    const version = /"version": "([^"]*)"/.exec(entry)?.[1] ?? "";
    const enough = isAtLeast(version, target.version);
    plan.findings.push({ path, line, what: `${target.name}, locked`, version, enough });
    if (enough) continue;
    if (/"(dependencies|optionalDependencies|peerDependencies)"/.test(entry)) {
      plan.remarks.push(
        `${path} still locks ${target.name} ${version}, which has dependencies of its own: run npm install to renew it.`,
      );
      continue;
    }
    plan.changes.push({
      path,
      at: offsetOf(lock, line),
      length: entry.length,
      replacement: raisedEntry(entry, version, target.version),
    });
    if (/"integrity"/.test(entry))
      plan.remarks.push(`The integrity of ${target.name} is left out of ${path}: npm install fills it in.`);
    planRoot(target, path, lock, plan);
  }
}

/** npm ci compares the ranges of package.json with their copy at the top of the lock file. */
function planRoot(target: Npm, path: string, lock: KnownFile, plan: RaisePlan): void {
  if (!lock.lines.has(1)) {
    plan.reads.push({ path, from: 1, to: ROOT_LINES });
    return;
  }
  for (const { value, at } of placesIn(knownText(lock), target.name)) {
    if (plan.changes.some((change) => change.path === path && change.at === at)) continue;
    if (!isAtLeast(/\d[\w.-]*/.exec(value)?.[0] ?? "0", target.version)) {
      plan.changes.push({ path, at, length: value.length, replacement: raised(value, target.version) });
    }
  }
}

function entryAt(lock: KnownFile, line: number): string | undefined {
  if (!lock.lines.has(line)) return undefined;
  const indent = /^ */.exec(lock.lines.get(line)!)![0];
  const text = knownText(lock, line);
  const end = text.search(new RegExp(`\n${indent}\\}`));
  return end === -1 ? undefined : text.slice(0, end);
}

/** Changes count from the file's first known line, see edits.ts: with line 1 unread, from a line far down. */
function offsetOf(lock: KnownFile, line: number): number {
  let at = 0;
  for (const [number, text] of [...lock.lines].toSorted(([a], [b]) => a - b)) {
    if (number >= line) break;
    at += text.length + 1;
  }
  return at;
}

const raisedEntry = (entry: string, from: string, to: string) =>
  entry
    .replace(`"version": "${from}"`, `"version": "${to}"`)
    .replace(`-${from}.tgz`, `-${to}.tgz`)
    .replace(/\n *"integrity": "[^"]*",?/, "")
    .replace(/,$/, "");
