import { readFileSync } from "node:fs";

const SOCKET = new URL("../../slack/manifest.socket.json", import.meta.url);

/** What a deployment adds to its manifest to have agent sessions: docs/deploy.md. */
export function agentManifest({ mayStop = true } = {}) {
  const plain = JSON.parse(readFileSync(SOCKET, "utf8"));
  return {
    ...plain,
    features: { ...plain.features, agent_view: { agent_description: "One prompt over many repositories" } },
    oauth_config: { scopes: { bot: [...plain.oauth_config.scopes.bot, "assistant:write"] } },
    settings: {
      ...plain.settings,
      event_subscriptions: {
        bot_events: [...plain.settings.event_subscriptions.bot_events, ...(mayStop ? ["agent_session_stopped"] : [])],
      },
    },
  };
}
