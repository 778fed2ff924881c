import { z } from "zod";

/** What the model reports at the end; the verdict tool's input schema is made from this. */
export const Verdict = z.object({
  wereChangesNecessary: z.boolean().describe("true if the task needed changes in this repository and you made them"),
  summary: z.string().min(1).max(3_000).describe("what you found and did, in one short paragraph for a reviewer"),
  evidence: z
    .array(
      z.object({
        path: z.string().max(500).describe("a file you inspected, relative to the repository's root"),
        note: z.string().max(1_000).describe("what in it supports the verdict"),
      }),
    )
    .max(20)
    .describe("what you inspected; for a verdict of no changes this is the proof"),
  pullRequestTitle: z.string().max(200).describe("imperative, under 70 characters; empty when nothing changed"),
  pullRequestBody: z
    .string()
    .max(20_000)
    .describe("Markdown: what changed, why, how it was checked; empty when nothing changed"),
});
export type Verdict = z.infer<typeof Verdict>;
