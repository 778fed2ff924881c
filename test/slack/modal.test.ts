import type { types } from "@slack/bolt";
import { describe, expect, it } from "vitest";
import { checkModal } from "../../packages/stand-ins/slack/blocks/view.ts";
import { parse as parseCommand } from "../../slack/interactions/command.ts";
import { parse as parseCap, view as raiseCapView } from "../../slack/interactions/raise-cap.ts";
import { suggestions } from "../../slack/interactions/repositories.ts";
import { parse } from "../../slack/interactions/run.ts";
import { FIELDS, REPOSITORIES_ACTION } from "../../slack/interactions/run-fields.ts";
import { runModal } from "../../slack/interactions/run-modal.ts";
import { isPromptField, promptParts } from "../../slack/interactions/run-prompt.ts";
import type { Values } from "../../slack/listen.ts";
import { promptText } from "../../slack/prompt-text.ts";
import { JOB_ID } from "../builders.ts";
import { depsOver, type Store } from "./world.ts";

const deps = depsOver({} as Store);
const who = { teamId: "T1", userId: "U1" };
const WORDS = "log4j everywhere ";

type Filled = {
  prompt?: string;
  more?: string;
  repositories?: string[];
  [field: string]: string | string[] | undefined;
};
/** Values as Slack sends them; what is not named is as the modal opened. */
function filled({ prompt = "Raise it", more, repositories = ["acme/orders"], ...rest }: Filled = {}): Values {
  const text = (value: string | null) => ({ type: "plain_text_input", value });
  const picked = (value: string) => ({ value, text: { type: "plain_text" as const, text: value } });
  const of = (field: string, value: object) => ({ [field]: { [field]: value } });
  const given = (field: string, otherwise: string | null) => text((rest[field] as string | undefined) ?? otherwise);
  return {
    ...of(FIELDS.prompt, text(prompt)),
    ...(more !== undefined && of("prompt-2", text(more))),
    [FIELDS.repositories]: {
      [REPOSITORIES_ACTION]: { type: "multi_external_select", selected_options: repositories.map(picked) },
    },
    ...of(FIELDS.delivery, { type: "radio_buttons", selected_option: picked(String(rest.delivery ?? "open-pr")) }),
    ...of(FIELDS.model, { type: "static_select", selected_option: picked(String(rest.model ?? "claude-sonnet-5-5")) }),
    ...of(FIELDS.verifyCommand, given(FIELDS.verifyCommand, null)),
    ...of(FIELDS.setupCommand, given(FIELDS.setupCommand, null)),
    ...of(FIELDS.baseBranch, given(FIELDS.baseBranch, null)),
    ...of(FIELDS.capUsd, given(FIELDS.capUsd, "5")),
  } as Values;
}
const read = (fields?: Filled) =>
  parse(filled(fields), {
    models: deps.settings.models,
    refusal: (repository) => deps.repositories.refusal(repository, who),
  });

