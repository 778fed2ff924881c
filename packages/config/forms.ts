import { z } from "zod";
import { parseAppKey } from "./app-key.ts";
import { parsePrivateHosts } from "./hosts.ts";
import { parseImages } from "./images.ts";
import { parsePatterns } from "./patterns.ts";
import { parsePeople } from "./people.ts";
import { parseRegistries, parseRegistryCredentials } from "./registries.ts";
import { parseSlackChannels, parseSlackUsers } from "./slack-ids.ts";

/** The forms that values have. A message goes on after the variable's name, and never holds the value. */
export const anyText = z.string();

export const form = (pattern: RegExp, must: string) => z.string().regex(pattern, must);

/** Another schema's values, in a sentence of this kind. */
export const matches = (schema: z.ZodType<string>, what: string) =>
  z.string().refine((value) => schema.safeParse(value).success, `must be ${what}`);

export const token = form(/^[^\s"'`]+$/, "must be a token, without spaces, quotes and line ends");

export const address = z.url({ protocol: /^https?$/, error: "must be an http or https address" });

export const flag = z.enum(["0", "1"], "must be 1 or 0").transform((value) => value === "1");

export const choice = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, `must be ${words.join(" or ")}`);

export const whole = (what: string, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .refine((value) => /^[1-9]\d*$/.test(value) && Number(value) <= most, `must be ${what}`)
    .transform(Number);

/** `most`: what a clock, a timer or a person can still do something with. */
export const amount = (what: string, most: number) =>
  z
    .string()
    .refine(
      (value) => /^(\d+|\d*\.\d+)$/.test(value) && Number(value) > 0 && Number(value) <= most,
      `must be ${what}, ${most} at most`,
    )
    .transform(Number);

/** As PATH has them. */
export const folders = z
  .string()
  .refine(
    (value) => value.split(":").every((folder) => folder.startsWith("/")),
    "must list folders as PATH does: /usr/bin:/opt/go/bin, each from / on",
  )
  .transform((value) => value.split(":"));

/** By a parser that throws such a message. */
const parsed = <Value>(parse: (value: string) => Value) =>
  z.string().transform((value, context) => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
      return z.NEVER;
    }
  });
export const patterns = parsed(parsePatterns);
export const images = parsed(parseImages);
export const privateHosts = parsed(parsePrivateHosts);
export const registries = parsed(parseRegistries);
export const registryCredentials = parsed(parseRegistryCredentials);
export const people = parsed(parsePeople);
export const appKey = parsed(parseAppKey);
export const users = parsed(parseSlackUsers);
export const channels = parsed(parseSlackChannels);
