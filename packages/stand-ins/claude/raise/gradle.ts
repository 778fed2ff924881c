import { knownText, lineAt, nothing, type RaisePlan, type SeenFiles } from "./plan.ts";
import type { RaiseTarget } from "./target.ts";
import { isAtLeast, isVersion } from "./versions.ts";

type Maven = Extract<RaiseTarget, { kind: "maven" }>;
type Place = { path: string; text: string; at: number; value: string; what: string };

const IS_GRADLE = /(\.gradle(\.kts)?|gradle\.properties|\.versions\.toml)$/;

/** Coordinates in one string or in named parts, version catalogs, and variables wherever they are set. */
export function planGradle(target: Maven, seen: SeenFiles): RaisePlan {
  const plan = nothing();
  const files = [...seen.files].flatMap(([path, file]) =>
    IS_GRADLE.test(path) ? [{ path, text: knownText(file) }] : [],
  );
  const places = files.flatMap(({ path, text }) => uses(target, path, text));
  if (!places.some(({ what }) => what === target.artifact || what === "log4j-bom")) return plan;
  for (const place of places) {
    const variable = /^\$\{?([\w.]+)\}?$/.exec(place.value)?.[1] ?? /^ref:(.+)$/.exec(place.value)?.[1];
    if (!variable) {
      raiseAt(target, place, plan);
      continue;
    }
    const name = variable.split(".").at(-1)!;
    const definitions = files.flatMap(({ path, text }) => definitionsOf(name, path, text, place.what));
    for (const definition of definitions) raiseAt(target, definition, plan);
    if (definitions.length > 0) continue;
    if (!seen.searched.has(name)) plan.needs.push(name);
    else plan.remarks.push(`The version of ${place.what} is the variable ${name}, whose value was not found.`);
  }
  return plan;
}

function raiseAt(target: Maven, { path, text, at, value, what }: Place, plan: RaisePlan): void {
  const line = lineAt(text, at);
  if (plan.findings.some((finding) => finding.path === path && finding.line === line)) return;
  const enough = isVersion(value) && isAtLeast(value, target.version);
  plan.findings.push({ path, line, what, version: value, enough });
  if (!enough) plan.changes.push({ path, at, length: value.length, replacement: target.version });
}

function uses({ group }: Maven, path: string, text: string): Place[] {
  const g = group.replaceAll(".", "\\.");
  const patterns = [
    // "org.apache.logging.log4j:log4j-core:2.14.1"
    new RegExp(`["']${g}:(?<what>[\\w.-]+):(?<value>[^"'@:]+)`, "dg"),
    // group: '...', name: 'log4j-core', version: '2.14.1' (Groovy), group = "..." (Kotlin, version catalogs)
    new RegExp(
      `group\\s*[:=]\\s*["']${g}["']\\s*,\\s*name\\s*[:=]\\s*["'](?<what>[\\w.-]+)["']\\s*,\\s*version\\s*[:=]\\s*["']?(?<value>[^"'\\s,)]+)`,
      "dg",
    ),
    // module = "...:log4j-core", version = "2.14.1"
    new RegExp(`module\\s*=\\s*["']${g}:(?<what>[\\w.-]+)["']\\s*,\\s*version\\s*=\\s*["'](?<value>[^"']+)`, "dg"),
  ];
  const byReference = new RegExp(
    `(?:module\\s*=\\s*["']${g}:|group\\s*=\\s*["']${g}["']\\s*,\\s*name\\s*=\\s*["'])(?<what>[\\w.-]+)["']\\s*,\\s*version\\.ref\\s*=\\s*["'](?<ref>[^"']+)`,
    "g",
  );
  return [
    ...patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((match) => ({
        path,
        text,
        at: match.indices!.groups!.value![0],
        value: match.groups!.value!,
        what: match.groups!.what!,
      })),
    ),
    ...[...text.matchAll(byReference)].map((match) => ({
      path,
      text,
      at: match.index,
      value: `ref:${match.groups!.ref}`,
      what: match.groups!.what!,
    })),
  ];
}

/** `log4jVersion = "2.14.1"`, `set("log4jVersion", "2.14.1")`, and the same in properties and catalogs. */
function definitionsOf(name: string, path: string, text: string, what: string): Place[] {
  const bare = name.replace(/[.-]/g, "\\$&");
  const pattern = new RegExp(`(?:^|[^\\w.-]|ext\\.)${bare}["']?\\]?\\s*[=:,]\\s*["']?(?<value>\\d[\\w.-]*)`, "dgm");
  return [...text.matchAll(pattern)].map((match) => ({
    path,
    text,
    at: match.indices!.groups!.value![0],
    value: match.groups!.value!,
    what: `${what} through ${name}`,
  }));
}
