import type { Locator, Page } from "playwright-core";
import { SIZES, type Size } from "./chromium.ts";
import type { Office } from "./office.ts";

/** A job takes seconds; the machine may be busy with other tests. */
export const WAIT = { timeout: 120_000 };

export type RunForm = { prompt: string; repositories: string[]; review?: boolean; cap?: string; verify?: string };
export type Seat = Awaited<ReturnType<typeof takeSeat>>;

/** A job's card in the channel that is shown. */
function cardOn(page: Page, prompt: string) {
  const title = page.getByRole("heading", { name: `Cody: ${prompt}`, exact: true });
  const card = page.locator("#conversation .message:has(.plan)").filter({ has: title });
  return Object.assign(card, {
    button: (name: string | RegExp) => card.getByRole("button", { name }).first(),
    says: (words: string | RegExp) => card.getByText(words).first().waitFor(WAIT),
    /** Waits until the headline says so. */
    until: (words: string) => card.locator(".plan h4", { hasText: words }).waitFor(WAIT),
  });
}

/** One person in a channel of their own at a screen of one size, who only uses what is on the page. */
export async function takeSeat(office: Office, size: Size, person: "requester" | "second", channel: string) {
  const page = await office.enter(person, size);
  const isPhone = size === "phone";
  const modal = page.locator("dialog.modal");
  const thread = page.locator("#thread");
  const composer = page.getByLabel(`Message # ${channel}`);

  const goTo = async (name: string) => {
    if (isPhone) await page.locator(".burger").click();
    await page
      .locator("#sidebar")
      .getByRole("button", { name: new RegExp(`^${name}( .unread.)?$`) })
      .click();
    // Until then what stands there is another channel's, with cards of the same name.
    await page.getByRole("heading", { level: 1, name: new RegExp(`^(# )?${name}$`) }).waitFor();
  };
  await goTo(channel);

  /** By a tap on the phone, by keys on the desktop. */
  const press = (button: Locator) => (isPhone ? button.tap() : button.press("Enter"));

  async function send(text: string, box: Locator = composer) {
    await box.fill(text);
    await box.press("Enter");
  }

  async function openRunModal(prompt = "") {
    await composer.fill("/co");
    await page.getByRole("option", { name: "/cody" }).waitFor();
    await composer.press("Tab");
    await page.keyboard.insertText(prompt);
    await composer.press("Enter");
    await modal.getByRole("heading", { name: "Run Cody" }).waitFor();
  }

  async function choose(repository: string) {
    const where = modal.getByRole("combobox", { name: "Repositories" });
    await where.fill(repository.split("/")[1]!);
    const offer = modal.getByRole("option", { name: repository });
    await offer.waitFor();
    if (isPhone) await offer.tap();
    else await where.press("Enter");
    await modal.locator(".chip", { hasText: repository }).waitFor();
  }

  /** Fills what is missing in the open form and runs it. */
  async function submit({ repositories, review, cap, verify }: Omit<RunForm, "prompt">) {
    for (const repository of repositories) await choose(repository);
    if (review) await modal.getByLabel("Ask first").check();
    if (cap) await modal.getByLabel("Cost limit in US dollars").fill(cap);
    if (verify) await modal.getByRole("textbox", { name: /^Check(?: \(optional\))?$/ }).fill(verify);
    await press(modal.getByRole("button", { name: "Run", exact: true }));
    await modal.waitFor({ state: "detached" });
  }

  const shownView = () => page.evaluate<string | undefined>(`document.querySelector("dialog.modal")?.dataset.view`);

  return {
    size,
    person,
    /** As the page calls them. */
    name: office.slack.people[person].name,
    channel,
    page,
    composer,
    modal,
    thread,
    goTo,
    press,
    send,
    openRunModal,
    choose,
    submit,
    card: (prompt: string) => cardOn(page, prompt),
    inModal: (name: string | RegExp) => modal.getByRole("button", { name }).first(),
    async run(form: RunForm) {
      await openRunModal(form.prompt);
      await submit(form);
    },
    /** Each Escape leaves what is on top: an open list, a menu, a modal, and then the one below it. */
    async leaveModal() {
      for (let view = await shownView(); view; view = await shownView()) {
        // The press goes to the dialog itself: an open list or menu would take it.
        await modal.locator(".fields-of-modal").focus();
        await page.keyboard.press("Escape");
        await page.locator(`dialog.modal[data-view="${view}"]`).waitFor({ state: "detached" });
      }
    },
    /** Presses a link to a file and gives what arrives. */
    async download(link: Locator): Promise<{ name: string; body: Buffer }> {
      const [download] = await Promise.all([page.context().waitForEvent("download"), link.click()]);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk);
      return { name: download.suggestedFilename(), body: Buffer.concat(chunks) };
    },
    disorder: (shown: Page = page) => disorderOf(shown, size),
  };
}

/** What is wider than the screen, and controls that do not say what they are. */
export async function disorderOf(page: Page, size: Size): Promise<string[]> {
  const wide = await page.evaluate<string[]>(`(${tooWide})(${SIZES[size].width})`);
  return [...wide, ...(await page.evaluate<string[]>(`(${nameless})()`))];
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
