import type { Locator, Page } from "playwright-core";
import { SIZES, type Size } from "./chromium.ts";
import type { Office } from "./office.ts";

/** A job takes seconds; the machine may be busy with other tests. */
export const PATIENT = { timeout: 60_000 };

export type Wish = { prompt: string; repositories: string[]; review?: boolean; cap?: string; verify?: string };
export type Seat = Awaited<ReturnType<typeof takeSeat>>;

/** One person in a channel of their own at a screen of one size, who only uses what is on the page. */
export async function takeSeat(office: Office, size: Size, person: "requester" | "second", channel: string) {
  const page = await office.enter(person, size);
  const isPhone = size === "phone";
  const other = person === "requester" ? ("second" as const) : ("requester" as const);

  const goTo = async (name: string) => {
    if (isPhone) await page.locator(".burger").click();
    await page.locator("#sidebar").getByRole("button", { name, exact: true }).click();
  };
  await goTo(`# ${channel}`.slice(2));
  const composer = page.getByLabel(`Message # ${channel}`);
  const modal = page.locator("dialog.modal");
  const card = page.locator("#conversation .message:has(.plan)").last();
  const button = (name: string | RegExp, within: Locator = card) => within.getByRole("button", { name }).first();

  async function openRunModal() {
    await composer.fill("/co");
    await page.getByRole("option", { name: "/cody" }).waitFor();
    await composer.press("Tab");
    await composer.press("Enter");
    await modal.getByRole("heading", { name: "Run Cody" }).waitFor();
  }

  /** By keys on the desktop, by taps on the phone. */
  async function choose(repository: string) {
    const where = modal.getByRole("combobox", { name: "Repositories" });
    await where.fill(repository.split("/")[1]!);
    const offer = modal.getByRole("option", { name: repository });
    await offer.waitFor();
    if (isPhone) await offer.click();
    else await where.press("Enter");
    await modal.locator(".chip", { hasText: repository }).waitFor();
  }

  async function run({ prompt, repositories, review, cap, verify }: Wish) {
    const before = await page.locator("#conversation .message:has(.plan)").count();
    await openRunModal();
    await modal.getByLabel("What should Cody do?").fill(prompt);
    for (const repository of repositories) await choose(repository);
    if (review) await modal.getByLabel("Ask me first").check();
    if (cap) await modal.getByLabel("Cap in US dollars").fill(cap);
    if (verify) await modal.getByLabel("Command that checks the result").fill(verify);
    await modal.getByRole("button", { name: "Run", exact: true }).click();
    await modal.waitFor({ state: "detached" });
    await page.locator("#conversation .message:has(.plan)").nth(before).waitFor(PATIENT);
  }

  return {
    size,
    person,
    other,
    channel,
    page,
    composer,
    modal,
    card,
    button,
    goTo,
    openRunModal,
    choose,
    run,
    /** Waits until the newest card's headline says so. */
    untilCard: (words: string) => card.locator(".plan h4", { hasText: words }).waitFor(PATIENT),
    /** What is wider than the screen, and controls that do not say what they are. */
    async disorder(shown: Page = page): Promise<string[]> {
      const wide = await shown.evaluate<string[]>(`(${tooWide})(${SIZES[size].width})`);
      return [...wide, ...(await shown.evaluate<string[]>(`(${nameless})()`))];
    },
  };
}

/** Runs in the page: what sticks out to the right, but for what scrolls by itself. */
const tooWide = `(width) => [...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".visually-hidden, svg"))
  .filter((node) => node.getBoundingClientRect().right > width + 1)
  .filter((node) => {
    for (let around = node.parentElement; around; around = around.parentElement)
      if (around !== document.body && /auto|scroll|hidden/.test(getComputedStyle(around).overflowX)) return false;
    return true;
  })
  .map((node) => node.outerHTML.slice(0, 120))`;

/** Runs in the page: controls and pictures that a screen reader could not name. */
const nameless = `() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary, img")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.getAttribute("aria-label") ?? node.alt ?? "").trim())
  .filter((node) => !(node.labels?.length > 0) && !node.textContent.trim())
  .map((node) => node.outerHTML.slice(0, 120))`;
