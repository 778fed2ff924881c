import type { JobRecord } from "../../jobs/job-record.ts";
import { plural } from "../../text/counts.ts";
import type { DemoOptions } from "./options.ts";

/** `blocked`: everything worked, and something was missing to do what was asked for. */
export type DemoEnding = { kind: "as-promised" } | { kind: "blocked"; repositories: number } | { kind: "went-wrong" };

/** Whether everything that the demo promises is true. Pure. */
export function demoEnding(
  { runs }: Pick<JobRecord, "runs">,
  options: Pick<DemoOptions, "repo" | "delivery">,
): DemoEnding {
  const count = (state: string) => runs.filter((run) => run.state === state).length;
  if (options.repo.length > 0) {
    if (count("failed") + count("cancelled") > 0) return { kind: "went-wrong" };
    const repositories = count("blocked");
    return repositories > 0 ? { kind: "blocked", repositories } : { kind: "as-promised" };
  }
  // Where commands run at all, a check passed on every change.
  const verified = runs.every(
    ({ state, sandbox, verification }) => state === "unchanged" || sandbox === "off" || verification?.exitCode === 0,
  );
  const evidence = runs.some((run) => run.state === "unchanged" && run.verdict!.evidence.length > 0);
  const delivered = count(options.delivery === "patch-only" ? "patch-ready" : "published") === 2;
  return delivered && evidence && verified ? { kind: "as-promised" } : { kind: "went-wrong" };
}

export function demoEndingWords(ending: DemoEnding): string {
  switch (ending.kind) {
    case "as-promised":
      return "Done. The stand-ins have stopped, and their links with them.";
    case "blocked":
      return `Blocked in ${plural(ending.repositories, "repository", "repositories")}: what is missing stands above.`;
    case "went-wrong":
      return "Not everything went well; see above.";
  }
}
