import type { Verdict } from "../jobs/outcome.ts";
import type { RepoRun } from "../jobs/repo-run.ts";

type Report = Pick<Verdict, "summary" | "evidence" | "pullRequestTitle" | "pullRequestBody">;

/** What its author says of the change; of one that a limit stopped before that, what is known of it. */
export const reportOf = ({ verdict }: Pick<RepoRun, "verdict">): Report =>
  verdict ?? {
    summary: "A limit stopped the work before its author could report on it; the check passes on what is here.",
    evidence: [],
    pullRequestTitle: "",
    pullRequestBody: "",
  };
