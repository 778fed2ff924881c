import { z } from "zod";
import { JobId, RepositoryName } from "../../jobs/ids.ts";
import { clip } from "../../text/cut.ts";
import { LIMITS } from "../text.ts";

export const ConversationStyle = z.enum(["simple", "technical"]);
export type ConversationStyle = z.infer<typeof ConversationStyle>;

/** What a modal can show. A place travels in a button's value, so its reader checks the workspace anew. */
export const Place = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("job"), jobId: JobId }),
  z.object({ kind: z.literal("run"), jobId: JobId, repository: RepositoryName }),
  /** Every job of this workspace in a repository, newest first; `after` is the store's cursor. */
  z.object({ kind: z.literal("repository"), repository: RepositoryName, after: z.string().max(600).optional() }),
  z.object({
    kind: z.literal("conversation"),
    jobId: JobId,
    repository: RepositoryName,
    round: z.number().int().positive(),
    style: ConversationStyle,
    /** The first turn shown. */
    turn: z.number().int().positive(),
  }),
]);
export type Place = z.infer<typeof Place>;
export type ConversationPlace = Extract<Place, { kind: "conversation" }>;

export const PLACES = {
  /** Goes to a place; every button that does has an id that begins so. */
  look: "cody-look",
  /** Shows another page of the same place: Back does not stop here. */
  turn: "cody-turn",
  back: "cody-back",
} as const;

export const lookValue = (place: Place) => JSON.stringify(place);

function parsed<Value>(schema: z.ZodType<Value>, text: string | undefined): Value | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}
export const parsePlaceValue = (value: string | undefined) => parsed(Place, value);

/** How a person came to what a modal shows: the last one is shown. Never empty. */
export type Trail = [...Place[], Place];

/** The oldest steps go when there are more than a modal's metadata can hold. */
export function trailText(trail: Place[]): string {
  const text = JSON.stringify(trail);
  return text.length > LIMITS.privateMetadata && trail.length > 1 ? trailText(trail.slice(1)) : text;
}

export function parseTrail(metadata: string | undefined): Trail | undefined {
  const places = parsed(z.array(Place).min(1), metadata);
  return places as Trail | undefined;
}

export const lookActionId = (name: string) => clip(`${PLACES.look}-${name}`, 255);
