import { z } from "zod";
import { Confirm, Id, plainTextObject } from "./text.ts";

/** Properties that several elements have alike. */
export const actionable = { action_id: Id.optional() };
export const confirmable = { confirm: Confirm.optional() };
export const focusable = { focus_on_load: z.boolean().optional() };
export const withPlaceholder = { placeholder: plainTextObject(150).optional() };
export const forChoices = { ...actionable, ...confirmable, ...focusable };
