import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startForge } from "../../packages/local/forge/forge.ts";
import { addSamples } from "../../packages/local/forge/samples.ts";
import { startStack } from "../../packages/local/stack/stack.ts";
import { launchChromium, SIZES, type Size } from "./chromium.ts";

/** Model, git and Chromium share the machine with other tests. */
const PATIENCE_MS = 20_000;

export type Office = Awaited<ReturnType<typeof openOffice>>;

/** The whole stack with its sample repositories, and one Chromium to look at it as anybody. */
export async function openOffice() {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cody-browser-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  await stockForge(join(folder, "forge"));
  const [stack, browser] = await Promise.all([
    startStack({ folder, env: { PATH: process.env.PATH, HOME: process.env.HOME }, log: () => {} }),
    launchChromium(),
  ]);
  opening.defer(() => stack.stop());
  opening.defer(() => browser.close());
  const faults: string[] = [];
  const open = opening.move();

  async function openPage(size: Size, url: string): Promise<Page> {
    const page = await browser.newPage({ viewport: SIZES[size], reducedMotion: "reduce", timezoneId: "UTC" });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
    page.on("console", (line) => line.type() === "error" && faults.push(`${page.url()}: ${line.text()}`));
    await page.goto(url);
    return page;
  }

  return {
    forge: stack.forge!,
    slack: stack.slack!,
    claude: stack.claude!,
    /** What a page complained about since the last call. */
    faults: () => faults.splice(0),
    openPage,
    /** The workspace, as this person sees it. */
    enter: async (person: "requester" | "second", size: Size) => {
      const page = await openPage(size, `${stack.slack!.url}/?as=${person}`);
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
  await forge.stop();
}
