import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transcript } from "../../packages/transcript/render-transcript.ts";
import { CHROMIUM, launchChromium } from "../browser/chromium.ts";
import { hostileTranscript } from "./attacks.ts";
import { longRun, pageOf, scriptedTranscript, transcriptOf } from "./stage.ts";

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1_200, height: 900 } };
const MAX_OPEN_MS = 2_000;
/** `CODY_SCREENSHOTS=1` renews the pictures of the documentation. */
const PICTURES = process.env.CODY_SCREENSHOTS && join(import.meta.dirname, "../../docs/images");

describe.skipIf(!CHROMIUM)("the page in a browser (needs Chromium)", () => {
  const folder = mkdtempSync(join(tmpdir(), "transcript-page-"));
  let browser: Browser;
  let scripted: Transcript;
  beforeAll(async () => {
    scripted = await scriptedTranscript();
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** From a file, as a person who downloaded it opens it. */
  async function open(name: string, transcript: Transcript, options: BrowserContextOptions = DESKTOP, hash = "") {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, pageOf(transcript));
    const page = await browser.newPage(options);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(pathToFileURL(file).href + hash);
    return { page, devtools, requests, complaints };
  }

  async function picture(page: Page, name: string) {
    if (!PICTURES) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: join(PICTURES, `transcript-${name}.png`) });
  }

  const tooWide = (page: Page) => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  const viewOf = (page: Page) => page.locator("input[name=view]:checked").inputValue();
  const see = (page: Page, view: string) => page.locator(`label[for=view-${view}]`).click();

  it("begins simply; every turn, every file and every word can be reached from there", async () => {
    const { page, requests, complaints } = await open("desktop", scripted);
    await page.locator("h2", { hasText: "Changes were necessary, and were made" }).waitFor();
    expect(await page.locator("#technical").isVisible()).toBe(false);
    expect(await page.locator("svg[role=img]").count()).toBe(2);
    await page.setViewportSize({ width: 1_200, height: 1_500 });
    await picture(page, "simplified");

    await page.locator(".files a[href^='#turn-']").first().click();
    await expect.poll(() => viewOf(page)).toBe("technical");
    expect(await page.locator(".turn:target").isVisible()).toBe(true);
    const call = page.locator(".turn:target details.call").first();
    await call.locator("summary").click();
    expect(await call.locator(".result").isVisible()).toBe(true);
    await picture(page, "technical");

    await page.goBack();
    await see(page, "simplified");
    await page.locator(".files a[href='#file-1']").click();
    await expect.poll(() => viewOf(page)).toBe("diff");
    expect(await page.locator("#file-1 tr.added").first().isVisible()).toBe(true);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it("search leaves what has the words, opens the call that has them, and says when nothing does", async () => {
    const { page } = await open("search", scripted);
    await see(page, "technical");
    await page.keyboard.press("/");
    await page.keyboard.type("LOG4J2.VERSION>2.14.1");
    const turns = await page.locator(".turn").count();
    await expect.poll(() => page.locator(".turn:visible").count()).toBeLessThan(turns);
    expect(await page.locator(".turn:visible details.call[open]").count()).toBeGreaterThan(0);
    await page.locator("#search").fill("no such words anywhere");
    await page.locator("#nothing-found").waitFor();
    await page.locator("#search").fill("");
    await page.locator("#nothing-found").waitFor({ state: "hidden" });
    expect(await page.locator(".turn:visible").count()).toBe(turns);
  });

  it("fits a phone, in every view, and a tap opens a call", async () => {
    const { page } = await open("phone", scripted, PHONE);
    await picture(page, "phone");
    for (const view of ["simplified", "technical", "diff"]) {
      await page.locator(`label[for=view-${view}]`).tap();
      if (view === "technical") await page.locator("#open-all").tap();
      expect([view, await tooWide(page)]).toEqual([view, 0]);
    }
  });

  it("is dark where the reader likes it dark, with enough contrast in both", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await open(colorScheme, scripted, { ...DESKTOP, colorScheme });
      for (const view of ["simplified", "technical", "diff"]) {
        await see(page, view);
        const weak = await page.evaluate<string[]>(WEAK_CONTRAST);
        expect([colorScheme, view, weak]).toEqual([colorScheme, view, []]);
      }
      if (colorScheme === "dark") await picture(page, "diff-dark");
    }
  });

  it("2,000 turns open in under 2 s at the turn that a link names, and are searched at once", async () => {
    const { page, devtools } = await open("long", transcriptOf(longRun(2_000)), DESKTOP, "#turn-1500");
    await page.evaluate(PAINTED);
    // CPU time of the page's thread: other tests may keep the machine busy.
    const { metrics } = await devtools.send("Performance.getMetrics");
    const ms = metrics.find(({ name }) => name === "TaskDuration")!.value * 1_000;
    console.log(`2,000 turns painted after ${Math.round(ms)} ms of CPU`);
    expect(ms).toBeGreaterThan(1);
    expect(ms).toBeLessThan(MAX_OPEN_MS);
    const box = await page.locator("#turn-1500").boundingBox();
    expect(box!.y).toBeGreaterThanOrEqual(-1);
    expect(box!.y).toBeLessThan(900);
    await page.locator("#search").fill("src/File1999.java");
    await page.locator("#found", { hasText: "1 of 2001" }).waitFor();
    expect(await page.locator("#turn-1999").isVisible()).toBe(true);
  });

  it("hostile content does nothing: no script, no request, no element, no other page", async () => {
    const { page, requests, complaints } = await open("hostile", hostileTranscript(), PHONE);
    for (const view of ["simplified", "technical", "diff"]) {
      await page.locator(`label[for=view-${view}]`).tap();
      await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
      await page.evaluate("new Promise((painted) => setTimeout(painted, 50))");
      expect([view, await tooWide(page)]).toEqual([view, 0]);
    }
    await page.locator("#search").fill("<script>globalThis.owned");
    await page.locator("#found", { hasText: / of / }).waitFor();
    expect(await page.evaluate("globalThis.owned")).toBeUndefined();
    expect(await page.locator("script").count()).toBe(1);
    expect(
      await page.locator("img, iframe, form, base, object, embed, video, audio, link, animate, foreignObject").count(),
    ).toBe(0);
    expect(await page.locator("[onclick], [onload], [onerror], [style], [src]").count()).toBe(0);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
    expect(page.url()).toMatch(/hostile\.html$/);
  });

  it("and if something had slipped through, the policy would stop it", async () => {
    const asked: string[] = [];
    const elsewhere = createServer((request, response) => {
      asked.push(request.url!);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(elsewhere, "listening");
    const { port } = elsewhere.address() as AddressInfo;
    const { page, complaints } = await open("policy", transcriptOf(longRun(1)));
    await page.evaluate(`
      const elsewhere = "http://127.0.0.1:${port}/";
      const image = new Image();
      image.src = elsewhere + "image";
      document.body.setAttribute("style", "background: url(" + elsewhere + "style)");
      navigator.sendBeacon(elsewhere + "beacon");
      fetch(elsewhere + "fetch").catch(() => {});
      try { document.body.innerHTML = "<b>x</b>" } catch { document.title = "refused" }
    `);
    await expect.poll(() => complaints.filter((line) => /violates|requires/.test(line)).length).toBeGreaterThan(3);
    expect(await page.title()).toBe("refused");
    expect(asked).toEqual([]);
    elsewhere.close();
  });
});

/** Resolves after the next painted frame. */
const PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))";

/** Texts whose contrast with what is behind them is under 4.5 to 1 (WCAG 2.2, 1.4.3). */
const WEAK_CONTRAST = `(() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba(getComputedStyle(document.documentElement).backgroundColor);
  };
  const weak = new Set();
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    if (!element.checkVisibility() || ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) weak.add(element.localName + "." + element.className + " " + ratio.toFixed(2));
  }
  return [...weak];
})()`;
