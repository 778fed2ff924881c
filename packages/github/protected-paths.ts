import { because, type Reason } from "../jobs/reasons.ts";
import { clip } from "../text/cut.ts";
import { andMore } from "../text/lists.ts";
import { runByThemselves } from "./runs-by-itself.ts";

export type Consent = {
  /** The job may change what runs by itself. */
  mayChangeCi?: boolean | undefined;
};

/**
 * Why a change may only become a patch for a person to apply. `paths`: every path that it touches, of a rename both.
 */
export function protectedPathReason(
  paths: readonly string[],
  { mayChangeCi = false }: Consent = {},
): Reason | undefined {
  const touched = mayChangeCi ? [] : runByThemselves(paths);
  const [first] = touched;
  if (first) {
    return because("protected-path", `${clip(first.path, 200)}${andMore(touched.length)}`, first.what, CONSENT_LABEL);
  }
  return undefined;
}

/** As the form says it. */
export const CONSENT_LABEL = "May change CI and what runs by itself";
