import { App, type BlockAction, LogLevel } from "@slack/bolt";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { type Slack, startSlack } from "../../packages/stand-ins/slack/start.ts";
import { CHROMIUM, launchChromium } from "../browser/chromium.ts";
import {
  APP_TOKEN,
  BOT_TOKEN,
  button,
  orderModal,
  plain,
  section,
  socketManifest,
} from "../fixtures/slack-standin-app.ts";

const fileInput = {
  type: "input" as const,
  block_id: "files",
  label: plain("Files"),
  element: { type: "file_input" as const, action_id: "attach" },
  optional: true,
};

const sizeSelect = {
  type: "input" as const,
  block_id: "size",
  label: plain("Size"),
  element: {
    type: "static_select" as const,
    action_id: "select",
    options: ["small", "large"].map((value) => ({ text: plain(value), value })),
  },
  optional: true,
};

let slack: Slack;
let app: App;

beforeEach(async () => {
  slack = await startSlack({
    log: () => {},
    manifest: socketManifest,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
  });
  app = new App({
    token: BOT_TOKEN,
    appToken: APP_TOKEN,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
});
afterEach(async () => {
  await app.stop();
  await slack.stop();
});

describe("the page's API", () => {
  const letIn = () => cookieHeader(slack.pageKey);
  const state = (headers: Record<string, string>) =>
    fetch(`${slack.url}/workspace/overview?as=requester`, { headers: { ...letIn(), ...headers } });
  const say = (contentType: string) =>
    fetch(`${slack.url}/workspace/say`, {
      method: "POST",
      headers: { ...letIn(), "content-type": contentType },
      body: JSON.stringify({ as: "requester", channel: "C0CODY", text: "hello" }),
    });

  test("answers no page of another origin, and takes nothing that a foreign form could send", async () => {
    expect((await state({})).status).toBe(200);
    expect((await state({ origin: "https://evil.example" })).status).toBe(403);
    expect((await say("text/plain")).status).toBe(415);
    expect(slack.workspace.messages("C0CODY")).toEqual([]);
    expect((await say("application/json")).status).toBe(200);
    expect(slack.workspace.messages("C0CODY")).toMatchObject([{ user: "U0REQUESTER", text: "hello" }]);
  });

  test("serves its own files and no others", async () => {
    expect((await fetch(`${slack.url}/page/main.js`)).headers.get("content-type")).toContain("javascript");
    for (const path of ["/page/api.ts", "/page/..%2fstart.ts", "/page/none.js"])
      expect((await fetch(slack.url + path)).status).toBe(404);
  });
});

describe.skipIf(!CHROMIUM)("the workspace in a browser (skipped without Chromium)", () => {
  let browser: Browser;
  const pages: Page[] = [];
  const faults: string[] = [];
  /** By width: every context is a window of its own, whose making costs half a second of CPU. */
  const contexts = new Map<number, Promise<BrowserContext>>();

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(person: "requester" | "second", width = 1_200): Promise<Page> {
    if (!contexts.has(width)) contexts.set(width, browser.newContext({ viewport: { width, height: 800 } }));
    const page = await (await contexts.get(width)!).newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
    pages.push(page);
    await page.goto(slack.pageUrl(person));
    await page.locator(".composer").waitFor();
    return page;
  }

  test.each([
    ["desktop", 1_200],
    ["phone", 390],
  ] as const)("a job's modal is filled and sent on a %s", async (_, width) => {
    const submitted: unknown[] = [];
    app.command("/probe", async ({ ack, command, client }) => {
      const view = { ...orderModal, blocks: [...orderModal.blocks, fileInput, sizeSelect] };
      await client.views.open({ trigger_id: command.trigger_id, view });
      await ack();
    });
    app.options("pick", ({ ack, options }) =>
      ack({
        options: ["acme/orders", "acme/web"]
          .filter((name) => name.includes(options.value))
          .map((name) => ({ text: plain(name), value: name, description: plain("Java") })),
      }),
    );
    app.view("order", async ({ ack, view }) => {
      submitted.push(view.state.values);
      if (view.state.values.prompt?.text?.value === "no")
        return ack({ response_action: "errors", errors: { prompt: "Say it again." } });
      await ack();
    });
    await app.start();
    const page = await open("requester", width);
    await page.getByLabel("Message # cody").fill("/probe");
    await page.getByText("Tries things").waitFor();
    await page.keyboard.press("Enter");
    await page.locator("dialog button[type=submit]").click();
    await expect
      .poll(() => page.locator(".error").allTextContents())
      .toEqual(Array(2).fill("Please complete this required field."));

    await page.getByLabel("What").fill("no");
    const where = page.getByRole("combobox", { name: "Where" });
    for (const name of ["orders", "web"]) {
      await where.fill(name);
      await page.getByRole("option", { name }).click();
    }
    await page.getByLabel("fast").check();
    await page.getByLabel("Size").selectOption("large");
    await page.getByLabel("Files").setInputFiles([
      { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("tëxt") },
      { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("b") },
    ]);
    await page.getByText("a.txt, b.txt").waitFor();
    await page.locator("dialog button[type=submit]").click();
    await page.getByText("Say it again.").waitFor();
    expect(await page.locator(".chip").allTextContents()).toEqual(["acme/orders×", "acme/web×"]);
    await page.getByLabel("What").fill("yes");
    await page.getByRole("button", { name: "Remove acme/web" }).click();
    expect(await page.getByLabel("Size").inputValue()).toBe("large");
    await page.getByLabel("Size").selectOption("");
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.locator("dialog button[type=submit]").click();
    await page.locator("dialog").waitFor({ state: "detached" });
    expect(submitted.at(-1)).toMatchObject({
      prompt: { text: { value: "yes" } },
      repositories: { pick: { selected_options: [{ value: "acme/orders" }] } },
      speed: { radio: { selected_option: { value: "fast" } } },
      size: { select: { selected_option: null } },
      files: {
        attach: {
          files: [
            { name: "a.txt", size: 5 },
            { name: "b.txt", size: 1 },
          ],
        },
      },
    });
  });

  test("a card changes under a half-written answer; its buttons, menus and questions work; only the clicker sees the whisper", async () => {
    const clicks: unknown[] = [];
    app.action(/.*/, async ({ ack, body, action, respond }) => {
      await ack();
      clicks.push([
        body.user.id,
        "value" in action ? action.value : "selected_option" in action && action.selected_option?.value,
      ]);
      await respond({ text: "<https://example.invalid/patch|the patch>", response_type: "ephemeral" });
    });
    await app.start();
    const card = (status: string) => ({
      channel: "C0CODY",
      text: "card",
      blocks: [
        { type: "plan", title: "1 of 2 done", tasks: [{ task_id: "a", title: `acme/orders: ${status}`, status }] },
        {
          type: "actions",
          elements: [
            {
              ...button("cancel", "j1"),
              confirm: {
                title: plain("Sure?"),
                text: plain("It stops."),
                confirm: plain("Stop it"),
                deny: plain("No"),
              },
            },
            { type: "overflow", action_id: "more", options: [{ text: plain("Only web"), value: "web" }] },
          ],
        },
      ] as never,
    });
    const { ts } = await app.client.chat.postMessage(card("in_progress"));
    const [mine, theirs] = [await open("requester"), await open("second")];
    await mine.getByLabel("Message # cody").fill("half");
    await app.client.chat.update({ ...card("complete"), ts: ts! });
    await mine.locator(".task.complete").waitFor();
    expect(await mine.getByLabel("Message # cody").inputValue()).toBe("half");

    await mine.getByRole("button", { name: "cancel" }).click();
    await mine.getByRole("button", { name: "No" }).click();
    await mine.getByRole("button", { name: "cancel" }).click();
    await mine.getByRole("button", { name: "Stop it" }).click();
    await mine.getByText("Only visible to you").waitFor();
    await mine.setViewportSize({ width: 1_200, height: 420 });
    await mine.locator(".actions summary").evaluate((button) => button.scrollIntoView({ block: "end" }));
    await mine.locator(".actions summary").click();
    await mine.locator(".actions .menu.up").waitFor();
    const inSight = `(() => {
      const { top, bottom } = document.querySelector(".actions [role=menu]").getBoundingClientRect();
      const list = document.querySelector("#conversation .scroll").getBoundingClientRect();
      return top >= list.top && bottom <= list.bottom;
    })()`;
    expect(await mine.evaluate(inSight)).toBe(true);
    await mine.getByRole("menuitem", { name: "Only web" }).click();
    await expect
      .poll(() => clicks)
      .toEqual([
        ["U0REQUESTER", "j1"],
        ["U0REQUESTER", "web"],
      ]);
    expect(await theirs.getByText("Only visible to you").count()).toBe(0);
  });

  test("threads, mentions, the home tab and a message shortcut, as two people", async () => {
    const heard: string[] = [];
    app.event("app_mention", async ({ event, say }) => {
      heard.push(event.text);
      await say({ text: "in the thread", thread_ts: event.ts });
    });
    app.event("app_home_opened", async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: "home", blocks: [section(`Hello <@${event.user}>`)] },
      });
    });
    app.shortcut("run-on-this", async ({ ack, shortcut, client }) => {
      await ack();
      await client.views.open({ trigger_id: shortcut.trigger_id, view: orderModal });
    });
    await app.start();
    const [mine, theirs] = [await open("requester"), await open("second")];
    await mine.getByLabel("Message # cody").fill("@probe look at <this> & that");
    await mine.keyboard.press("Enter");
    await expect.poll(() => heard).toEqual(["<@U0CODYBOT> look at &lt;this&gt; &amp; that"]);
    await theirs.getByText("1 reply").click();
    await theirs.getByLabel("Reply…").fill("me too");
    await theirs.keyboard.press("Enter");
    await mine.getByText("2 replies").waitFor();
    expect(await mine.locator(".message .text").first().textContent()).toBe("@probe look at <this> & that");

    await mine.locator(".message-menu summary").click();
    await mine.getByRole("menuitem", { name: "Run on this" }).click();
    await mine.getByRole("heading", { name: "Order" }).waitFor();
    await mine.keyboard.press("Escape");
    await mine.locator("dialog").waitFor({ state: "detached" });
    await mine.getByRole("button", { name: "probe home" }).click();
    await mine.getByText("Hello @requester").waitFor();

    const options = [{ text: plain("All"), value: "all" }];
    const menu = { type: "static_select" as const, action_id: "filter", placeholder: plain("Filter"), options };
    const publish = async (text: string) => {
      const blocks = [section(text), { type: "actions" as const, elements: [menu] }];
      await app.client.views.publish({ user_id: "U0REQUESTER", view: { type: "home", blocks } });
      await mine.getByText(text).waitFor();
    };
    await publish("One job runs");
    await mine.getByLabel("Filter").focus();
    await mine.evaluate("window.menu = document.activeElement");
    await publish("It has ended");
    // The very same menu: one that stands open is not closed by what moves around it.
    expect(await mine.evaluate("window.menu === document.activeElement")).toBe(true);
  });

  test("a click that the app does not hear is said to the person, in a form inside the form", async () => {
    await app.client.chat.postMessage({
      channel: "C0CODY",
      text: "t",
      blocks: [{ type: "actions", elements: [button("go")] }],
    });
    const page = await open("requester");
    await page.getByRole("button", { name: "go" }).click();
    await page.locator("#toast", { hasText: "The app cannot be reached. Try again?" }).waitFor();

    app.action("go", async ({ ack, body, client }) => {
      await ack();
      await client.views.open({
        trigger_id: (body as BlockAction).trigger_id,
        view: { ...orderModal, blocks: orderModal.blocks.slice(0, 1) },
      });
    });
    await app.start();
    await page.getByRole("button", { name: "go" }).click();
    await page.getByLabel("What").fill("a thing");
    await app.stop();
    await page.locator("dialog").getByRole("button", { name: "Send" }).click();
    const failed = page.locator("dialog #toast", { hasText: "We had some trouble connecting. Try again?" });
    await failed.waitFor();
    expect(await failed.count()).toBe(1);
  });

  test("Escape closes what it was pressed on, once: not what opens later, however long the first press takes", async () => {
    app.command("/probe", async ({ ack, command, client }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: orderModal });
      await ack();
    });
    await app.start();
    const { requester } = slack.people;
    const page = await open("requester");
    await requester.command("/probe");
    const form = page.locator("dialog.modal");
    await form.waitFor();
    const first = await form.getAttribute("data-view");
    const held: (() => Promise<void>)[] = [];
    await page.route("**/workspace/close", (route) => void held.push(() => route.continue()));
    for (const _ of [1, 2, 3]) await page.keyboard.press("Escape");
    await expect.poll(() => held.length).toBeGreaterThan(0);
    // It is the workspace that closes it: a press that gets lost leaves it open.
    expect(await form.isVisible()).toBe(true);
    await held[0]!();
    await form.waitFor({ state: "detached" });
    const answers = held.slice(1).map(async (go) => {
      const answered = page.waitForResponse("**/workspace/close");
      await go();
      await answered;
    });
    await requester.command("/probe");
    await Promise.all(answers);
    expect(requester.hasModal()).toBe(true);
    await form.waitFor();
    expect(await form.getAttribute("data-view")).not.toBe(first);
  });

  test("a press that begins right after another one is not taken for ended: nothing is redrawn under it", async () => {
    await app.start();
    const page = await open("requester");
    const isHeld = await page.evaluate<boolean>(`(async () => {
      const { handsOff } = await import(document.querySelector("script[src$='main.js']").src.replace("main.js", "live.js"));
      for (const type of ["pointerdown", "pointerup", "click", "pointerdown"]) window.dispatchEvent(new Event(type));
      // Timers of one page go off in their order: this one after that of the first press.
      return new Promise((resolve) => setTimeout(() => resolve(handsOff() !== undefined), 550));
    })()`);
    expect(isHeld).toBe(true);
  });

  test("text of users and repositories stays text", async () => {
    await app.start();
    const page = await open("requester");
    const hostile = "<img src=x onerror=alert(1)> <javascript:alert(1)|click> *&lt;b&gt;bold&lt;/b&gt;*";
    await app.client.chat.postMessage({ channel: "C0CODY", text: hostile });
    await page.locator(".message .text").waitFor();
    expect(await page.locator(".message .text a, .message .text img, .message .text b").count()).toBe(0);
    expect(await page.locator(".message .text strong").textContent()).toBe("<b>bold</b>");
  });
});
