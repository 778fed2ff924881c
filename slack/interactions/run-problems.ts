import type { Job } from "../../packages/jobs/job.ts";
import { hasCode, type Reason } from "../../packages/jobs/reasons.ts";
import type { SlackDeps, Who } from "../deps.ts";
import type { FieldErrors } from "../listen.ts";
import { FIELDS } from "./run-fields.ts";

/** The field in which a person puts it right. */
function fieldOfReason(reason: Reason): string {
  if (hasCode(reason, "base-branch-missing")) return FIELDS.baseBranch;
  if (hasCode(reason, "workflow-permission")) return FIELDS.mayChangeCi;
  return FIELDS.repositories;
}

/** What is wrong with each, and then what helps, once. */
const sentencesOf = (reasons: readonly Reason[]) =>
  [...new Set([...reasons.map(({ message }) => message), ...reasons.map(({ nextStep }) => nextStep)])].join(" ");

/**
 * What GitHub says against a job, by field, before anything of it is written. Empty: nothing, or nothing in time. Plan
 * looks again.
 */
export async function problemsOnGitHub(
  { repositories: github, settings }: Pick<SlackDeps, "repositories" | "settings">,
  who: Who,
  { repositories, options }: Pick<Job, "repositories" | "options">,
): Promise<FieldErrors> {
  const { baseBranch, mayChangeCi } = options;
  const found = await Promise.all(
    repositories.map(async (name) => {
      const [problem, lacking] = await Promise.all([
        github.problem(name, { baseBranch, mayChangeCi }),
        settings.strict ? github.lacksRights(name, who) : undefined,
      ]);
      return { problem, lacking };
    }),
  );
  const byField = Map.groupBy(
    found.flatMap(({ problem }) => problem ?? []),
    fieldOfReason,
  );
  const errors = Object.fromEntries([...byField].map(([field, reasons]) => [field, sentencesOf(reasons)]));
  const lacking = found.flatMap((one) => (one.problem ? [] : (one.lacking ?? [])));
  const about = [errors[FIELDS.repositories], ...lacking].filter(Boolean);
  return about.length > 0 ? { ...errors, [FIELDS.repositories]: about.join(" ") } : errors;
}
