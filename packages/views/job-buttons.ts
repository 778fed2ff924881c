import type { types } from "@slack/bolt";
import type { JobRecord } from "../jobs/job-record.ts";
import type { Offers } from "../jobs/offers.ts";
import type { RepoRun } from "../jobs/repo-run.ts";
import { isAtRest } from "../jobs/states.ts";
import { listed } from "../text/lists.ts";
import { ACTIONS, placeValue, targetValue } from "./actions.ts";
import { button, confirmation } from "./button.ts";
import { decisionButtons, reviewButton } from "./section.ts";
import { LIMITS, plain } from "./text.ts";

function retryLabel(runs: readonly RepoRun[]): string {
  const states = [...new Set(runs.map(({ state }) => state))];
  return states.includes("cancelled")
    ? "Run cancelled again"
    : `Retry ${runs.length} ${listed(states.toSorted(), "or")}`;
}

const fixLabel = (runs: readonly RepoRun[]) => (runs.length > 1 ? `Fix CI in ${runs.length} repositories` : "Fix CI");

const answerLabel = (runs: readonly RepoRun[]) =>
  runs.length > 1 ? `Answer reviews in ${runs.length} repositories` : "Answer review";

const KEPT = "What is running stops before its next step. Finished repositories stay as they are.";

function cancelButtons({ job }: JobRecord, running: Offers["cancel"]): types.ActionsBlockElement[] {
  const value = targetValue({ jobId: job.jobId });
  if (running.length === 0) return [];
  const all = button(job.repositories.length > 1 ? "Cancel all" : "Cancel", ACTIONS.cancel, value, {
    style: "danger",
    confirm: confirmation("Cancel this job?", KEPT, "Cancel the job", "Let it run"),
  });
  const one: types.Overflow = {
    type: "overflow",
    action_id: ACTIONS.cancelOne,
    options: running.slice(0, LIMITS.overflowOptions).map(({ repository, place }) => ({
      text: plain(`Cancel ${repository}`, LIMITS.optionText),
      value: placeValue(job.jobId, place),
    })),
    confirm: confirmation("Cancel this repository?", KEPT, "Cancel it", "Let it run"),
  };
  return running.length > 1 ? [all, one] : [all];
}

/** A look at every change; it is the first thing to press where a person decides. */
function lookButtons({ job, runs }: JobRecord, { rounds, patches }: Offers): types.Button[] {
  const value = targetValue({ jobId: job.jobId });
  const waiting = rounds.publish.length;
  if (waiting > 1)
    return [
      button(`Review ${waiting} changes`, ACTIONS.reviewAll, value),
      button("Approve all", ACTIONS.approveAll, value, { style: "primary" }),
    ];
  const isOne = patches.length === 1;
  return waiting === 0 && patches.length > 0 && runs.every(({ state }) => isAtRest(state))
    ? [button(isOne ? "See the change" : `See ${patches.length} changes`, ACTIONS.reviewAll, value)]
    : [];
}

/** What the job asks a person: what helps most comes first. */
function askingButtons({ job }: JobRecord, { rounds }: Offers): types.Button[] {
  const value = targetValue({ jobId: job.jobId });
  const green = { style: "primary" } as const;
  return [
    ...(rounds["raise-cap"].length > 0 ? [button("Raise the cost limit", ACTIONS.raiseCap, value, green)] : []),
    ...(rounds["despite-setup"].length > 0 ? [button("Go on all the same", ACTIONS.despiteSetup, value, green)] : []),
    ...(rounds["fix-checks"].length > 0 ? [button(fixLabel(rounds["fix-checks"]), ACTIONS.fixChecks, value)] : []),
    ...(rounds["answer-review"].length > 0
      ? [button(answerLabel(rounds["answer-review"]), ACTIONS.answerReview, value)]
      : []),
    ...(rounds.retry.length > 0 ? [button(retryLabel(rounds.retry), ACTIONS.retry, value)] : []),
  ];
}

/** One that waits alone has its buttons beside it on the card. */
const soleDecision = ({ rounds: { publish } }: Offers): types.Button[] =>
  publish.length === 1 ? [reviewButton(publish[0]!), ...decisionButtons(publish[0]!)] : [];

const againButton = ({ job: { jobId }, runs }: JobRecord): types.Button[] =>
  runs.length > 0 && runs.every(({ state }) => isAtRest(state))
    ? [button("Run again with changes", ACTIONS.runAgain, targetValue({ jobId }))]
    : [];

/** What a person can do about a whole job, on its card. */
export const jobButtons = (record: JobRecord, offered: Offers): types.ActionsBlockElement[] => [
  ...lookButtons(record, offered),
  ...askingButtons(record, offered),
  ...againButton(record),
  ...cancelButtons(record, offered.cancel),
];

/** Everything that waits for a person, wherever they read of the job. */
export const decisionsElsewhere = (record: JobRecord, offered: Offers): types.Button[] => [
  ...soleDecision(offered),
  ...(offered.rounds.publish.length === 1 ? [] : lookButtons(record, offered)),
  ...askingButtons(record, offered),
];

/** The same and all that is no answer: in its details, where there is no thread to write in. */
export const buttonsInDetails = (record: JobRecord, offered: Offers): types.ActionsBlockElement[] => [
  ...decisionsElsewhere(record, offered),
  ...(offered.rounds.refine.length + offered.queue.length > 0
    ? [button("Follow up", ACTIONS.followUp, targetValue({ jobId: record.job.jobId }))]
    : []),
  ...againButton(record),
  ...cancelButtons(record, offered.cancel),
];
