import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { readConfig } from "../../packages/config/read.ts";
import { FIRST_PERSON } from "../../packages/local/stack/local-workspace.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { startForge } from "../../packages/stand-ins/forge/forge.ts";
import { addSamples, SAMPLES } from "../../packages/stand-ins/forge/samples.ts";
import { pageCookie } from "../../packages/stand-ins/loopback/page-key.ts";
import { openStore } from "../../packages/store/open.ts";
import { PATIENT } from "../patience.ts";
import { launchChromium, SIZES, type Size } from "./chromium.ts";
import { sightOf } from "./sight.ts";

/** Model, git and Chromium share the machine with other tests. */
const DEADLINE_MS = 60_000;

/** The first sample once more: it is archived once the app has listed it. */
export const ATTIC = "acme/attic";

export type Office = Awaited<ReturnType<typeof openOffice>>;

/** Pages at a size; what they complain about, and where they ask for something. `pageKey`: each was let in before. */
export function createPages(browser: Browser, pageKey?: string) {
  const faults: string[] = [];
  const hosts = new Set<string>();
  const watch = (watched: Page) => {
    watched.on("pageerror", (error) => faults.push(`${watched.url()}: ${error.message}`));
    watched.on("console", (line) => line.type() === "error" && faults.push(`${watched.url()}: ${line.text()}`));
  };
  /** One for each kind of screen: every context is a window of its own, whose making costs half a second of CPU. */
  const contexts = new Map<string, Promise<BrowserContext>>();
  async function openContext(size: Size, colorScheme: "light" | "dark"): Promise<BrowserContext> {
    const context = await browser.newContext({
      viewport: SIZES[size],
      hasTouch: size === "phone",
      reducedMotion: "reduce",
      colorScheme,
      timezoneId: "UTC",
    });
    context.setDefaultTimeout(DEADLINE_MS);
    if (pageKey) await context.addCookies([{ ...pageCookie(pageKey), domain: "127.0.0.1", path: "/" }]);
    context.on("request", (request) => hosts.add(new URL(request.url()).hostname));
    context.on("page", watch);
    return context;
  }
  return {
    /** What a page complained about since the last call. */
    faults: () => faults.splice(0),
    /** What each page that stands open shows: said where a journey failed, since in CI there is nothing else to look at. */
    sights: async () => {
      const open = (await Promise.all(contexts.values())).flatMap((context) => context.pages());
      return (await Promise.all(open.map(sightOf))).join("\n");
    },
    /** Every host that any page asked for anything. */
    hosts,
    async openPage(size: Size, url: string, scheme: "light" | "dark" = "light"): Promise<Page> {
      const kind = `${size} ${scheme}`;
      if (!contexts.has(kind)) contexts.set(kind, openContext(size, scheme));
      const page = await (await contexts.get(kind)!).newPage();
      await page.goto(url);
      return page;
    },
  };
}

/** The whole stack with its sample repositories, and one Chromium to look at it as each of its people. */
export async function openOffice() {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cody-browser-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  await stockForge(join(folder, "forge"));
  const [stack, browser] = await Promise.all([
    startStack({
      folder,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CODY_PEOPLE: JSON.stringify({ [FIRST_PERSON]: "octocat" }),
        CODY_STRICT: "0",
      },
      log: () => {},
      slackLimits: PATIENT,
    }),
    launchChromium(),
  ]);
  opening.defer(() => stack.stop());
  opening.defer(() => browser.close());
  const pages = createPages(browser, stack.slack!.pageKey);
  const open = opening.move();

  return {
    ...pages,
    forge: stack.forge!,
    slack: stack.slack!,
    claude: stack.claude!,
    store: openStore(readConfig("health", stack.env)),
    /** The workspace, as this person sees it. */
    enter: async (person: "requester" | "second", size: Size) => {
      const page = await pages.openPage(size, stack.slack!.pageUrl(person));
      await page.locator(".composer").waitFor();
      return page;
    },
    close: () => open.disposeAsync(),
  };
}

/** Before the app starts: it lists the repositories at once and then not again for minutes. */
async function stockForge(folder: string) {
  const forge = await startForge({ folder, log: () => {} });
  await addSamples(forge.admin.addRepository);
  await forge.admin.addRepository({ ...SAMPLES[0]!, name: ATTIC, description: "Put away, but still there." });
  await forge.stop();
}
