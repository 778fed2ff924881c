import type { JobRecord } from "./job-record.ts";
import { isActive } from "./offers.ts";
import type { PullRequest } from "./pull-request.ts";
import type { RepoRun } from "./repo-run.ts";
import { followedStatusOf, isOpenNow } from "./run-pull-request.ts";
import { hasAskEnded, type SetAsk } from "./set-ask.ts";

/** What a person can ask for the pull requests of a job now, and what is not offered is not accepted. */
export type SetOffers = Record<SetAsk["kind"], RepoRun[]> & {
  /** Merges that are asked for and not taken back. */
  stop: SetAsk[];
};

/** A pull request by the node id of which its merge can be asked for; rows of earlier releases have none. */
export type KnownPullRequest = PullRequest & { nodeId: string };

export const knownPullRequestOf = ({ pullRequest }: RepoRun): KnownPullRequest | undefined =>
  pullRequest?.nodeId === undefined ? undefined : { ...pullRequest, nodeId: pullRequest.nodeId };

/** Its newest commit, as far as is known. */
export const newestCommitOf = (run: RepoRun): string => followedStatusOf(run)?.head ?? run.pullRequest?.commit ?? "";

/** Pure. What is asked for already is not offered again. */
export function setOffers(record: JobRecord): SetOffers {
  const { runs, asks = [] } = record;
  const askOf = (run: RepoRun, kind: SetAsk["kind"]) =>
    asks.find(
      (ask) => ask.kind === kind && ask.repository === run.repository && ask.number === run.pullRequest?.number,
    );
  const isAsked = (run: RepoRun, kind: SetAsk["kind"]) => {
    const ask = askOf(run, kind);
    return ask !== undefined && !hasAskEnded(ask);
  };
  const isDone = (run: RepoRun, kind: SetAsk["kind"]) => askOf(run, kind)?.state === "done";
  const known = runs.filter((run) => knownPullRequestOf(run) && !isActive(record, run));
  const open = known.filter((run) => isOpenNow(run) && !isDone(run, "merge") && !isDone(run, "close"));
  const isMerged = (run: RepoRun) => followedStatusOf(run)?.state === "merged" || isDone(run, "merge");
  return {
    merge: open.filter((run) => run.state === "published" && !isDraftNow(run) && !isAsked(run, "merge")),
    close: open.filter((run) => !isAsked(run, "close")),
    revert: known.filter((run) => isMerged(run) && !isAsked(run, "revert") && !isDone(run, "revert")),
    stop: asks.filter((ask) => ask.kind === "merge" && !hasAskEnded(ask) && !ask.stop),
  };
}

/** A person may have marked it ready on GitHub. */
const isDraftNow = (run: RepoRun) => followedStatusOf(run)?.draft ?? run.pullRequest?.draft ?? false;
