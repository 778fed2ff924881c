/** A dependency and the lowest version that it shall have. */
export type RaiseTarget =
  | { kind: "maven"; group: string; artifact: string; version: string }
  /** `bare`: the prompt does not say that npm has it, so it may as well be another ecosystem's. */
  | { kind: "npm"; name: string; version: string; bare?: true };

const NAME = "[`'\"]?(@?[a-z0-9][\\w.@/:-]*)[`'\"]?";
const ASIDE = "(?:\\s*\\([^)]*\\))?";
const VERSION = "[`'\"]?v?(\\d+(?:\\.\\d+)+(?:[-.][\\w.]+)?)";
const AT_LEAST = "(?:to|at|>=|≥)\\s+(?:(?:at\\s+least|a|the|version|or|above|of|>=|≥)\\s+)*";
/** "raise log4j-core to at least 2.17.1", "bump minimist (npm) to 1.2.8" */
const RAISE_TO = new RegExp(`${NAME}${ASIDE}\\s+${AT_LEAST}${VERSION}`, "gi");
/** "log4j-core 2.17.1 or later" */
const OR_LATER = new RegExp(`${NAME}${ASIDE}\\s+${VERSION}\\s+(?:or|and)\\s+(?:later|newer|higher|above|up)`, "gi");
/** Words that stand where a name might. */
const NOT_NAMES = /^(versions?|least|at|to|is|was|of|a|the|it|them|dependency|package)$/i;
const VERBS = /\b(raise|upgrade|update|bump|move|lift|patch|fix|make sure|ensure|at least|or later|or newer)\b/i;

/** What a prompt asks to raise; empty when it is about something else. */
export function targetsOf(task: string): RaiseTarget[] {
  if (!VERBS.test(task)) return [];
  const found = [...task.matchAll(RAISE_TO), ...task.matchAll(OR_LATER)]
    .filter(([, name]) => !NOT_NAMES.test(name!))
    .map(([, name, version]) => target(task, name!.replace(/[:.,]+$/, ""), version!.replace(/[.,]+$/, "")));
  return found.filter((one, i) => found.findIndex((other) => nameOf(other) === nameOf(one)) === i);
}

function target(task: string, name: string, version: string): RaiseTarget {
  if (/^log4j2?(-core)?$/i.test(name)) {
    return { kind: "maven", group: "org.apache.logging.log4j", artifact: "log4j-core", version };
  }
  const [group, artifact] = name.split(":");
  return group && artifact
    ? { kind: "maven", group, artifact, version }
    : { kind: "npm", name, version, ...(!isSaidToBeNpm(task, name) && { bare: true as const }) };
}

/** "the npm package minimist", "minimist (npm)", "@types/node" */
function isSaidToBeNpm(task: string, name: string): boolean {
  const quoted = `[\`'"]?${name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}[\`'"]?`;
  return name.startsWith("@") || new RegExp(`npm\\s+\\w+\\s+${quoted}|${quoted}\\s*\\([^)]*npm`, "i").test(task);
}

export const nameOf = (one: RaiseTarget) => (one.kind === "maven" ? one.artifact : one.name);
