import { knownText, lineAt, nothing, type RaisePlan, type SeenFiles, type VersionPlace } from "./plan.ts";
import type { RaiseTarget } from "./target.ts";
import { isAtLeast, isVersion } from "./versions.ts";

type Maven = Extract<RaiseTarget, { kind: "maven" }>;
type Pom = { path: string; text: string };
type Element = { value: string; at: number };

/** Dependencies and managed dependencies with a version of their own or a property's; Spring Boot's property besides. */
export function planMaven(target: Maven, seen: SeenFiles): RaisePlan {
  const plan = nothing();
  const poms = [...seen.files].flatMap(([path, file]) =>
    path.endsWith("pom.xml") ? [{ path, text: withoutComments(knownText(file)) }] : [],
  );
  const all = poms.flatMap((pom) => dependencies(pom).filter(({ group }) => group.value === target.group));
  if (!all.some(({ artifact }) => isTarget(target, artifact.value))) return springBoot(target, poms, plan);
  for (const { pom, artifact, version } of all) {
    if (!version) continue;
    const property = /^\$\{(.+)\}$/.exec(version.value)?.[1];
    if (property) raiseProperty(target, property, artifact.value, poms, seen, plan);
    else raiseAt(target, pom, version, artifact.value, plan);
  }
  if (plan.findings.length === 0 && plan.needs.length === 0) return springBoot(target, poms, plan);
  return plan;
}

/** Artifacts of one group belong together: log4j-api 2.14.1 beside log4j-core 2.17.1 breaks at start. */
const isTarget = (target: Maven, artifact: string) => artifact === target.artifact || artifact === "log4j-bom";

function raiseProperty(
  target: Maven,
  property: string,
  artifact: string,
  poms: Pom[],
  seen: SeenFiles,
  plan: RaisePlan,
): void {
  const places = poms.flatMap((pom) => elements(pom.text, property).map((element) => ({ pom, element })));
  for (const { pom, element } of places) raiseAt(target, pom, element, `${artifact} through \${${property}}`, plan);
  const search = `<${property}>`;
  if (places.length > 0) return;
  if (!seen.searched.has(search)) plan.needs.push(search);
  else plan.remarks.push(`The version of ${artifact} is \${${property}}, which this repository does not define.`);
}

function raiseAt(target: Maven, pom: Pom, { value, at }: Element, what: string, plan: RaisePlan): void {
  const enough = isVersion(value) && isAtLeast(value, target.version);
  const finding: VersionPlace = { path: pom.path, line: lineAt(pom.text, at), what, version: value, enough };
  if (plan.findings.some(({ path, line }) => path === finding.path && line === finding.line)) return;
  plan.findings.push(finding);
  if (!enough) plan.changes.push({ path: pom.path, at, length: value.length, replacement: target.version });
}

/** A version that Spring Boot manages is raised by its documented property. */
function springBoot(target: Maven, poms: Pom[], plan: RaisePlan): RaisePlan {
  const uses = poms.some(({ text }) => /<artifactId>\s*(log4j-core|spring-boot-starter-log4j2)\s*</.test(text));
  if (target.artifact !== "log4j-core" || !uses) return plan;
  const boot = poms.find(({ text }) => /spring-boot-(starter-parent|dependencies)/.test(text));
  if (!boot) {
    plan.remarks.push("log4j-core is used without a version that this repository sets; its parent or a BOM decides.");
    return plan;
  }
  const what = "log4j-core through Spring Boot's log4j2.version";
  const existing = elements(boot.text, "log4j2.version")[0];
  if (existing) {
    raiseAt(target, boot, existing, what, plan);
    return plan;
  }
  const properties = /<properties>\n(\s*)/.exec(boot.text);
  if (!properties) {
    plan.remarks.push(
      "Spring Boot decides the version of log4j-core, and its pom has no properties to override it in.",
    );
    return plan;
  }
  const at = properties.index + "<properties>\n".length;
  plan.findings.push({
    path: boot.path,
    line: lineAt(boot.text, at),
    what,
    version: "Spring Boot's default",
    enough: false,
  });
  plan.changes.push({
    path: boot.path,
    at,
    length: 0,
    replacement: `${properties[1]}<log4j2.version>${target.version}</log4j2.version>\n`,
  });
  return plan;
}

function dependencies(pom: Pom) {
  return [...pom.text.matchAll(/<dependency>([\s\S]*?)<\/dependency>/g)].flatMap((block) => {
    const inner = block[1]!.replace(/<exclusions>[\s\S]*?<\/exclusions>/g, (part) => " ".repeat(part.length));
    const start = block.index + "<dependency>".length;
    const [group, artifact, version] = ["groupId", "artifactId", "version"].map(
      (name) => elements(inner, name, start)[0],
    );
    return group && artifact ? [{ pom, group, artifact, version }] : [];
  });
}

function elements(text: string, name: string, offset = 0): Element[] {
  const pattern = new RegExp(`<${name.replace(/[.$]/g, "\\$&")}>(\\s*)([^<]*?)\\s*</`, "g");
  return [...text.matchAll(pattern)].map((match) => ({
    value: match[2]!,
    at: offset + match.index + name.length + 2 + match[1]!.length,
  }));
}

/** Blanked, so that every offset stays. */
const withoutComments = (text: string) => text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, " "));
