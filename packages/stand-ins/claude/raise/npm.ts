import { planLock } from "./npm-lock.ts";
import { type Npm, placesIn, raised } from "./npm-manifest.ts";
import { knownText, lineAt, nothing, type RaisePlan, type SeenFiles } from "./plan.ts";
import { isAtLeast } from "./versions.ts";

/** package.json, and its lock file as far as that can be done without a registry. */
export function planNpm(target: Npm, seen: SeenFiles): RaisePlan {
  const plan = nothing();
  for (const [path, file] of seen.files) {
    if (!/(^|\/)package\.json$/.test(path)) continue;
    const text = knownText(file);
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
