import { z } from "zod";

const Command = z.looseObject({
  command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/, "a slash command is lower case and at most 32 characters"),
  description: z.string().min(1).max(2_000),
  usage_hint: z.string().max(1_000).optional(),
  url: z.url().optional(),
});

const Shortcut = z.looseObject({
  name: z.string().min(1).max(24),
  type: z.enum(["message", "global"]),
  callback_id: z.string().min(1).max(255),
  description: z.string().min(1).max(150),
});

/** What the stand-in reads of an app manifest: https://docs.slack.dev/reference/app-manifest. */
const Shape = z.looseObject({
  display_information: z.looseObject({ name: z.string().min(1).max(35) }),
  features: z.looseObject({
    bot_user: z.looseObject({ display_name: z.string().min(1).max(80) }),
    app_home: z
      .looseObject({ home_tab_enabled: z.boolean().optional(), messages_tab_enabled: z.boolean().optional() })
      .optional(),
    /** Declares the app as an agent. */
    agent_view: z.looseObject({ agent_description: z.string().max(300).optional() }).optional(),
    slash_commands: z.array(Command).max(50).default([]),
    shortcuts: z.array(Shortcut).max(10).default([]),
  }),
  oauth_config: z.looseObject({ scopes: z.looseObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.looseObject({
    event_subscriptions: z
      .looseObject({ request_url: z.url().optional(), bot_events: z.array(z.string()).max(100).default([]) })
      .optional(),
    interactivity: z
      .looseObject({
        is_enabled: z.boolean(),
        request_url: z.url().optional(),
        message_menu_options_url: z.url().optional(),
      })
      .optional(),
    socket_mode_enabled: z.boolean().default(false),
  }),
});
export type Manifest = z.infer<typeof Shape>;

/** Scopes without which Slack does not let an app subscribe: https://docs.slack.dev/reference/events. */
const EVENT_SCOPES: Record<string, string | undefined> = {
  app_mention: "app_mentions:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  member_joined_channel: "channels:read",
};

/** @throws Error naming everything that "Create an app from a manifest" would refuse. */
export function readManifest(value: unknown): Manifest {
  const parsed = Shape.safeParse(value);
  if (!parsed.success) throw new Error(`Slack would refuse this manifest:\n${z.prettifyError(parsed.error)}`);
  const manifest = parsed.data;
  const wrong = [...missingScopes(manifest), ...missingUrls(manifest)];
  if (wrong.length > 0) throw new Error(`Slack would refuse this manifest:\n${wrong.join("\n")}`);
  return manifest;
}

export const subscribedEvents = (manifest: Manifest) => manifest.settings.event_subscriptions?.bot_events ?? [];

function missingScopes(manifest: Manifest): string[] {
  const granted = manifest.oauth_config.scopes.bot;
  const needed = [
    ...(manifest.features.slash_commands.length > 0 ? [["slash commands", "commands"] as const] : []),
    ...(manifest.features.shortcuts.length > 0 ? [["shortcuts", "commands"] as const] : []),
    ...(manifest.features.agent_view ? [["agent_view", "assistant:write"] as const] : []),
    ...subscribedEvents(manifest).flatMap((event) =>
      EVENT_SCOPES[event] ? [[event, EVENT_SCOPES[event]] as const] : [],
    ),
  ];
  return needed
    .filter(([, scope]) => !granted.includes(scope))
    .map(([what, scope]) => `${what} needs the scope ${scope}`);
}

/** Without Socket Mode every feature needs the URL that Slack posts to. */
function missingUrls({ features, settings }: Manifest): string[] {
  if (settings.socket_mode_enabled) return [];
  return [
    ...features.slash_commands.filter(({ url }) => !url).map(({ command }) => `${command} needs a url`),
    ...(settings.interactivity?.is_enabled && !settings.interactivity.request_url
      ? ["interactivity needs a request_url"]
      : []),
    ...(settings.event_subscriptions && !settings.event_subscriptions.request_url
      ? ["event_subscriptions needs a request_url"]
      : []),
  ];
}
