import { plural } from "../text/counts.ts";
import { dollars } from "../text/money.ts";
import { final } from "./reason-table.ts";

/** In a row; then a person has to look. */
export const MAX_FAILED_RUNS = 3;

const RESUME = "press Resume beside the schedule in Home.";

/** Why a schedule did not start a job, or takes a repository out of it. */
export const SCHEDULE_REASONS = {
  "schedule-pull-request-open": final((repository: string, { number, url }: { number: number; url: string }) => [
    `${repository}: the last pull request of this schedule, #${number} (${url}), is still open.`,
    "Merge it, or have it closed on GitHub: the next time takes the repository again.",
  ]),
  "schedule-pull-request-unknown": final((repository: string, { number, url }: { number: number; url: string }) => [
    `${repository}: GitHub does not show whether the last pull request of this schedule, #${number} (${url}), is still open.`,
    "See that Cody's GitHub token may read the repository and its pull requests: the next time looks again.",
  ]),
  "schedule-unfinished": final((repository: string, jobId: string) => [
    `${repository}: what this schedule started last, job ${jobId}, runs or waits for a decision.`,
    "Decide about it or cancel it: the next time takes the repository again.",
  ]),
  "schedule-nothing-left": final((count: number, first: string) => [
    count === 1 ? `Nothing was started. ${first}` : `Nothing was started: all repositories were left out. ${first}`,
    "The next time looks again.",
  ]),
  "schedule-month-spent": final((spentUsd: number, limitUsd: number, costLimitUsd: number) => [
    `Nothing was started: ${dollars(spentUsd)} of the ${dollars(limitUsd)} a month are spent or reserved, and a run may cost ${dollars(costLimitUsd)}.`,
    "Wait for the next month, or schedule the saved job again with a higher limit a month.",
  ]),
  "schedule-missed": final((plannedAt: string) => [
    `Nothing was started for ${plannedAt.slice(0, 16).replace("T", " ")} UTC: Cody could not begin within a day of it.`,
    "The next time is as planned; Run now in Home makes up for this one.",
  ]),
  "schedule-failures": final(() => [
    `It is paused: its last ${plural(MAX_FAILED_RUNS, "run")} failed, one after the other.`,
    `Look at the card of the last one and put right what it names; then ${RESUME}`,
  ]),
  "schedule-owner-gone": final(() => [
    "It is paused: the person for whom it runs is not a full member of this workspace any more.",
    "Another person schedules the saved job, and an admin of Cody deletes this schedule in Home.",
  ]),
  "schedule-owner-refused": final((sentence: string) => [
    `It is paused, because the person for whom it runs was refused: “${sentence}”`,
    `Put that right; then ${RESUME}`,
  ]),
  "schedule-no-rights": final((login: string, repository: string) => [
    `It is paused: ${login}, for whom it runs, may not write to ${repository} any more, or it is not there any more.`,
    `Give that right back on GitHub, or schedule the saved job without the repository; then ${RESUME}`,
  ]),
  "schedule-repository-refused": final((sentence: string) => [
    `It is paused: ${sentence}`,
    `Put that right; then ${RESUME}`,
  ]),
  "schedule-model-gone": final((model: string) => [
    `It is paused: ${model} is not offered any more.`,
    "Save the job with another model, and schedule it again.",
  ]),
};
