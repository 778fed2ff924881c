import type { Reason } from "../jobs/outcome.ts";

/** Who writes these decides what runs with the repository's secrets, or who must review: not for an agent to publish. */
const PROTECTED: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /^\.github\//, what: "GitHub's own settings and workflows" },
  { pattern: /^(?:\.gitlab|docs)?\/?codeowners$/, what: "the owners of code" },
  { pattern: /^\.gitmodules$/, what: "submodules" },
  {
    pattern:
      /^(?:\.gitlab-ci\.ya?ml|\.circleci\/.*|\.buildkite\/.*|\.travis\.ya?ml|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|jenkinsfile|\.drone\.ya?ml|\.woodpecker(?:\.ya?ml|\/.*))$/,
    what: "what the build server runs",
  },
];

/** Header lines of a diff; content lines begin with a space, `+`, `-` or a backslash. */
const GITLINK = /^(?:(?:new file|deleted file|old|new) mode 160000|index [0-9a-f]+\.\.[0-9a-f]+ 160000)$/m;

/**
 * Why a change may only become a patch for a person to apply. `paths`: every path that it touches, of a rename both.
 * Compares without case, since some file systems do.
 */
export function protectedPathReason(paths: readonly string[], patch?: Uint8Array): Reason | undefined {
  const touched = paths.flatMap((path) => {
    const rule = PROTECTED.find(({ pattern }) => pattern.test(path.toLowerCase()));
    return rule ? [{ path, what: rule.what }] : [];
  });
  const [first] = touched;
  if (first) {
    const more = touched.length > 1 ? ` and ${touched.length - 1} more` : "";
    return protectedReason(`The change touches ${first.path.slice(0, 200)}${more}: ${first.what}.`);
  }
  if (patch && GITLINK.test(Buffer.from(patch).toString("latin1")))
    return protectedReason("The change touches a submodule.");
  return undefined;
}

const protectedReason = (message: string): Reason => ({
  code: "protected-path",
  message,
  nextStep: "Download the patch, look at it, and apply it yourself if it is right.",
});
