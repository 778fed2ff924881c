import { z } from "zod";

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  );

const Environment = z.object({
  SLACK_BOT_TOKEN: z.string().startsWith("xoxb-", "SLACK_BOT_TOKEN is a bot token and starts with xoxb-."),
  SLACK_APP_TOKEN: z.string().startsWith("xapp-", "SLACK_APP_TOKEN is an app token and starts with xapp-.").optional(),
  SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  SLACK_API_URL: z.url().optional(),
  CODY_MODEL: z.string().min(1).optional(),
  /** Slack user ids, with commas between them. */
  CODY_ADMINS: list,
  /** Slack channel ids. */
  CODY_CHANNELS: list,
});

export type SlackConfig = {
  botToken: string;
  /** Socket Mode uses the app token, HTTP the signing secret; an app is switched to one of them. */
  transport: { kind: "socket"; appToken: string } | { kind: "http"; signingSecret: string };
  slackApiUrl?: string;
  defaultModel?: string;
  admins: string[];
  channels: string[];
};

/** The one reader of this door's environment. @throws Error that lists every problem at once, without any value. */
export function readSlackConfig(environment: Record<string, string | undefined>): SlackConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = Environment.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0]);
        if (given[name] === undefined) return `${name} is missing.`;
        return message.startsWith(name) ? message : `${name}: ${message}`;
      });
  if (!given.SLACK_APP_TOKEN && !given.SLACK_SIGNING_SECRET) {
    problems.push("Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP).");
  }
  if (!parsed.success || problems.length > 0) throw new Error(`Slack is not configured:\n${problems.join("\n")}`);
  const {
    SLACK_BOT_TOKEN,
    SLACK_APP_TOKEN,
    SLACK_SIGNING_SECRET,
    SLACK_API_URL,
    CODY_MODEL,
    CODY_ADMINS,
    CODY_CHANNELS,
  } = parsed.data;
  return {
    botToken: SLACK_BOT_TOKEN,
    transport: SLACK_APP_TOKEN
      ? { kind: "socket", appToken: SLACK_APP_TOKEN }
      : { kind: "http", signingSecret: SLACK_SIGNING_SECRET! },
    ...(SLACK_API_URL && { slackApiUrl: SLACK_API_URL }),
    ...(CODY_MODEL && { defaultModel: CODY_MODEL }),
    admins: CODY_ADMINS,
    channels: CODY_CHANNELS,
  };
}
