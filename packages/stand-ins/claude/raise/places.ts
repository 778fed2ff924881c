import type { KnownFile } from "../conversation.ts";
import { knownText, lineAt, nothing, type RaisePlan, type SeenFiles } from "./plan.ts";
import type { RaiseTarget } from "./target.ts";
import { isAtLeast } from "./versions.ts";

/** A version as it is written: in `text` of `path`, `value` at `at`. */
type WrittenVersion = { path: string; text: string; what: string; value: string; at: number };

/** Where build files name the target's version, and what is to become of it. */
export function planFor(target: RaiseTarget, seen: SeenFiles): RaisePlan {
  const plan = nothing();
  const files = [...seen.files].map(([path, file]) => ({ path, text: textWithoutComments(file) }));
  const used = files.flatMap(({ path, text }) => placesIn(path, text, patternOf(target, path)));
  // Artifacts of one group belong together: log4j-api 2.14.1 beside log4j-core 2.17.1 breaks at start.
  if (target.kind === "maven" && !used.some(({ what }) => what === target.artifact)) {
    for (const { path, text } of files)
      if (namesArtifact(target, path, text))
        plan.remarks.push(
          `${path} uses ${target.artifact} with a version that stands elsewhere: in a parent, a platform or a catalog.`,
        );
    return plan;
  }
  for (const place of used) {
    const [, variable] = /^\$\{?([\w.]+)\}?$/.exec(place.value) ?? [];
    if (!variable) {
      raiseAt(target, place, plan);
      continue;
    }
    const what = `${place.what} through ${variable}`;
    const set = files.flatMap(({ path, text }) => placesIn(path, text, definitionOf(variable), what));
    for (const definition of set) raiseAt(target, definition, plan);
    if (set.length > 0) continue;
    if (!seen.searched.has(variable)) plan.needs.push(variable);
    else plan.remarks.push(`The version of ${place.what} is ${place.value}, which this repository does not define.`);
  }
  if (target.kind === "npm") for (const { path, text } of files) raiseLocked(target, path, text, plan);
  return plan;
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

function patternOf(target: RaiseTarget, path: string): RegExp | undefined {
  if (target.kind === "npm") return path.endsWith("package.json") ? rangeOf(target.name) : undefined;
  const group = literal(target.group);
  return path.endsWith("pom.xml")
    ? new RegExp(
        `<groupId>${group}</groupId>\\s*<artifactId>(?<what>[^<]+)</artifactId>\\s*<version>(?<value>[^<]+)<`,
        "dg",
      )
    : new RegExp(`["']${group}:(?<what>[\\w.-]+):(?<value>[^"'@:]+)`, "dg");
}

function namesArtifact({ group, artifact }: Extract<RaiseTarget, { kind: "maven" }>, path: string, text: string) {
  const [inGroup, named] = [literal(group), literal(artifact)];
  return path.endsWith("pom.xml")
    ? new RegExp(`<groupId>${inGroup}</groupId>\\s*<artifactId>${named}</artifactId>`).test(text)
    : new RegExp(`["']${inGroup}:${named}["':@]`).test(text);
}

const rangeOf = (name: string) => new RegExp(`"(?<what>${literal(name)})"\\s*:\\s*"(?<value>[^"]*)"`, "dg");

/** `<log4j.version>2.14.1<`, `log4jVersion = '2.14.1'`, `log4jVersion=2.14.1` */
const definitionOf = (name: string) =>
  new RegExp(`(?:<${literal(name)}>|(?<![\\w.])${literal(name)}["']?\\s*[=:,]\\s*["']?)(?<value>\\d[\\w.-]*)`, "dg");

const placesIn = (path: string, text: string, pattern: RegExp | undefined, what?: string): WrittenVersion[] =>
  pattern
    ? [...text.matchAll(pattern)].map(({ groups, indices }) => ({
        path,
        text,
        what: what ?? groups!.what!,
        value: groups!.value!,
        at: indices!.groups!.value![0],
      }))
    : [];

function raiseAt(target: RaiseTarget, { path, text, what, value, at }: WrittenVersion, plan: RaisePlan): void {
  const [, prefix, number] = /^(\^|~|>=|)\s*(\d+(?:\.\d+)*[\w.+-]*)$/.exec(value) ?? [];
  if (number === undefined && /[:/]/.test(value)) {
    plan.remarks.push(`${path} takes ${what} from "${value}", which is no version.`);
    return;
  }
  const enough = number !== undefined && isAtLeast(number, target.version);
  const line = lineAt(text, at);
  if (plan.findings.some((finding) => finding.path === path && finding.line === line)) return;
  // The lock file's copy of package.json's range proves nothing by itself.
  if (!path.endsWith("package-lock.json")) plan.findings.push({ path, line, what, version: value, enough });
  if (!enough) plan.changes.push({ path, at, length: value.length, replacement: `${prefix ?? ""}${target.version}` });
}

/** An entry of a version and its integrity alone; npm fills the integrity in again. Any other one needs npm itself. */
function raiseLocked(target: Extract<RaiseTarget, { kind: "npm" }>, path: string, text: string, plan: RaisePlan) {
  const { name, version } = target;
  if (!path.endsWith("package-lock.json")) return;
  const entry = new RegExp(`"node_modules/${literal(name)}": \\{\\s*"version": "(?<value>[^"]+)"`, "d").exec(text);
  const { value, at } = { value: entry?.groups?.value ?? "", at: entry?.indices?.groups?.value?.[0] ?? 0 };
  if (!entry) return;
  const enough = isAtLeast(value, version);
  plan.findings.push({ path, line: lineAt(text, at), what: `${name}, locked`, version: value, enough });
  if (enough) return;
  const [rest, integrity] = /^"(,\s*"integrity": "[^"]*")?(?=\s*\})/.exec(text.slice(at + value.length)) ?? [];
  if (rest === undefined) {
    plan.remarks.push(`${path} still locks ${name} ${value}: run npm install to renew it.`);
    return;
  }
  plan.changes.push({ path, at, length: value.length + rest.length, replacement: `${version}"` });
  // npm ci compares the ranges of package.json with their copy at the top of the lock file.
  for (const place of placesIn(path, text, rangeOf(name))) raiseAt(target, place, plan);
  if (integrity) plan.remarks.push(`The integrity of ${name} is left out of ${path}: npm install fills it in.`);
}

/** Blanked, so that every offset stays. */
const textWithoutComments = (file: KnownFile) =>
  knownText(file).replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, " "));
