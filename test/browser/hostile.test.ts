import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createSlackClient } from "../../packages/notify/client.ts";
import { type Forge, startForge } from "../../packages/stand-ins/forge/forge.ts";
import { writeHistory } from "../../packages/stand-ins/forge/history.ts";
import { runGit } from "../../packages/stand-ins/forge/run-git.ts";
import { cookieHeader } from "../../packages/stand-ins/loopback/page-key.ts";
import { type Slack, startSlack } from "../../packages/stand-ins/slack/start.ts";
import { BOT_TOKEN, socketManifest } from "../fixtures/slack-standin-app.ts";
import { CHROMIUM, launchChromium, type Size } from "./chromium.ts";
import { createPages } from "./office.ts";
import { disorderOf } from "./seat.ts";

const TAG = '<img src=x onerror="window.taken=1"><script>window.taken=1</script>';
const ESCAPED = TAG.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const WIDE = "W".repeat(2_000);
/** Right to left, zero width, a combining tower, a control character. */
const ODD = `\u202egpj.exe\u202c \u200b\u200d\ufeff Z\u0335\u0335\u0335\u0335 \u0007 مرحبا`;
const SIZES: Size[] = ["desktop", "phone"];

/** What others wrote reaches the pages: it is shown and never obeyed. */
describe.skipIf(!CHROMIUM)("hostile words on the pages (needs Chromium, skipped without it)", () => {
  let browser: Browser;
  let pages: ReturnType<typeof createPages>;
  let slack: Slack;
  let forge: Forge;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cody-hostile-"));
    [browser, slack, forge] = await Promise.all([
      launchChromium(),
      startSlack({
        log: () => {},
        manifest: socketManifest,
        botToken: BOT_TOKEN,
        appToken: "xapp-local",
        channels: [{ name: "cody" }, { name: "<b>x</b>" }],
      }),
      startForge({ folder, log: () => {} }),
    ]);
    pages = createPages(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await slack?.stop();
    await forge?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(({ onTestFailed }) => onTestFailed(async () => console.error(await pages.sights())));
  afterEach(() => expect(pages.faults()).toEqual([]));

  /** Nothing ran, nothing leads elsewhere, nothing sticks out, no other server was asked. */
  async function expectHarmless(page: Page, size: Size) {
    expect(await page.evaluate("window.taken")).toBeUndefined();
    expect(
      await page.locator("main script, dialog script, aside script, [onerror], iframe, object, base").count(),
    ).toBe(0);
    const links = await page.evaluate<string[]>("[...document.links].map(({ href }) => href)");
    expect(links.filter((href) => !/^(https?|mailto):/.test(href))).toEqual([]);
    expect(await disorderOf(page, size)).toEqual([]);
    expect([...pages.hosts]).toEqual(["127.0.0.1"]);
  }

  it.each(SIZES)("in messages, cards and names of the workspace, on the %s", async (size) => {
    const client = createSlackClient(BOT_TOKEN, { slackApiUrl: slack.apiUrl });
    const rich = (...elements: object[]) => ({
      type: "rich_text",
      elements: [{ type: "rich_text_section", elements }],
    });
    const { requester } = slack.people;
    requester.say(`${ESCAPED} <javascript:window.taken=1|click me> ${ODD}`, { channel: "C0CODY" });
    await client.chat.postMessage({
      channel: "C0CODY",
      text: ESCAPED,
      blocks: [
        { type: "header", text: { type: "plain_text", text: TAG } },
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: `*${ESCAPED}* \`${ESCAPED}\` > <javascript:window.taken=1|here> ${ODD} ${WIDE}`,
          },
        },
        {
          type: "plan",
          title: TAG,
          tasks: [
            {
              task_id: "1",
              title: TAG,
              status: "error",
              details: rich({ type: "text", text: WIDE }),
              sources: [{ type: "url", url: "https://evil.example/", text: TAG }],
            },
          ],
        },
        rich(
          { type: "text", text: TAG, style: { code: true } },
          { type: "link", url: "https://evil.example/", text: ODD },
          { type: "user", user_id: "<script>" },
        ),
        {
          type: "actions",
          elements: [
            { type: "button", action_id: "a", text: { type: "plain_text", text: "W".repeat(75) }, value: TAG },
          ],
        },
      ] as never,
    });
    const page = await pages.openPage(size, slack.pageUrl("requester"));
    await page.getByRole("heading", { name: TAG }).first().waitFor();
    expect(await page.locator(".plan .title").first().textContent()).toContain(TAG);
    expect(
      await page
        .getByText("click me")
        .first()
        .evaluate((node) => node.closest("a")),
    ).toBeNull();
    await expectHarmless(page, size);
    await page.close();
  });

  it("the workspace's page takes no script but its own files, and is not shown in a frame", async () => {
    const response = await fetch(slack.url, { headers: cookieHeader(slack.pageKey) });
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(await response.text()).not.toMatch(/<script(?![^>]* src=)|\son\w+=|<style/);
  });

  it.each(SIZES)("in names, diffs and pull requests of the forge, on the %s", async (size) => {
    const name = `acme/evil-${size}`;
    const date = "2026-01-01T00:00:00Z";
    await forge.admin.addRepository({
      name,
      description: `${TAG} ${ODD}`,
      from: { commits: [{ message: `${TAG} ${ODD}`, date, files: { README: "a\n" } }] },
    });
    const bare = forge.admin.gitFolder(name);
    await runGit(bare, ["branch", "cody/x", "main"]);
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `src/${i}/${"d".repeat(80)}/${TAG.replaceAll("/", "")}${i}.js`,
        `${TAG}${WIDE}\n`,
      ]),
    );
    await writeHistory(bare, "cody/x", [{ message: TAG, date, files: { ...many, [`\u202e${"n".repeat(200)}`]: ODD } }]);
    const answer = await fetch(`${forge.apiUrl}/repos/${name}/pulls`, {
      method: "POST",
      headers: { authorization: `Bearer ${forge.writeToken}`, "content-type": "application/json" },
      body: JSON.stringify({
        title: `${TAG} ${ODD}`,
        head: "cody/x",
        base: "main",
        body: `${TAG}\n[a](javascript:window.taken=1) ![b](https://evil.example/x.png)\n${WIDE}\n${">".repeat(20_000)}`,
      }),
    });
    expect(answer.status).toBe(201);
    const page = await pages.openPage(size, forge.pageUrl);
    for (const path of ["/", `/${name}`, `/${name}/pull/1`]) {
      await page.goto(forge.serverUrl + path);
      await page.getByText("<img src=x").first().waitFor();
      await expectHarmless(page, size);
    }
    expect(await page.locator(".d2h-file-wrapper").count()).toBe(41);
    await page.close();
  });
});
