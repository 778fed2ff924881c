import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM } from "./chromium.ts";
import { type Office, openOffice } from "./office.ts";
import { PATIENT, type Seat, takeSeat } from "./seat.ts";

const PROMPT = "Raise log4j-core to at least version 2.17.1";
const TWO = ["acme/orders", "acme/ledger"];

/** Both at once on one stack: a desktop and a phone, each a person with a channel of their own. */
describe.skipIf(!CHROMIUM)("the product in a browser (needs Chromium, skipped without it)", () => {
  let office: Office;
  let seats: Seat[] = [];

  beforeAll(async () => {
    office = await openOffice();
    seats = await Promise.all([
      takeSeat(office, "desktop", "requester", "cody"),
      takeSeat(office, "phone", "second", "elsewhere"),
    ]);
  }, 60_000);
  afterAll(() => office?.close());
  afterEach(() => expect(office.faults()).toEqual([]));

  const both = (name: string, journey: (seat: Seat) => Promise<void>) =>
    it(name, { timeout: 120_000 }, async () => {
      await Promise.all(
        seats.map((seat) =>
          journey(seat).catch((cause: Error) => {
            throw new Error(`on the ${seat.size}: ${cause.message}`, { cause });
          }),
        ),
      );
    });

  both(
    "says what is missing beside each field, takes it back when it is put right, and leaves by Escape",
    async (seat) => {
      const { modal, page } = seat;
      await seat.openRunModal();
      expect(await seat.disorder()).toEqual([]);
      await seat.button("Run", modal.locator("footer")).click();
      await expect.poll(() => modal.locator(".wrong .error").count()).toBe(2);
      expect(await page.evaluate("document.activeElement.closest('.field')?.dataset.block")).toBe("prompt");
      await modal.getByLabel("What should Cody do?").fill("Anything");
      expect(await modal.locator(".wrong").count()).toBe(1);
      expect(await seat.disorder()).toEqual([]);
      await page.keyboard.press("Escape");
      await modal.waitFor({ state: "detached" });
    },
  );

  both("leaves the hands on the field that is being written in when the estimate arrives", async (seat) => {
    const { modal, page } = seat;
    await seat.openRunModal();
    const cap = modal.getByLabel("Cap in US dollars");
    await cap.selectText();
    const { modal: sameModal } = office.slack.people[seat.person];
    await (await sameModal()).fill({ repositories: TWO });
    await modal.getByText("The estimate follows your choice.").waitFor({ state: "detached" });
    await page.keyboard.insertText("0.03");
    expect(await cap.inputValue()).toBe("0.03");
    await page.keyboard.press("Escape");
    await modal.waitFor({ state: "detached" });
  });

  both("starts a job, finishes it, and its pull request's page shows the change", async (seat) => {
    await seat.run({ prompt: PROMPT, repositories: TWO });
    await seat.untilCard("2 of 2 done");
    expect(await seat.disorder()).toEqual([]);
    expect(await seat.card.locator(".task.complete").count()).toBe(2);
    expect(await seat.card.textContent()).toContain("[scripted model] Raised log4j-core to 2.17.1");
    const reply = seat.card.getByRole("button", { name: "1 reply" });
    await reply.waitFor(PATIENT);

    const url = await seat.card.getByRole("link", { name: /Open the pull request|Open PR/ }).getAttribute("href");
    const pull = await office.openPage(seat.size, url!);
    await pull.getByRole("heading", { name: "Raise log4j-core to 2.17.1" }).waitFor();
    expect(await pull.locator(".d2h-ins .d2h-code-line-ctn").allTextContents()).toEqual([
      expect.stringContaining("<log4j2.version>2.17.1</log4j2.version>"),
    ]);
    expect(await pull.locator(".d2h-code-line-ctn .hljs-tag").count()).toBeGreaterThan(4);
    expect(await pull.locator(".d2h-file-diff").textContent()).not.toContain("<br>");
    expect(await pull.locator(".text").textContent()).not.toContain("<!--");
    expect(await seat.disorder(pull)).toEqual([]);
    await pull.getByRole("link", { name: "acme/orders" }).click();
    await pull.getByRole("link", { name: "Raise log4j-core to 2.17.1" }).first().waitFor();
    expect(await seat.disorder(pull)).toEqual([]);
    await pull.close();
  });

  both("refines by a reply in the thread: a second commit on the same pull request", async (seat) => {
    const { page } = seat;
    await seat.card.getByRole("button", { name: /repl/ }).click();
    await page.getByLabel("Reply…").fill("repository 1: raise log4j-core to at least 2.20.0");
    await page.getByLabel("Reply…").press("Enter");
    await page.locator("#thread").getByText("Round 2 is on its way for acme/orders.").waitFor();
    expect(await seat.disorder()).toEqual([]);
    await page.getByRole("button", { name: "Close thread" }).click();
    await seat.card.getByText("Round 2: 1 repository refined").waitFor(PATIENT);
    await seat.card.getByText("Raised log4j-core to 2.20.0").waitFor(PATIENT);
    await seat.untilCard("2 of 2 done");
  });

  both("asks first, refuses another person, and publishes what the requester approves", async (seat) => {
    await seat.run({ prompt: PROMPT, repositories: ["acme/orders"], review: true });
    await seat.untilCard("1 waiting for approval");
    expect(await seat.disorder()).toEqual([]);
    const theirs = await office.enter(seat.other, seat.size);
    if (seat.size === "phone") await theirs.locator(".burger").click();
    await theirs.locator("#sidebar").getByRole("button", { name: seat.channel, exact: true }).click();
    await seat.button("Approve", theirs.locator("#conversation .message:has(.plan)").last()).click();
    await theirs.getByText("Only visible to you").waitFor();
    await theirs.getByText(/Only the person who asked for job/).waitFor();
    expect(await seat.page.getByText(/Only the person who asked for job/).count()).toBe(0);
    await theirs.close();

    await seat.button("Approve").click();
    await seat.untilCard("1 of 1 done");
    await seat.card.getByText("Round 2: 1 repository approved").waitFor(PATIENT);
  });

  it("retries what failed once its cause is gone", { timeout: 120_000 }, async () => {
    const facts = office.forge.admin.repository("acme/orders");
    facts.archived = true;
    await Promise.all(
      seats.map(async (seat) => {
        await seat.run({ prompt: PROMPT, repositories: ["acme/orders"] });
        await seat.card.locator(".task.error").waitFor(PATIENT);
        expect(await seat.disorder()).toEqual([]);
      }),
    );
    facts.archived = false;
    await Promise.all(
      seats.map(async (seat) => {
        await seat.button("Retry 1 failed").click();
        await seat.card.locator(".task.complete").waitFor(PATIENT);
      }),
    );
  });

  both("cancels after a question, and the card says who did it", async (seat) => {
    await seat.run({ prompt: "[bench turns=100 delay=200]", repositories: ["acme/orders"] });
    await seat.button("Cancel").click();
    const question = seat.page.locator("dialog.confirm");
    expect(await seat.disorder()).toEqual([]);
    await question.getByRole("button", { name: "Let it run" }).click();
    await seat.button("Cancel").click();
    await question.getByRole("button", { name: "Cancel the job" }).click();
    await seat.card.getByText(`Cancelled by @${seat.person}`).waitFor(PATIENT);
    await seat.untilCard("1 of 1 done");
  });

  both("goes on where the cap stopped it when the cap is raised", async (seat) => {
    await seat.run({ prompt: "[bench turns=15]", repositories: ["acme/orders"], cap: "0.03" });
    await seat.button("Raise the cap").click(PATIENT);
    await seat.modal.getByLabel("New cap in US dollars").fill("0.01");
    await seat.button("Go on", seat.modal).click();
    await seat.modal.locator(".error", { hasText: "name a higher one" }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.modal.getByLabel("New cap in US dollars").fill("1");
    await seat.button("Go on", seat.modal).click();
    await seat.card.locator(".task.complete").waitFor(PATIENT);
    await seat.untilCard("of $1.00");
  });

  both("looks back: the dashboard, a job, a repository in it, and the conversation in both views", async (seat) => {
    const { page, modal } = seat;
    await seat.goTo("Cody home");
    await page.getByText("Repositories this month").waitFor();
    expect(await seat.disorder()).toEqual([]);
    await page.locator(".home").getByRole("combobox").first().selectOption({ label: "My jobs" });
    await expect.poll(() => page.locator(".home .mention").allTextContents()).not.toContain(`@${seat.other}`);
    await seat.button(/Details/, page.locator(".home")).click();
    await modal.getByRole("heading", { name: "Job", exact: true }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.button(/Details/, modal).click();
    await seat.button("Read the conversation", modal).click();
    await modal
      .getByRole("heading", { name: /Conversation/ })
      .first()
      .waitFor();
    await modal.getByText("[scripted model]").first().waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.button("Technical view", modal).click();
    await seat.button("Simple view", modal).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.button("← Back", modal).click();
    await seat.button("Read the conversation", modal).waitFor();
    await page.keyboard.press("Escape");
    await modal.waitFor({ state: "detached" });
    await seat.goTo(seat.channel);
  });
});
