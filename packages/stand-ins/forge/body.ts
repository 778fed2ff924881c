import type { Context } from "hono";
import type { z } from "zod";
import { illFormedAt } from "../../text/well-formed.ts";
import { ForgeError, invalidField } from "./api-error.ts";

/** A pull request's or a comment's text; GitHub's own limit, from its 422 answers. */
export const GITHUB_BODY_CHARS = 65_536;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON of a request. GitHub refuses what is none, and text that is not well-formed. */
export async function jsonOf(c: Context): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(UTF8.decode(await c.req.arrayBuffer()) || "{}");
    if (illFormedAt(value) === undefined) return value;
  } catch {
    // Told below.
  }
  throw new ForgeError(400, "Problems parsing JSON");
}

/** What GitHub takes of it, in its own words otherwise: a wrong type, a field that is missing, a text that is too long. */
export async function readBody<T>(c: Context, resource: string, schema: z.ZodType<T>): Promise<T> {
  const value = await jsonOf(c);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.map(String).join("/");
  if (issue.code === "too_big")
    throw invalidField(resource, {
      code: "custom",
      field,
      message: `${field} is too long (maximum is ${issue.maximum} characters)`,
    });
  const given = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (given === undefined || given === "" || issue.code === "too_small")
    throw invalidField(resource, { field, code: "missing_field" });
  const expected = issue.code === "invalid_type" ? issue.expected : "one of its values";
  throw new ForgeError(
    422,
    `Invalid request.\n\nFor 'properties/${field}', ${JSON.stringify(given)} is not ${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}.`,
  );
}