describe("the form", () => {
  it("looks like this", () => {
    const view = runModal(deps.settings, { channelId: "C1", prompt: "Raise log4j-core to 2.17.1", takesFiles: true });
    expect(checkModal(view)).toMatchObject({ ok: true });
    expect(view).toMatchSnapshot();
  });

  it("has what was saved for one repository alone at once", () => {
    const options = { byRepository: { "acme/orders": { check: "make check" } } };
    const { blocks } = runModal(deps.settings, { channelId: "C1", repositories: ["acme/orders"], options });
    expect(JSON.stringify(blocks.find(({ block_id }) => block_id === "only-check:acme/orders"))).toContain(
      "make check",
    );
  });

  it("opens for every prompt that a job may have, and gives it back unchanged", () => {
    for (const prompt of [WORDS.repeat(500), "x".repeat(9_000), `${"line of twenty chars\n".repeat(420)}`]) {
      const trimmed = prompt.trim();
      const view = runModal(deps.settings, { channelId: "C1", prompt });
      expect(checkModal(view)).toMatchObject({ ok: true });
      const parts = promptParts(trimmed);
      expect(parts.every((part) => part.length <= 3_000)).toBe(true);
      expect(parts.join("").replace(/\s/g, "")).toBe(trimmed.replace(/\s/g, ""));
    }
  });

  it.each([
    ["Chinese without a space", "漢".repeat(4_000)],
    ["emoji without a space", `a${"👩‍👩‍👧".repeat(800)}`],
    ["one long word", "x".repeat(8_999)],
    ["words", "word ".repeat(1_700).trim()],
    ["lines", "a line\n\nand another\n".repeat(400).trim()],
    ["marks that Slack counts in their stored form", `${"<&>".repeat(1_500)} and`],
  ])("a submit without a change is the prompt that was given: %s", (_, prompt) => {
    const { blocks } = runModal(deps.settings, { channelId: "C1", prompt });
    const inputs = (blocks as types.InputBlock[]).filter(({ block_id }) => isPromptField(block_id!));
    expect(inputs.length).toBeGreaterThan(1);
    const given = inputs.map(({ block_id, element }) => {
      const { initial_value: value } = element as types.PlainTextInput;
      expect(value!.isWellFormed()).toBe(true);
      return [block_id, { [block_id!]: { type: "plain_text_input", value } }];
    });
    const { prompt: __, ...others } = filled() as Record<string, unknown>;
    const values = { ...others, ...Object.fromEntries(given) } as Values;
    const { draft } = parse(values, { models: deps.settings.models, refusal: () => undefined });
    expect(draft!.prompt).toBe(prompt);
  });

  it("lets a job change what runs by itself only where that is ticked", () => {
    const ticked = {
      "may-change-ci": {
        "may-change-ci": {
          type: "checkboxes",
          selected_options: [{ value: "yes", text: { type: "plain_text", text: "x" } }],
        },
      },
    };
    const settings = { models: deps.settings.models, refusal: () => undefined };
    expect(parse({ ...filled(), ...ticked } as unknown as Values, settings).draft?.options.mayChangeCi).toBe(true);
    expect(read().draft?.options).not.toHaveProperty("mayChangeCi");
  });

  it.each([
    ["claude-sonnet-5-5", "max", undefined],
    ["claude-haiku-4-5", "low", "claude-haiku-4-5 takes no effort: leave it open, or choose another model."],
    [
      "claude-opus-4-6",
      "xhigh",
      "claude-opus-4-6 takes low, medium, high or max: choose one of them, or another model.",
    ],
    ["claude-sonnet-5-5", "huge", expect.stringContaining("Invalid option")],
  ])("takes an effort that the model takes: %s, %s", (model, effort, refused) => {
    const values = {
      ...filled({ model }),
      [FIELDS.effort]: { [FIELDS.effort]: { type: "static_select", selected_option: { value: effort } } },
    } as unknown as Values;
    const { draft, errors } = parse(values, { models: [{ id: model }], refusal: () => undefined });
    expect(errors?.[FIELDS.effort]).toEqual(refused);
    expect(draft?.options.effort).toBe(refused === undefined ? effort : undefined);
    expect(read().draft?.options).not.toHaveProperty("effort");
  });

  it("asks for a new cost limit", () => {
    expect(checkModal(raiseCapView(JOB_ID))).toMatchObject({ ok: true });
    expect(() => parseCap({ cap: { cap: { type: "number_input", value: "-1" } } } as unknown as Values)).toThrow(
      "The cost limit must be above $0.",
    );
  });
});

