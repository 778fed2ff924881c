import { z } from "zod";

/** What was read of a comment and of what follows it: up to which one, of which people, and a digest of their words. */
const ReadComment = z.object({
  upTo: z.string().max(200),
  by: z.array(z.string().max(100)).max(50),
  digest: z.string().max(64),
});
export type ReadComment = z.infer<typeof ReadComment>;

/** The comments that were given to a round, by GitHub's ids: to these the verdict may reply. */
export const GivenComments = z.object({
  round: z.number().int().positive(),
  threads: z.array(z.string().max(200)).max(50),
  /** By the same ids; absent on rows of earlier releases. */
  read: z.record(z.string().max(200), ReadComment).optional(),
});
