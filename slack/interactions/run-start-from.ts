import type { types } from "@slack/bolt";
import { GALLERY } from "../../packages/gallery/gallery.ts";
import { galleryJob } from "../../packages/gallery/places.ts";
import type { Template } from "../../packages/jobs/team.ts";
import { firstLine } from "../../packages/text/lines.ts";
import { button } from "../../packages/views/button.ts";
import { SCHEDULE_ACTIONS } from "../../packages/views/history/schedules.ts";
import { input, optionOf } from "../../packages/views/inputs.ts";
import { LIMITS, mrkdwn, plain } from "../../packages/views/text.ts";
import { FIELDS } from "./run-fields.ts";

export const TEMPLATE_ACTION = "cody-template";
export const DELETE_TEMPLATE = "cody-delete-template";

/** Before the name of a job of the gallery, in the menu that has saved ones too. */
const OF_GALLERY = "gallery:";
export const isGalleryValue = (name: string) => name.startsWith(OF_GALLERY);
export const galleryJobOf = (value: string) => galleryJob(value.slice(OF_GALLERY.length));

type Found = Pick<Template, "name" | "prompt">;

/** What people here saved, and what the product brings along; only what has the words that were typed. */
export function startFromOptions(saved: readonly Found[], query: string): types.OptionGroup[] {
  const isMeant = (...texts: string[]) => texts.join("\n").toLowerCase().includes(query.trim().toLowerCase());
  const ofHere = saved.filter(({ name, prompt }) => isMeant(name, prompt)).slice(0, LIMITS.options);
  const ofGallery = GALLERY.filter(({ title, promise, prompt }) => isMeant(title, promise, prompt));
  const groups = [
    {
      label: "Saved in this workspace",
      options: ofHere.map(({ name, prompt }) => optionOf(name, name, firstLine(prompt))),
    },
    {
      label: "Gallery",
      options: ofGallery.map(({ name, title, promise }) => optionOf(`${OF_GALLERY}${name}`, title, promise)),
    },
  ];
  return groups
    .filter(({ options }) => options.length > 0)
    .map(({ label, options }) => ({ label: plain(label, LIMITS.optionText), options }));
}

export const startFromInput = input(
  FIELDS.template,
  "Start from",
  {
    type: "external_select",
    action_id: TEMPLATE_ACTION,
    min_query_length: 0,
    placeholder: plain("A saved job, or one of the gallery", LIMITS.placeholder),
  },
  { optional: true, followed: true },
);

const deleteTemplate = button("Delete", DELETE_TEMPLATE, "delete", {
  accessibility_label: "Delete this saved job",
  confirm: {
    title: plain("Delete this saved job?", LIMITS.confirmTitle),
    text: plain(
      "It can no longer be chosen in this workspace. Schedules made of it go on; Home lists them.",
      LIMITS.confirmText,
    ),
    confirm: plain("Delete it", 30),
    deny: plain("Keep it", 30),
  },
});

/** Below that: it runs at a time, too. */
export const scheduleOffer = (name: string): types.ActionsBlock => ({
  type: "actions",
  block_id: FIELDS.templateMore,
  elements: [button("Schedule it", SCHEDULE_ACTIONS.open, name)],
});

/** Below the menu of saved jobs once one was chosen: which, and the way to be rid of it. `words` is mrkdwn of ours. */
export const templateNote = (words: string, { mayDelete }: { mayDelete: boolean }): types.SectionBlock => ({
  type: "section",
  block_id: FIELDS.templateNote,
  text: mrkdwn(words),
  ...(mayDelete && { accessory: deleteTemplate }),
});
