import { z } from "zod";
import { Command } from "../jobs/given-text.ts";
import { Delivery, Effort, type JobOptions, Prompt } from "../jobs/job.ts";

/** Slack's limit for an option of a menu and what stands below it. */
const MAX_OPTION_CHARS = 75;

/** A job that people start from: everything of it can be changed in the form. */
export const GalleryJob = z.strictObject({
  /** By which a command line knows it. */
  name: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  title: z.string().min(1).max(MAX_OPTION_CHARS),
  /** What a person gets, in one line. */
  promise: z.string().min(1).max(MAX_OPTION_CHARS),
  /** With places that a person fills in: `<<package, for example log4j-core>>`. */
  prompt: Prompt,
  /** Absent: the repository's own check. */
  check: Command.optional(),
  delivery: Delivery,
  effort: Effort.optional(),
  /** It touches what runs by itself, such as workflows: the person who starts it consents to that. */
  mayChangeCi: z.literal(true).optional(),
});
export type GalleryJob = z.infer<typeof GalleryJob>;

export const galleryOptions = ({ check, delivery, effort, mayChangeCi }: GalleryJob): Partial<JobOptions> => ({
  delivery,
  ...(check !== undefined && { verifyCommand: check }),
  ...(effort !== undefined && { effort }),
  ...(mayChangeCi && { mayChangeCi }),
});

/** What a person fills in: its name, and the whole mark as it stands in the prompt. */
export type PlaceToFill = { name: string; mark: string };

const MARK = /<<([a-z][^<>\n,]*)(?:, for example [^<>\n]*)?>>/g;

/** The marks of a prompt that is written as a job of the gallery is. */
export const placesOf = (prompt: string): PlaceToFill[] =>
  [...prompt.matchAll(MARK)].map(([mark, name]) => ({ name: name!, mark }));

/** What a person who chooses the job fills in, by name. */
export const placeNames = ({ prompt }: Pick<GalleryJob, "prompt">): string[] =>
  placesOf(prompt).map(({ name }) => name);
