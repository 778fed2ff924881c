import { z } from "zod";
import type { GitHub } from "./client.ts";

/** By the address of an API: which fields its GraphQL does not know. An older GitHub Enterprise Server lacks some. */
const LACKING = new Map<string, ReadonlySet<string>>();

const Problems = z.array(
  z.object({
    message: z.string().catch(""),
    extensions: z.object({ code: z.string().optional(), typeName: z.string().optional() }).optional(),
  }),
);

/** A server that lacks a field gives no answer at all: without what may be left out it is asked again, and from then on. */
export async function askKnown(
  github: GitHub,
  { query, mayLack }: { query: string; mayLack: readonly string[] },
  variables: Record<string, unknown>,
): Promise<unknown> {
  const { baseUrl } = github.request.endpoint.DEFAULTS;
  const known = LACKING.get(baseUrl) ?? new Set<string>();
  try {
    return await github.graphql(withoutFields(query, known), variables);
  } catch (error) {
    const missing = missingIn(error).filter(({ field }) => !known.has(field));
    if (missing.length === 0) throw error;
    const needed = missing.find(({ field }) => !mayLack.includes(field));
    if (needed) throw new Error(neededWords(needed), { cause: error });
    const lacking = new Set([...known, ...missing.map(({ field }) => field)]);
    LACKING.set(baseUrl, lacking);
    return await github.graphql(withoutFields(query, lacking), variables);
  }
}

type Missing = { field: string; type: string };

const neededWords = ({ field, type }: Missing) =>
  `this GitHub does not know the field ${field} of ${type}, which Cody needs to follow pull requests: update GitHub Enterprise Server`;

/** Also a field that is known without an argument that we give it. */
function missingIn(error: unknown): Missing[] {
  const { data: problems = [] } = Problems.safeParse((error as { errors?: unknown }).errors);
  return problems.flatMap(({ message, extensions }) => {
    const [, field] = /^Field '(\w+)' doesn't (?:exist on type|accept argument)/.exec(message) ?? [];
    const [, type = extensions?.typeName] = /on type '(\w+)'/.exec(message) ?? [];
    return field === undefined ? [] : [{ field, type: type ?? "a pull request" }];
  });
}

/** Our queries have a field on each line, and end what belongs to it at its own depth. */
export function withoutFields(query: string, fields: Iterable<string>): string {
  const left = new Set(fields);
  if (left.size === 0) return query;
  const lines: string[] = [];
  let until: string | undefined;
  for (const line of query.split("\n")) {
    if (until !== undefined) {
      if (line === until) until = undefined;
      continue;
    }
    const [, depth = "", field = ""] = /^( *)(?:\.\.\. on \w+ \{ )?(\w+)/.exec(line) ?? [];
    if (!left.has(field)) lines.push(line);
    else if (line.endsWith("{")) until = `${depth}}`;
  }
  return lines.join("\n");
}
