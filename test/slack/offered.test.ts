import { describe, expect, it } from "vitest";
import { readManifest } from "../../packages/stand-ins/slack/manifest.ts";
import { SHORTCUT } from "../../slack/interactions/message.ts";
import { offeredModels } from "../../slack/offered-models.ts";
import { manifest } from "./world.ts";

const NOW = new Date("2026-11-27");

describe("the models that the form offers", () => {
  it("stand in groups around the deployment's own, each with its price beside that one, without what is about to end", () => {
    const offered = offeredModels("claude-sonnet-5-5", NOW);
    expect([...new Set(offered.map(({ group }) => group))]).toEqual([
      "Recommended",
      "More capable, at a higher price",
      "Quicker and cheaper",
      "Earlier models",
    ]);
    expect(offered[0]).toEqual({ id: "claude-sonnet-5-5", label: "claude-sonnet-5-5", group: "Recommended" });
    expect(offered.find(({ id }) => id === "claude-opus-5-5")).toMatchObject({
      group: "More capable, at a higher price",
      price: "About 2 times the price of claude-sonnet-5-5",
    });
    expect(offered.find(({ id }) => id === "claude-haiku-5-5")).toMatchObject({
      group: "Quicker and cheaper",
      price: "About 6% of the price of claude-sonnet-5-5",
    });
    expect(offered.map(({ id }) => id)).not.toContain("claude-sonnet-4-5");
    const in2027 = offeredModels("claude-sonnet-5-5", new Date("2027-01-01"));
    expect(in2027.find(({ id }) => id === "claude-opus-4-5")!.label).toBe("claude-opus-4-5 · ends 2027-01-22");
    for (const { label, price = "" } of in2027) expect(Math.max(label.length, price.length)).toBeLessThanOrEqual(75);
  });

  it("begin with the deployment's own default when the catalogue does not know it, without a price", () => {
    expect(offeredModels("claude-next-9", NOW)[0]).toEqual({
      id: "claude-next-9",
      label: "claude-next-9",
      group: "Recommended",
      price: "Its price is unknown, so no cost limit can stop it",
    });
    expect(offeredModels("claude-sonnet-4-5", NOW)[0]!.id).toBe("claude-sonnet-4-5");
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
    // With it, Slack would take posts where we cannot read back what a crash left: see postAt.
    expect(socket.oauth_config.scopes.bot).not.toContain("chat:write.public");
    expect(socket.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual([SHORTCUT]);
  });
});
