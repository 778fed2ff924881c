import type { types } from "@slack/bolt";
import { clip } from "../text/cut.ts";
import { LIMITS, plain } from "./text.ts";

export const button = (
  text: string,
  action_id: string,
  value: string,
  more: Partial<types.Button> = {},
): types.Button => ({ type: "button", text: plain(text, LIMITS.button), action_id, value, ...more });

/** What a screen reader says in place of the button's few words. */
export const spoken = (text: string) => ({ accessibility_label: clip(text, LIMITS.button) });

/** Before what is final. Its button is red: Slack's own colour for it is the green of "go ahead". */
export const confirmation = (title: string, text: string, confirm: string, deny: string): types.ConfirmationDialog => ({
  title: plain(title, LIMITS.confirmTitle),
  text: plain(text, LIMITS.confirmText),
  confirm: plain(confirm, 30),
  deny: plain(deny, 30),
  style: "danger",
});
