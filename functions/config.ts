import { z } from "zod";
import { isAppKey } from "../packages/github/app-key.ts";
import type { Environment } from "./on-first-call.ts";

const Name = z.string().min(1);
export const Url = z.url({ protocol: /^https?$/ });

/** What the SDK's clients take; on Lambda all of it is there by itself, endpoints are for stand-ins. */
export const Aws = z.object({
  AWS_REGION: Name,
  AWS_ACCESS_KEY_ID: Name.optional(),
  AWS_SECRET_ACCESS_KEY: Name.optional(),
  AWS_SESSION_TOKEN: Name.optional(),
  AWS_ENDPOINT_URL_DYNAMODB: Url.optional(),
  AWS_ENDPOINT_URL_S3: Url.optional(),
  AWS_ENDPOINT_URL_SFN: Url.optional(),
});
export type Aws = z.infer<typeof Aws>;

/** Variables that a stack sets, by what they are for. A function's `variables` are made of these. */
export const Table = z.object({ CODY_TABLE: Name });
export const Bucket = z.object({ CODY_BUCKET: Name });
export const Machine = z.object({
  CODY_STATE_MACHINE_ARN: z
    .string()
    .regex(/^arn:aws[\w-]*:states:[^:]+:\d{12}:stateMachine:[^:]+$/, "is no state machine's ARN"),
});
/** Of a GitHub App: its number (or client id), and its private key in PEM, where `\n` may stand for line ends. */
export const GitHubAppKey = z.object({
  GITHUB_APP_ID: z.string().regex(/^(?:\d+|Iv\w[\w.]+)$/, "is the number or the client id of a GitHub App"),
  GITHUB_APP_KEY: z.string().refine(isAppKey, "is no RSA private key in PEM"),
});
export const GitHubReader = z.object({
  CODY_REPOS: z.string().default(""),
  GITHUB_API_URL: Url.optional(),
  GITHUB_READ_TOKEN: Name.optional(),
  /** In place of the read token. */
  GITHUB_TOKEN: Name.optional(),
  /** In place of tokens. */
  ...GitHubAppKey.partial().shape,
});
export const SlackWriter = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith("xoxb-", "is a bot token and starts with xoxb-"),
  SLACK_API_URL: Url.optional(),
});

/** Throws one error that names every variable that is missing or wrong, never a value. Empty counts as not set. */
export function readConfig<Shape extends z.ZodRawShape>(
  variables: z.ZodObject<Shape>,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> & Aws {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = z.intersection(Aws, variables).safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: [name], message }) =>
    given[String(name)] === undefined ? `${String(name)} is missing` : `${String(name)}: ${message}`,
  );
  throw new Error(`This function is not configured:\n${problems.join("\n")}`);
}
