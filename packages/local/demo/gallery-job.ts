import { GALLERY } from "../../gallery/gallery.ts";
import { galleryOptions, placeNames } from "../../gallery/gallery-job.ts";
import { emptyPlaces, filledPrompt, galleryJob } from "../../gallery/places.ts";
import { UserError } from "../../jobs/errors.ts";
import type { JobOptions } from "../../jobs/job.ts";
import { listed } from "../../text/lists.ts";

const fillFlags = (places: readonly string[]) => places.map((place) => `--fill "${place}=..."`).join(" ");

/** For people who look for one. */
export const galleryLines = (): string[] =>
  GALLERY.flatMap((job) => [`${job.name}`, `  ${job.title}: ${job.promise}`, `  ${fillFlags(placeNames(job))}`]);

/** What --job and --fill make of the gallery. undefined: neither was said. @throws UserError */
export function chosenJob({
  job: name,
  fill = [],
  prompt: own,
}: {
  job?: string | undefined;
  fill?: string[] | undefined;
  prompt?: string | undefined;
}): { prompt: string; options: Partial<JobOptions> } | undefined {
  if (name === undefined) {
    if (fill.length > 0) throw new UserError("--fill: It fills in a job of the gallery; name one with --job.");
    return undefined;
  }
  if (own !== undefined) throw new UserError("Give --prompt or --job, not both.");
  const job = galleryJob(name);
  if (!job)
    throw new UserError(
      `--job: There is no job ${name}; choose one of ${listed(
        GALLERY.map((one) => one.name),
        "or",
      )}.`,
    );
  const { prompt, unknown } = filledPrompt(job, new Map(fill.map(readFill)));
  const names = placeNames(job);
  if (unknown.length > 0)
    throw new UserError(`--fill: ${name} has no place ${listed(unknown, "or")}; its places are ${listed(names)}.`);
  const empty = emptyPlaces(prompt).map((place) => place.name);
  if (empty.length > 0) throw new UserError(`Fill in every place of ${name}: ${fillFlags(empty)}`);
  return { prompt, options: galleryOptions(job) };
}

function readFill(text: string): [name: string, words: string] {
  const [, name, words] = /^([^=]+)=([\s\S]*\S[\s\S]*)$/.exec(text) ?? [];
  if (!name || !words) throw new UserError(`--fill: Write it as "PLACE=WORDS"; not so: ${text}`);
  return [name.trim(), words.trim()];
}
