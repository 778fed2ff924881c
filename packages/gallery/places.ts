import { listed } from "../text/lists.ts";
import { GALLERY } from "./gallery.ts";
import { type GalleryJob, type PlaceToFill, placeNames, placesOf } from "./gallery-job.ts";

const NAMES = new Set(GALLERY.flatMap(placeNames));

export const galleryJob = (name: string | undefined): GalleryJob | undefined =>
  GALLERY.find((job) => job.name === name);

/** The places of the gallery's jobs that a prompt still holds. Other words between such marks are the person's own. */
export const emptyPlaces = (prompt: string): PlaceToFill[] => placesOf(prompt).filter(({ name }) => NAMES.has(name));

/** Why a job with this prompt does not start. undefined: every place is filled in. */
export function emptyPlacesProblem(prompt: string): string | undefined {
  const names = [...new Set(emptyPlaces(prompt).map(({ name }) => name))];
  return names.length === 0 ? undefined : `Fill in what stands between << and >> first: ${listed(names)}.`;
}

/** `values`: by the names of places. What names no place of the job is given back. */
export function filledPrompt({ prompt }: GalleryJob, values: ReadonlyMap<string, string>) {
  const places = placesOf(prompt);
  const text = places.reduce((filled, { name, mark }) => {
    const value = values.get(name);
    return value === undefined ? filled : filled.replace(mark, () => value);
  }, prompt);
  return { prompt: text, unknown: [...values.keys()].filter((name) => !places.some((place) => place.name === name)) };
}
