import type { types } from "@slack/bolt";
import { z } from "zod";
import { JobId } from "../jobs/ids.ts";
import type { JobRecord } from "../jobs/job-record.ts";
import { newestCommitOf, setOffers } from "../jobs/set-offers.ts";
import { input, line, optionOf } from "./inputs.ts";
import { numbered } from "./names.ts";
import { pullRequestWords } from "./pull-request-words.ts";
import { LIMITS, plain } from "./text.ts";

export const MERGE_MODAL = "cody-merge";
export const MERGE_TITLE = "Merge when green";
export const MERGE_FIELDS = { pulls: "merge-pulls", order: "merge-order", numbers: "merge-numbers" } as const;

/** Which commits the person has seen, by the place of their repository in the job. */
const Shown = z.object({ jobId: JobId, heads: z.record(z.string(), z.string()) });
export type ShownHeads = z.infer<typeof Shown>;

export function readShownHeads(metadata: string): ShownHeads | undefined {
  try {
    return Shown.parse(JSON.parse(metadata));
  } catch {
    return undefined;
  }
}

const EACH = optionOf("each", "Each as soon as it may", "They do not wait for one another");
const ORDERED = optionOf("ordered", "One after another", "Each waits until those before it are merged");

/** undefined: there is nothing to merge. An option's value is the repository's place in the job. */
export function mergeForm(record: JobRecord): types.ModalView | undefined {
  const { job } = record;
  const { merge } = setOffers(record);
  if (merge.length === 0) return undefined;
  const placed = merge.map((run) => ({ run, place: String(job.repositories.indexOf(run.repository)) }));
  const options = placed.map(({ run, place }) =>
    optionOf(
      place,
      `${numbered(job, run.repository)} #${run.pullRequest!.number}`,
      pullRequestWords(run) || "not looked at yet",
    ),
  );
  const shown: ShownHeads = {
    jobId: job.jobId,
    heads: Object.fromEntries(placed.map(({ run, place }) => [place, newestCommitOf(run)])),
  };
  return {
    type: "modal",
    callback_id: MERGE_MODAL,
    private_metadata: JSON.stringify(shown),
    title: plain(MERGE_TITLE, LIMITS.modalTitle),
    submit: plain("Merge when green", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      input(
        MERGE_FIELDS.pulls,
        "Pull requests",
        { type: "checkboxes", action_id: MERGE_FIELDS.pulls, options, initial_options: options },
        { hint: "Each is merged once its checks have passed and nothing else is in the way. A newer commit ends it." },
      ),
      input(MERGE_FIELDS.order, "Order", {
        type: "radio_buttons",
        action_id: MERGE_FIELDS.order,
        options: [EACH, ORDERED],
        initial_option: EACH,
      }),
      input(MERGE_FIELDS.numbers, "Their numbers, first to last", line(MERGE_FIELDS.numbers, "2, 1, 3"), {
        hint: "For one after another. Empty: as they stand above.",
        optional: true,
      }),
    ],
  };
}
