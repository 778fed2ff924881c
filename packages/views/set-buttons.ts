import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import { newestCommitOf, type SetOffers, setOffers } from "../jobs/set-offers.ts";
import { plural } from "../text/counts.ts";
import { ACTIONS, targetValue } from "./actions.ts";
import { button, confirmation } from "./button.ts";

/** What can be asked for the pull requests of a job, in a row of its own. */
export function setButtons(record: JobRecord): types.Button[] {
  const { jobId } = record.job;
  const offered = setOffers(record);
  const value = targetValue({ jobId });
  return [
    ...mergeButton(jobId, offered),
    ...(offered.stop.length > 0 ? [button("Do not merge", ACTIONS.stopMerge, value)] : []),
    ...closeButton(value, offered, record),
    ...revertButton(value, offered),
  ];
}

/** One is asked for at once, after a confirmation; of several a form asks which ones, and in which order. */
function mergeButton(jobId: string, { merge }: SetOffers): types.Button[] {
  const [first, ...others] = merge;
  if (!first) return [];
  if (others.length > 0) return [button(`Merge ${merge.length} when green`, ACTIONS.merge, targetValue({ jobId }))];
  const { repository, round } = first;
  const target = targetValue({ jobId, repository, round, head: newestCommitOf(first) });
  const ask = {
    ...confirmation(
      "Merge when green?",
      "Once its checks have passed and nothing else is in the way. A newer commit ends the request.",
      "Merge it",
      "Not now",
    ),
    style: "primary" as const,
  };
  return [button(`Merge #${first.pullRequest!.number} when green`, ACTIONS.mergeOne, target, { confirm: ask })];
}

/** A single one that is well is closed on GitHub; here it is for what belongs together. */
function closeButton(value: string, { close }: SetOffers, { runs }: JobRecord): types.Button[] {
  if (close.length === 0 || runs.filter(({ pullRequest }) => pullRequest).length < 2) return [];
  const all = plural(close.length, "pull request");
  return [
    button(`Close ${all}`, ACTIONS.closeSet, value, {
      style: "danger",
      confirm: confirmation(
        `Close ${all}?`,
        "Those of this job that are open; their branches go with them. GitHub can restore both.",
        "Close them",
        "Keep them",
      ),
    }),
  ];
}

function revertButton(value: string, { revert }: SetOffers): types.Button[] {
  if (revert.length === 0) return [];
  return [
    button(`Revert ${revert.length} merged`, ACTIONS.revertSet, value, {
      style: "danger",
      confirm: confirmation(
        "Open pull requests that revert?",
        "One for each that was merged. Nothing is merged by it: people review and merge them, the last merged first.",
        "Open them",
        "Not now",
      ),
    }),
  ];
}