describe("what the form says becomes a job", () => {
  it("with the defaults", () => {
    expect(read()).toEqual({
      draft: {
        prompt: "Raise it",
        repositories: ["acme/orders"],
        options: { delivery: "open-pr", model: "claude-sonnet-5-5", capUsd: 5 },
      },
    });
  });

  it("with everything filled in, and a prompt of two parts", () => {
    const { draft } = read({
      prompt: "Raise it",
      more: "  and the tests",
      repositories: ["acme/orders", "acme/shop"],
      delivery: "review-first",
      model: "claude-haiku-5-5",
      "verify-command": " npm test ",
      "setup-command": "npm ci",
      "base-branch": "release/2.x",
      cap: "0.5",
    });
    expect(draft).toEqual({
      prompt: "Raise it\n  and the tests",
      repositories: ["acme/orders", "acme/shop"],
      options: {
        baseBranch: "release/2.x",
        delivery: "review-first",
        setupCommand: "npm ci",
        verifyCommand: "npm test",
        model: "claude-haiku-5-5",
        capUsd: 0.5,
      },
    });
  });

  const six = ["orders", "shop", "docs", "api", "site", "mail"].map((name) => `acme/${name}`);
  it.each<[string, Filled, string, RegExp]>([
    ["an empty prompt", { prompt: "  " }, "prompt", /prompt is empty/],
    ["a prompt of 10,000 characters", { prompt: "x".repeat(10_000) }, "prompt", /9,000 characters/],
    [
      "a check that Slack made a dash in",
      { "verify-command": "node —test" },
      "verify-command",
      /Paste this instead: node --test$/,
    ],
    ["a setup with curly quotes", { "setup-command": "sh -c “npm ci”" }, "setup-command", /sh -c "npm ci"$/],
    ["no repository", { repositories: [] }, "repositories", /at least one/],
    ["six repositories", { repositories: six }, "repositories", /at most 5/],
    ["the same one twice", { repositories: ["acme/orders", "Acme/Orders"] }, "repositories", /named twice/],
    [
      "a name that climbs",
      { repositories: ["Org/../x"] },
      "repositories",
      /^"Org\/..\/x": Write a repository as owner/,
    ],
    ["a repository outside the patterns", { repositories: ["other/app"] }, "repositories", /^other\/app is not one/],
    ["a negative cost limit", { cap: "-1" }, "cap", /above \$0/],
    ["a cost limit that is no number", { cap: "much" }, "cap", /number of dollars/],
    ["a cost limit beyond reason", { cap: "5000" }, "cap", /at most \$500/],
    ["a branch that cannot be", { "base-branch": "a..b" }, "base-branch", /not a valid branch/],
    ["a branch that is an option", { "base-branch": "--upload-pack=x" }, "base-branch", /not a valid branch/],
    ["a command with a NUL", { "verify-command": "a\0b" }, "verify-command", /NUL/],
    ["a model that is not offered", { model: "gpt" }, "model", /of the list/],
  ])("refuses %s beside its field", (_what, fields, field, sentence) => {
    expect(read(fields).errors).toEqual({ [field]: expect.stringMatching(sentence) });
  });

  it("names everything that is wrong at once", () => {
    const { errors } = read({ prompt: "", repositories: ["nonsense", "Org/../x"], cap: "-1", "base-branch": "/" });
    expect(Object.keys(errors!).sort()).toEqual(["base-branch", "cap", "prompt", "repositories"]);
    expect(errors!.repositories).toMatch(/"nonsense": .* "Org\/..\/x": /);
  });
});

describe("the type-ahead", () => {
  const values = async (query: string) => (await suggestions(deps, query, who)).map(({ value }) => value);

  it("offers what the cached list finds", async () => {
    expect(await values("or")).toEqual(["acme/orders"]);
  });
  it("offers a full name that is allowed and not in the list yet", async () => {
    expect(await values("acme/brand-new")).toEqual(["acme/brand-new"]);
    expect(await values("acme/orders")).toEqual(["acme/orders"]);
    expect(await values("other/app")).toEqual([]);
  });
  it("never offers more or longer than Slack takes", async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({
      name: `acme/${"x".repeat(90)}${i}`,
      description: "y".repeat(200),
    }));
    const options = await suggestions({ repositories: { ...deps.repositories, search: async () => many } }, "x", who);
    expect(options).toHaveLength(100);
    expect(options.every(({ text, description }) => text.text.length <= 75 && description!.text.length <= 75)).toBe(
      true,
    );
  });
});

describe("/cody", () => {
  it.each([
    ["", { kind: "open", prompt: "" }],
    ["Raise log4j", { kind: "open", prompt: "Raise log4j" }],
    ["help", { kind: "help" }],
    ["help the tests to pass", { kind: "open", prompt: "help the tests to pass" }],
    ["LIST", { kind: "list" }],
    ["list every dependency", { kind: "open", prompt: "list every dependency" }],
    [`status ${JOB_ID}`, { kind: "status", id: JOB_ID }],
    ["status", { kind: "status", id: "" }],
    ["cancel the retry of flaky tests", { kind: "open", prompt: "cancel the retry of flaky tests" }],
  ])("%s", (text, request) => {
    expect(parseCommand(text)).toEqual(request);
  });

  it("reads a message as its writer saw it", () => {
    expect(promptText("<@U1> raise <https://x.example/a?b=1&amp;c|a lib> if a &lt; b in <#C1|ops> <!here>")).toBe(
      "@U1 raise a lib (https://x.example/a?b=1&c) if a < b in #ops @here",
    );
  });
});
