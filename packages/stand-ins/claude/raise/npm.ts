import { planLock } from "./npm-lock.ts";
import { lineAt, nothing, type Plan, type Seen, textOf } from "./plan.ts";
import type { Target } from "./target.ts";
import { isAtLeast } from "./versions.ts";

export type Npm = Extract<Target, { kind: "npm" }>;

const SECTIONS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides"];

/** package.json, and its lock file as far as that can be done without a registry. */
export function planNpm(target: Npm, seen: Seen): Plan {
  const plan = nothing();
  for (const [path, file] of seen.files) {
    if (!/(^|\/)package\.json$/.test(path)) continue;
    const text = textOf(file);
    for (const place of placesIn(text, target.name)) {
      const { value, at, section } = place;
      const lowest = /\d+(?:\.\d+)*[\w.-]*/.exec(value)?.[0];
      if (!lowest || /^(git|file|link|workspace|npm|https?):/.test(value)) {
        plan.remarks.push(`${path} takes ${target.name} from "${value}", which is not a version range.`);
        continue;
      }
      const enough = isAtLeast(lowest, target.version) && !/^\s*</.test(value);
      plan.findings.push({
        path,
        line: lineAt(text, at),
        what: `${target.name} in ${section}`,
        version: value,
        enough,
      });
      if (!enough) plan.changes.push({ path, at, length: value.length, replacement: raised(value, target.version) });
    }
  }
  planLock(target, seen, plan);
  return plan;
}

/** A plain prefix is kept; anything cleverer becomes a caret range. */
export const raised = (range: string, version: string) =>
  /^(\^|~|>=)?\s*\d+(\.\d+)*[\w.-]*$/.test(range) ? `${/^(\^|~|>=)?/.exec(range)![0]}${version}` : `^${version}`;

export function placesIn(text: string, name: string) {
  const quoted = JSON.stringify(name).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return SECTIONS.flatMap((section) => {
    const block = new RegExp(`"${section}"\\s*:\\s*\\{([^}]*)\\}`).exec(text);
    const entry = block && new RegExp(`${quoted}\\s*:\\s*"(?<value>[^"]*)"`, "d").exec(block[1]!);
    if (!block || !entry) return [];
    const start = block.index + block[0].length - 1 - block[1]!.length;
    return [{ section, value: entry.groups!.value!, at: start + entry.indices!.groups!.value![0] }];
  });
}
