import { plural } from "../../../text/counts.ts";
import { listed } from "../../../text/lists.ts";
import type { Done } from "../conversation.ts";
import type { Report } from "../verdict-call.ts";
import type { RaisePlan, VersionPlace } from "./plan.ts";
import { nameOf, type RaiseTarget } from "./target.ts";

/** The verdict over all targets, with the lines that prove it. */
export function report(
  targets: RaiseTarget[],
  plans: RaisePlan[],
  seen: { manifests: string[]; hasSubmodules: boolean; edited: Done[] },
): Report {
  const findings = plans.flatMap((plan) => plan.findings);
  const remarks = [...new Set(plans.flatMap((plan) => plan.remarks))];
  const failed = seen.edited.filter(({ name, isError }) => name === "edit_file" && isError);
  const changed = seen.edited.some(({ name, isError }) => name === "edit_file" && !isError);
  const names = listed(targets.map((target) => `${nameOf(target)} ${target.version}`));
  const evidence = findings.map((finding) => ({ path: finding.path, note: noteOf(finding, changed) }));
  if (evidence.length === 0) evidence.push(...absence(targets, seen.manifests));
  if (!changed && failed.length > 0)
    return {
      outcome: "blocked",
      missing: "An edit that the working tree takes: see what each call was answered.",
      summary: `The edits failed (${failed.map(({ result }) => result).join(" ")}): at least ${names} was asked for.`,
      evidence,
    };
  const beyond = changed ? [] : beyondSight(targets, { ...seen, hasFindings: findings.length > 0, remarks });
  if (beyond.length > 0)
    return {
      outcome: "blocked",
      missing: "A model that can judge this: set ANTHROPIC_API_KEY to let Claude work on it.",
      summary: `I am a script and cannot judge this. ${beyond.join(" ")} Nothing was changed: at least ${names} was asked for.`,
      evidence,
    };
  if (!changed) {
    const why =
      findings.length > 0 ? "Every version found is high enough already" : "No build file here names a version of it";
    return { outcome: "not-needed", summary: `${why}: at least ${names} was asked for.`, evidence };
  }
  const low = findings.filter(({ enough }) => !enough);
  const raised = targets.filter((_, i) => plans[i]!.findings.some(({ enough }) => !enough));
  const verification = seen.edited.findLast(({ result }) => result.startsWith("The check failed"));
  return {
    outcome: "changed",
    summary: [
      `Raised ${listed(raised.map((target) => `${nameOf(target)} to ${target.version}`))} in ${plural(low.length, "place")}.`,
      ...remarks,
      ...failed.map(({ input, result }) => `An edit of ${input.path} failed: ${result}`),
      ...(verification ? ["The check fails; a script cannot find out why."] : []),
    ].join(" "),
    evidence,
    title: `Raise ${raised.map((target) => `${nameOf(target)} to ${target.version}`).join(", ")}`,
    body: bodyOf(findings, remarks),
  };
}

/** Where a version may stand that the script cannot see: then "not needed" would be a guess. */
function beyondSight(
  targets: RaiseTarget[],
  seen: { manifests: string[]; hasSubmodules: boolean; hasFindings: boolean; remarks: string[] },
): string[] {
  const unknown = seen.hasFindings ? [] : targets.filter((target) => !isReadable(target, seen.manifests));
  return [
    ...seen.remarks,
    ...(seen.hasSubmodules ? ["The repository has submodules, whose files are not in this clone."] : []),
    ...(unknown.length > 0 && seen.remarks.length === 0
      ? [`I read ${READ} only, and ${listed(unknown.map(nameOf), "or")} may be used where I cannot look.`]
      : []),
  ];
}

const READ = "log4j-core, GROUP:ARTIFACT in Maven and Gradle files, and npm packages in package.json";

/** A bare name says something by its absence only where npm alone builds: other tools may call it by a longer one. */
const isReadable = (target: RaiseTarget, manifests: string[]) =>
  target.kind === "maven" ||
  !target.bare ||
  (manifests.length > 0 && manifests.every((path) => path.endsWith(".json")));

/** The turns are used up before everything was looked at. */
export const unseen = (targets: RaiseTarget[]): Report => ({
  outcome: "blocked",
  missing: "More turns, or a higher cost limit: the build files were not all read.",
  summary: `The turns or the money are used up before I have read what may name ${listed(targets.map(nameOf), "or")}. Nothing was changed.`,
  evidence: [{ path: ".", note: "not read to the end" }],
});

const noteOf = ({ line, what, version, enough }: VersionPlace, changed: boolean) =>
  `line ${line}: ${what} was ${version}${enough ? ", high enough" : changed ? ", raised" : ""}`;

function absence(targets: RaiseTarget[], manifests: string[]): Report["evidence"] {
  const names = listed(targets.map(soughtAs), "or");
  return manifests.length > 0
    ? manifests.slice(0, 10).map((path) => ({ path, note: `names no version of ${names}` }))
    : [{ path: ".", note: "the repository has no Maven, Gradle or npm build file" }];
}

/** A Gradle file may name by another word what the prompt calls by a bare one. */
const soughtAs = (target: RaiseTarget) => (target.kind === "npm" ? `the npm package ${target.name}` : nameOf(target));

function bodyOf(findings: VersionPlace[], remarks: string[]): string {
  const rows = findings.map(
    ({ path, line, what, version, enough }) =>
      `| \`${path}:${line}\` | ${what} | ${version} | ${enough ? "kept" : "raised"} |`,
  );
  return [
    "| where | what | was | now |\n| --- | --- | --- | --- |",
    ...rows,
    ...(remarks.length > 0 ? ["", ...remarks.map((remark) => `- ${remark}`)] : []),
  ].join("\n");
}
