import type { Job } from "../jobs/job.ts";
import { because, type Reason } from "../jobs/reasons.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { settingsOf } from "../jobs/resolve-settings.ts";
import { clip } from "../text/cut.ts";
import { andMore } from "../text/lists.ts";
import { runByThemselves } from "./runs-by-itself.ts";

export type Consent = {
  /** The job may change what runs by itself. */
  mayChangeCi?: boolean | undefined;
  /** What the repository's settings protect besides. */
  protectedPaths?: readonly string[] | undefined;
};

export const consentOf = (job: Pick<Job, "options">, run: Pick<RepoRun, "repository" | "settings">): Consent => ({
  mayChangeCi: job.options.mayChangeCi,
  protectedPaths: settingsOf(job, run).protectedPaths?.map(({ path }) => path),
});

/**
 * Why a change may only become a patch for a person to apply. `paths`: every path that it touches, of a rename both.
 */
export function protectedPathReason(
  paths: readonly string[],
  { mayChangeCi = false, protectedPaths = [] }: Consent = {},
): Reason | undefined {
  const touched = mayChangeCi ? [] : runByThemselves(paths, protectedPaths);
  const [first] = touched;
  if (first) {
    return because("protected-path", `${clip(first.path, 200)}${andMore(touched.length)}`, first.what, CONSENT_LABEL);
  }
  return undefined;
}

/** As the form says it. */
export const CONSENT_LABEL = "May change CI and what runs by itself";
