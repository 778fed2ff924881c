import type { PullRequestStatus } from "../jobs/pull-request-status.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { followedStatusOf } from "../jobs/run-pull-request.ts";
import { plural } from "../text/counts.ts";
import { listed } from "../text/lists.ts";

/** One character each; text and no emoji, so that it looks alike everywhere. */
const SIGNS = { merged: "⇥", closed: "∅", bad: "✗", waits: "…", good: "✓" } as const;

const MAX_NAMES = 2;

/** "build, lint and 3 more". `count`: how many there are, more than are named. */
function names(all: readonly string[], count = all.length): string {
  const shown = all.slice(0, MAX_NAMES);
  const left = count - shown.length;
  return listed(left > 0 ? [...shown, `${left} more`] : shown);
}

const by = (login: string | undefined) => (login === undefined ? "" : ` by ${login}`);
const behindColon = (words: string) => words && `: ${words}`;

type Said = {
  sign: keyof typeof SIGNS;
  when(status: PullRequestStatus): boolean;
  say(status: PullRequestStatus): string;
};

/** What holds an open one back comes first, then what it waits for, then what is well. */
const OPEN: readonly Said[] = [
  { sign: "bad", when: ({ conflicts }) => conflicts === true, say: () => "conflicts with its base" },
  {
    sign: "bad",
    when: ({ checks }) => checks === "failed",
    say: ({ failed, failedCount }) => `checks failed${behindColon(names(failed, failedCount))}`,
  },
  {
    sign: "bad",
    when: ({ review }) => review === "changes-requested",
    say: ({ reviewers }) => `changes requested${reviewers.length > 0 ? by(names(reviewers)) : ""}`,
  },
  {
    sign: "waits",
    when: ({ unanswered }) => unanswered > 0,
    say: ({ unanswered }) => plural(unanswered, "comment waits for an answer", "comments wait for an answer"),
  },
  { sign: "waits", when: ({ behind }) => behind, say: () => "behind its base" },
  {
    sign: "waits",
    when: ({ checks }) => checks === "pending",
    say: ({ checksRunning }) => (checksRunning ? "checks run" : "a check has no result"),
  },
  { sign: "waits", when: ({ review }) => review === "required", say: () => "waits for a review" },
  { sign: "good", when: ({ checks }) => checks === "passed", say: () => "checks passed" },
  {
    sign: "good",
    when: ({ review }) => review === "approved",
    say: ({ reviewers }) => `approved${reviewers.length > 0 ? by(names(reviewers)) : ""}`,
  },
  { sign: "waits", when: ({ autoMerge }) => autoMerge, say: () => "merges by itself once it may" },
];

/** Something holds it back that does not pass by itself: a check that failed, a conflict, changes that were asked for. */
export function standsBadly(run: RepoRun): boolean {
  const status = followedStatusOf(run);
  if (!status || run.pullRequest?.closed || status.state !== "open") return false;
  return OPEN.some(({ sign, when }) => sign === "bad" && when(status));
}

function standsSo(status: PullRequestStatus): string {
  if (status.state === "merged") return `${SIGNS.merged} merged${by(status.by)}`;
  if (status.state === "closed") return `${SIGNS.closed} closed${by(status.by)}`;
  const said = OPEN.filter(({ when }) => when(status));
  const words = said.map(({ say }) => say(status)).join(", ");
  return said[0] ? `${SIGNS[said[0].sign]} ${words}` : "";
}

/** How its pull request stands: a sign and a few words. Empty: nothing is known, or there is nothing to say. */
export function pullRequestWords(run: RepoRun): string {
  const status = followedStatusOf(run);
  if (!status || run.pullRequest?.closed) return "";
  const moved = status.movedTo === undefined ? "" : `its repository is ${status.movedTo} now`;
  const gone = status.gone ? "GitHub does not show it any more" : "";
  return [standsSo(status), moved, gone].filter((words) => words !== "").join(", ");
}
