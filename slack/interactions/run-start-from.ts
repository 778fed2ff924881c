import type { types } from "@slack/bolt";
import { button } from "../../packages/views/ending.ts";
import { input } from "../../packages/views/inputs.ts";
import { LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import { FIELDS } from "./run-fields.ts";

export const TEMPLATE_ACTION = "cody-template";
export const DELETE_TEMPLATE = "cody-delete-template";

export const startFromInput = input(
  FIELDS.template,
  "Saved job",
  {
    type: "external_select",
    action_id: TEMPLATE_ACTION,
    min_query_length: 0,
    placeholder: plain("Start from one of this workspace", LIMITS.placeholder),
  },
  { optional: true, followed: true },
);

const deleteTemplate = button("Delete", DELETE_TEMPLATE, "delete", {
  accessibility_label: "Delete this saved job",
  confirm: {
    title: plain("Delete this saved job?", LIMITS.confirmTitle),
    text: plain("It can no longer be chosen in this workspace.", LIMITS.confirmText),
    confirm: plain("Delete it", 30),
    deny: plain("Keep it", 30),
  },
});

/** Below the menu of saved jobs once one was chosen: which, and the way to be rid of it. `words` is mrkdwn of ours. */
export const templateNote = (words: string, { mayDelete }: { mayDelete: boolean }): types.SectionBlock => ({
  type: "section",
  block_id: FIELDS.templateNote,
  text: mrkdwn(words),
  ...(mayDelete && { accessory: deleteTemplate }),
});
