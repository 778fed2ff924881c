import type { types } from "@slack/bolt";
import { type CampaignDraft, MAX_CAMPAIGN_REPOSITORIES, MAX_FIRST_WAVE, wavesIn } from "../jobs/campaign.ts";
import { MAX_REPOSITORIES } from "../jobs/job.ts";
import { plural } from "../text/counts.ts";
import { dollars } from "../text/money.ts";
import { campaignPlan } from "./campaign-words.ts";
import { context } from "./history/blocks.ts";
import { input, line, optionOf, selectOf } from "./inputs.ts";
import { clipToSize } from "./size.ts";
import { escaped, LIMITS, literal, mrkdwn, plain, richText, section } from "./text.ts";

/** Inputs of the form, by block and action id alike, but for the saved job. */
export const CAMPAIGN_FIELDS = {
  job: "campaign-job",
  prompt: "campaign-prompt",
  repositories: "campaign-repositories",
  firstWave: "campaign-first-wave",
  waveSize: "campaign-wave-size",
  next: "campaign-next",
  stopAfter: "campaign-stop-after",
  limit: "campaign-limit",
} as const;
/** Slack asks for options by this id alone. */
export const CAMPAIGN_JOB_ACTION = "cody-campaign-job";
/** The choice of a person's look, beside numbers of merges. */
export const BY_PERSON = "person";

const numbers = (most: number) =>
  Array.from({ length: most }, (_, i) => optionOf(String(i + 1), plural(i + 1, "repository", "repositories")));
const firstOptions = numbers(MAX_FIRST_WAVE);
const sizeOptions = numbers(MAX_REPOSITORIES);
const nextOptions = [
  optionOf(BY_PERSON, "When a person has looked and starts it"),
  ...sizeOptions.map(({ value }) => optionOf(value!, `After ${plural(Number(value), "merge")} of the one before`)),
];

const number = (action_id: string, initial_value: string, is_decimal_allowed: boolean): types.NumberInput => ({
  type: "number_input",
  action_id,
  is_decimal_allowed,
  initial_value,
});

/** What a campaign's form asks for. `prompt`: what it opens with. */
export function campaignInputs(prompt = ""): types.KnownBlock[] {
  const fields = CAMPAIGN_FIELDS;
  return [
    context("The same task in many repositories, a few at a time: each wave is a job of its own, with its own card."),
    input(
      fields.job,
      "Saved job",
      {
        type: "external_select",
        action_id: CAMPAIGN_JOB_ACTION,
        min_query_length: 0,
        placeholder: plain("A saved job, with its check, model and cost limit", LIMITS.placeholder),
      },
      { optional: true },
    ),
    input(
      fields.prompt,
      "Or a prompt",
      {
        ...line(fields.prompt, "Raise log4j-core to at least 2.17.1"),
        multiline: true,
        max_length: LIMITS.input,
        ...(prompt !== "" && { initial_value: prompt }),
      },
      { hint: "It runs with your defaults.", optional: true },
    ),
    input(fields.repositories, "Repositories", line(fields.repositories, "acme/svc-* or words: java billing"), {
      hint: `Patterns, names in full, or words as in the search; ${MAX_CAMPAIGN_REPOSITORIES} repositories at most. The next step shows which they are.`,
    }),
    input(fields.firstWave, "First wave", selectOf(fields.firstWave, firstOptions, "1", "First wave")),
    input(fields.waveSize, "Waves after that", selectOf(fields.waveSize, sizeOptions, "5", "Size of a wave")),
    input(fields.next, "The next wave starts", selectOf(fields.next, nextOptions, BY_PERSON, "When")),
    input(fields.stopAfter, "Stop after so many failures", number(fields.stopAfter, "2", false), {
      hint: "A repository that failed, is blocked, or whose change a person rejected or closed.",
    }),
    input(fields.limit, "Cost limit of the campaign in US dollars", number(fields.limit, "50", true), {
      hint: "Over all of its jobs. A wave starts only while all that its job may cost is left.",
    }),
  ];
}

const MAX_NAMES = 2_500;

/** What will run, before anything of it does. */
export function campaignPreview(draft: CampaignDraft): types.KnownBlock[] {
  const { name, options, repositories, costLimitUsd } = draft;
  const most = wavesIn(draft) * options.capUsd;
  const stops = most > costLimitUsd ? `, so that the limit of ${dollars(costLimitUsd)} may stop it before its end` : "";
  return [
    { type: "section", text: mrkdwn(`*${escaped(name)}*\n${campaignPlan(draft)}.`) },
    context(
      `The job of a wave may cost ${dollars(options.capUsd)}; all of them ${dollars(most)} at most${stops}. Pull requests are opened a few an hour in a repository.`,
    ),
    richText(section([literal(clipToSize(repositories.join(", "), MAX_NAMES))])),
  ];
}
