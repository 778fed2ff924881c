import { plural } from "../text/counts.ts";
import { dollars } from "../text/money.ts";
import { final } from "./reason-table.ts";

const GO_ON = "press Go on below the campaign's message.";

/** Why a campaign starts no further wave. */
export const CAMPAIGN_REASONS = {
  "campaign-failures": final((failures: number) => [
    `No further wave starts: ${plural(failures, "repository", "repositories")} failed.`,
    `Look at them in the table and put right what their cards name, in the task too; then ${GO_ON}`,
  ]),
  "campaign-cost-limit": final((countedUsd: number, limitUsd: number, waveUsd: number) => [
    `No further wave starts: ${dollars(countedUsd)} of the campaign's ${dollars(limitUsd)} are spent, and a wave may cost ${dollars(waveUsd)}.`,
    "Raise the cost limit below the campaign's message, or leave the rest as it is.",
  ]),
  "campaign-owner-gone": final(() => [
    "No further wave starts: the person for whom it runs is not a full member of this workspace any more.",
    "Another person starts a campaign for the rest with `/cody campaign`.",
  ]),
  "campaign-model-gone": final((model: string) => [
    `No further wave starts: ${model} is not offered any more.`,
    "Start a campaign for the rest with another model, with `/cody campaign`.",
  ]),
  "campaign-repository-refused": final((sentence: string) => [
    sentence,
    "The campaign goes on with the others. Once that is put right, start a job there with `/cody`.",
  ]),
  "campaign-refused": final((sentence: string) => [
    `No further wave starts: ${sentence}`,
    `Put that right; then ${GO_ON}`,
  ]),
};
