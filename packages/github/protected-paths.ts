import type { Reason } from "../jobs/outcome.ts";
import { clip } from "../text/cut.ts";
import { runByThemselves } from "./runs-by-itself.ts";

/** Header lines of a diff; content lines begin with a space, `+`, `-` or a backslash. */
const GITLINK = /^(?:(?:new file|deleted file|old|new) mode 160000|index [0-9a-f]+\.\.[0-9a-f]+ 160000)$/m;

export type Consent = {
  /** The job may change what runs by itself. */
  mayChangeCi?: boolean | undefined;
};

/**
 * Why a change may only become a patch for a person to apply. `paths`: every path that it touches, of a rename both.
 */
export function protectedPathReason(
  paths: readonly string[],
  patch?: Uint8Array,
  { mayChangeCi = false }: Consent = {},
): Reason | undefined {
  const touched = mayChangeCi ? [] : runByThemselves(paths);
  const [first] = touched;
  if (first) {
    const more = touched.length > 1 ? ` and ${touched.length - 1} more` : "";
    return {
      code: "protected-path",
      message: `The change touches ${clip(first.path, 200)}${more}: ${first.what}. This job may not publish that.`,
      nextStep: `Download the patch, look at it, and apply it yourself if it is right; or start the job again with "${CONSENT_LABEL}".`,
    };
  }
  if (patch && hasGitlink(Buffer.from(patch.buffer, patch.byteOffset, patch.byteLength)))
    return {
      code: "protected-path",
      message: "The change touches a submodule.",
      nextStep: "Download the patch, look at it, and apply it yourself if it is right.",
    };
  return undefined;
}

/** A large patch becomes a string only where one of its lines may be meant. */
const hasGitlink = (patch: Buffer) => patch.includes(" 160000") && GITLINK.test(patch.toString("latin1"));

/** As the form says it. */
export const CONSENT_LABEL = "May change CI and what runs by itself";
