import { ImageName } from "../jobs/repository-settings.ts";

/** What a registry knows as an image. */
const IMAGE = /^[a-z0-9][a-z0-9._/:-]*(?:@sha256:[0-9a-f]{64})?$/i;

/** ECS takes fewer characters in a task definition's name than an image of ours may have in its. */
export const familyOf = (name: string) => name.replaceAll(".", "_");

/** Images of a deployment by the names that settings give them: `java21=IMAGE dotnet=IMAGE`. @throws Error by place. */
export function parseImages(text: string): Readonly<Record<string, string>> {
  const entries = text
    .split(/\s+/)
    .filter(Boolean)
    .map((entry) => /^([^=]+)=(.+)$/.exec(entry)?.slice(1) as [string, string] | undefined);
  const wrong = entries.flatMap((entry, i) =>
    entry && ImageName.safeParse(entry[0]).success && IMAGE.test(entry[1]) ? [] : [i + 1],
  );
  if (wrong.length > 0)
    throw new Error(
      `must list name=image, names in small letters, with spaces between; not so: entry ${wrong.join(", ")}`,
    );
  const named = entries as [string, string][];
  if (new Set(named.map(([name]) => familyOf(name))).size < named.length)
    throw new Error("must give each image a name of its own");
  return Object.fromEntries(named);
}
