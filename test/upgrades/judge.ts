import type { JobRecord } from "../../packages/jobs/job-record.ts";
import { baselineOf } from "../../packages/jobs/repo-run.ts";
import { settingsOf } from "../../packages/jobs/resolve-settings.ts";
import type { Forge } from "../../packages/stand-ins/forge/forge.ts";
import { git } from "../workspace/origin.ts";
import type { Sample } from "./sample.ts";

/** What is wrong with how one repository ended: it must be a verified pull request with exactly what it should hold. */
export function problemsOf(
  { repository, after, asIf = (text) => text }: Sample,
  { job, runs }: JobRecord,
  forge: Forge,
): string[] {
  const run = runs.find((one) => one.repository === repository)!;
  const { setup, verification, pullRequest, baseCommit = "" } = run;
  const check = settingsOf(job, run).check;
  const baseline = baselineOf(run, check?.value);
  const pull = forge.admin.pullRequests(repository)[0];
  const wrong = [
    ...(check?.source === "suggested" ? [] : [`its check is ${check?.source ?? "missing"}, not suggested`]),
    ...(setup && setup.exitCode !== 0 ? [`setup: ${ended(setup)}`] : []),
    ...(baseline && baseline.exitCode !== 0 && baseline.exitCode !== null ? [] : [`before: ${ended(baseline)}`]),
    ...(verification?.exitCode === 0 ? [] : [`check: ${ended(verification)}`]),
    ...(run.state === "published" ? [] : [`it is ${run.state}: ${JSON.stringify(run.reason)}`]),
    ...(pull && !pull.draft ? [] : [pull ? "its pull request is a draft" : "it has no pull request"]),
  ];
  if (!pullRequest) return wrong;
  const folder = forge.admin.gitFolder(repository);
  const changed = git(folder, ["diff", "--name-only", baseCommit, pullRequest.commit]).toString().trim().split("\n");
  const expected = Object.keys(after).toSorted();
  if (changed.toSorted().join() !== expected.join()) wrong.push(`it changes ${changed.join(", ")}`);
  for (const [path, text] of Object.entries(after)) {
    const found = changed.includes(path) ? git(folder, ["show", `${pullRequest.commit}:${path}`]).toString() : "";
    if (asIf(found) !== text) wrong.push(`${path} is not what it should be:\n${found}`);
  }
  return wrong;
}

const ended = (result: { exitCode: number | null; tail: string } | undefined) =>
  result ? `exit code ${result.exitCode}\n${result.tail}` : "it did not run";
