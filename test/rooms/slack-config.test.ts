import { describe, expect, it } from "vitest";
import { readManifest } from "../../packages/local/slack/manifest.ts";
import { readSlackConfig } from "../../slack/config.ts";
import { SHORTCUT } from "../../slack/interactions/message.ts";
import { manifest } from "./slack-world.ts";

describe("the door's configuration", () => {
  it("names everything that is wrong at once, and no value", () => {
    const read = () => readSlackConfig({ SLACK_BOT_TOKEN: "secret-value", SLACK_API_URL: "nowhere", CODY_MODEL: "" });
    expect(read).toThrow(/SLACK_BOT_TOKEN.*\n.*SLACK_API_URL.*\n.*SLACK_APP_TOKEN .* or SLACK_SIGNING_SECRET/);
    expect(read).not.toThrow(/secret-value|nowhere/);
    expect(() => readSlackConfig({ SLACK_APP_TOKEN: "xapp-1" })).toThrow("SLACK_BOT_TOKEN is missing.");
  });

  it("takes Socket Mode when there is an app token, else HTTP", () => {
    expect(readSlackConfig({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", CODY_ADMINS: "U1, U2" })).toEqual({
      botToken: "xoxb-1",
      transport: { kind: "socket", appToken: "xapp-1" },
      admins: ["U1", "U2"],
      channels: [],
    });
    expect(readSlackConfig({ SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "s" }).transport).toEqual({
      kind: "http",
      signingSecret: "s",
    });
  });
});

describe("the manifests", () => {
  it("are accepted by Slack's rules and differ in the transport only", () => {
    const [socket, http] = [readManifest(manifest("socket")), readManifest(manifest("http"))];
    const withoutUrls = (value: unknown) =>
      JSON.parse(
        JSON.stringify(value, (key, inner) =>
          ["url", "request_url", "message_menu_options_url", "socket_mode_enabled"].includes(key) ? undefined : inner,
        ),
      );
    expect(withoutUrls(socket)).toEqual(withoutUrls(http));
    expect(socket.settings.socket_mode_enabled).toBe(true);
    expect(socket.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual([SHORTCUT]);
  });
});
