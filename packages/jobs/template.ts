import { z } from "zod";
import { Prompt, Timestamp } from "./job.ts";

export const MAX_TEMPLATE_NAME = 60;

export const TemplateName = z
  .string()
  .trim()
  .min(1)
  .max(MAX_TEMPLATE_NAME, `Keep the name under ${MAX_TEMPLATE_NAME} characters.`)
  .regex(/^[^\p{Cc}]*$/u, "A name is one line.");

/** Row `TEAM#id / TEMPLATE#name`: a prompt that a workspace uses again. Names differ in more than case. */
export const Template = z.object({
  teamId: z.string().min(1),
  name: TemplateName,
  prompt: Prompt,
  savedBy: z.string(),
  savedAt: Timestamp,
});
export type Template = z.infer<typeof Template>;
