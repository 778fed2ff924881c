import { z } from "zod";

/** Whose clients a registry serves. */
const ECOSYSTEMS = ["npm", "pypi", "maven", "go", "cargo", "nuget", "rubygems"] as const;
export type Ecosystem = (typeof ECOSYSTEMS)[number];

const Entry = z.strictObject({
  ecosystem: z.enum(ECOSYSTEMS, `ecosystem must be one of ${ECOSYSTEMS.join(", ")}`),
  host: z
    .string("host is missing")
    .regex(
      /^(?=.{1,253}(?::|$))(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z][a-z\d-]*(?::\d{1,5})?$/,
      "host must be a name, or name:port, in small letters",
    ),
  path: z
    .string()
    .regex(/^\/(?:[\w.~@+-]+\/)*$/, "path must begin and end with /")
    .default("/"),
  names: z
    .array(
      z.string().regex(/^[@\w.!~/-]+\*?$/, "names must be names of packages, with * at the end for all that begin so"),
    )
    .default([]),
  credential: z
    .string()
    .regex(/^[\w-]+$/, "credential must be a name from CODY_REGISTRY_CREDENTIALS")
    .optional(),
});

/** A registry of the deployment. What stands in `names` is read from nowhere else. */
export type OwnRegistry = z.output<typeof Entry>;

/** @throws Error that says what is wrong, and in which entry. */
export function parseRegistries(text: string): OwnRegistry[] {
  const parsed = z.array(z.unknown()).safeParse(jsonOf(text));
  if (!parsed.success) throw new Error('must be a JSON list: [{"ecosystem":"npm","host":"npm.example.com"}]');
  return parsed.data.map((entry, index) => {
    const { success, data, error } = Entry.safeParse(entry);
    if (success) return data;
    const [issue] = error.issues;
    const what =
      issue?.code === "unrecognized_keys" ? "it knows ecosystem, host, path, names and credential" : issue?.message;
    throw new Error(`has a mistake in entry ${index + 1}: ${what}`);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text || "[]");
  } catch {
    return undefined;
  }
}

/** By name: what a registry wants to see. */
export type RegistryCredentials = ReadonlyMap<string, string>;

/** "nexus=user:password github=token". @throws Error that says which entry cannot be read, by its place. */
export function parseRegistryCredentials(text: string): RegistryCredentials {
  const entries = text.split(/\s+/).filter(Boolean);
  return new Map(
    entries.map((entry, index) => {
      const [, name, value] = /^([\w-]+)=([\x21-\x7e]{8,})$/.exec(entry) ?? [];
      if (name === undefined || value === undefined)
        throw new Error(
          `must list name=token or name=user:password, with spaces between; entry ${index + 1} is neither`,
        );
      return [name, value] as const;
    }),
  );
}

/** As an `Authorization` header says it. */
export const authorizationOf = (credential: string) =>
  credential.includes(":") ? `Basic ${Buffer.from(credential).toString("base64")}` : `Bearer ${credential}`;

/** Each part that must never be shown: a token, a password, and the header's form of both. */
export const secretPartsOf = (credentials: RegistryCredentials): string[] =>
  [...credentials.values()].flatMap((credential) => [
    credential,
    credential.slice(credential.indexOf(":") + 1),
    authorizationOf(credential).replace(/^\w+ /, ""),
  ]);
