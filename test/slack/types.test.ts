import { describe, expect, it } from "vitest";
import { wrongWithBlocks, wrongWithManifest, wrongWithView } from "./types/check.ts";
import { declarationsIn, type Type } from "./types/declarations.ts";
import { limitsIn } from "./types/limits.ts";
import { manifest } from "./world.ts";

const text = (words: string) => ({ type: "plain_text", text: words });
const section = (words: string) => ({ type: "section", text: text(words) });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const button = (more: object) => ({ type: "button", text: text("Go"), ...more });
const modal = (more: object) => ({ type: "modal", title: text("T"), blocks: [], ...more });

describe("Slack's own types, with the limits in their comments", () => {
  it("are read whole: more than sixty types, and every limit that we rely on", () => {
    const declared = declarationsIn([
      "types/dist/block-kit/blocks.d.ts",
      "types/dist/block-kit/block-elements.d.ts",
      "types/dist/block-kit/composition-objects.d.ts",
      "types/dist/views.d.ts",
    ]);
    expect(declared.size).toBeGreaterThan(60);
    const found: Record<string, object> = {};
    const look = (name: string, type: Type) => {
      if (type.kind === "intersection") for (const one of type.of) look(name, one);
      if (type.kind === "object")
        for (const member of type.members)
          if (Object.keys(limitsIn(member.doc)).length > 0) found[`${name}.${member.name}`] = limitsIn(member.doc);
    };
    for (const [name, type] of declared) look(name, type);
    expect(found).toMatchObject({
      "Button.text": { chars: 75 },
      "Button.value": { chars: 2_000 },
      "Button.url": { chars: 3_000 },
      "Button.accessibility_label": { chars: 75 },
      "HeaderBlock.text": { chars: 150 },
      "SectionBlock.text": { chars: 3_000 },
      "SectionBlock.fields": { chars: 2_000, items: 10 },
      "ContextBlock.elements": { items: 10 },
      "ActionsBlock.elements": { items: 25 },
      "InputBlock.label": { chars: 2_000 },
      "Overflow.options": { items: 5 },
      "StaticSelect.options": { items: 100 },
      "RadioButtons.options": { items: 10 },
      "PlainTextOption.text": { chars: 75 },
      "OptionDescriptor.description": { chars: 75 },
      "Confirm.title": { chars: 100 },
      "Confirm.text": { chars: 300 },
      "Confirm.confirm": { chars: 30 },
      "BaseView.blocks": { items: 100 },
      "BaseView.private_metadata": { chars: 3_000 },
      "ModalView.title": { chars: 24 },
      "ModalView.submit": { chars: 24 },
    });
  });

  it.each<[string, object[], string[]]>([
    ["nothing wrong", [section("x"), { type: "divider" }, actions(button({ action_id: "a" }))], []],
    [
      "a section of 3,001 characters",
      [section("x".repeat(3_001))],
      ["blocks/0/text has 3001 characters", "blocks/0/text/text has 3001 characters"],
    ],
    [
      "an ampersand is five",
      [{ type: "header", text: text("&".repeat(31)) }],
      ["blocks/0/text has 155 characters, 150 are allowed"],
    ],
    [
      "eleven fields",
      [{ type: "section", fields: Array(11).fill(text("x")) }],
      ["blocks/0/fields has 11 items, 10 are allowed"],
    ],
    [
      "a property of ours",
      [actions(button({ tooltip: "x" }))],
      ["blocks/0/elements/0/tooltip is not known to Slack's types"],
    ],
    ["a block of ours", [{ type: "chart" }], ['blocks/0/type is "chart"']],
    ["a missing text", [{ type: "header" }], ["blocks/0/text is missing"]],
    [
      "a wrong kind of text",
      [{ type: "header", text: { type: "mrkdwn", text: "x" } }],
      ['blocks/0/text/type is "mrkdwn"'],
    ],
    ["a style that is none", [actions(button({ style: "warning" }))], ['blocks/0/elements/0/style is "warning"']],
    ["an image without its address", [{ type: "image", alt_text: "x" }], ["blocks/0/image_url is missing"]],
    [
      "a list in rich text that is none",
      [{ type: "rich_text", elements: [{ type: "rich_text_list", style: "star", elements: [] }] }],
      ['blocks/0/elements/0/style is "star"'],
    ],
  ])("%s", (_, blocks, wrong) => {
    const found = wrongWithBlocks(blocks);
    expect(found).toHaveLength(wrong.length);
    for (const [i, complaint] of wrong.entries()) expect(found[i]).toContain(complaint);
  });

  it.each<[string, object, string]>([
    ["a title of 25 characters", modal({ title: text("x".repeat(25)) }), "view/title has 25 characters"],
    ["101 blocks", modal({ blocks: Array(101).fill({ type: "divider" }) }), "view/blocks has 101 items"],
    ["a title in the home tab", { type: "home", blocks: [], title: text("x") }, "view/title is not known"],
    ["metadata of 3,001 characters", modal({ private_metadata: "x".repeat(3_001) }), "view/private_metadata has 3001"],
  ])("a view with %s", (_, view, wrong) => expect(wrongWithView(view).join("\n")).toContain(wrong));
});

describe("our manifests", () => {
  it.each(["http", "socket"] as const)(
    "%s: every property, scope and event is one that Slack knows, within its limits",
    (kind) => {
      expect(wrongWithManifest(manifest(kind))).toEqual([]);
    },
  );

  it.each<[string, (manifest: ReturnType<typeof JSON.parse>) => void, string]>([
    ["a scope", (one) => one.oauth_config.scopes.bot.push("chat:shout"), 'scopes/bot/15 is "chat:shout"'],
    ["an event", (one) => one.settings.event_subscriptions.bot_events.push("message.all"), "message.all"],
    ["a property", (one) => Object.assign(one.settings, { socket_mode: true }), "settings/socket_mode is not known"],
    [
      "a long name",
      (one) => Object.assign(one.display_information, { name: "x".repeat(36) }),
      "name has 36 characters, 35 are allowed",
    ],
  ])("would be wrong with %s of ours", (_, change, wrong) => {
    const changed = structuredClone(manifest("socket"));
    change(changed);
    expect(wrongWithManifest(changed).join("\n")).toContain(wrong);
  });
});
