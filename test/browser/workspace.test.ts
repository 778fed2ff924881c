import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { objections } from "./axe.ts";
import { CHROMIUM } from "./chromium.ts";
import { ATTIC, type Office, openOffice } from "./office.ts";
import { type Seat, takeSeat, WAIT } from "./seat.ts";

/** All run from the third journey on, and the later ones look at them. Each person has these two. */
const REVIEWED = "Raise log4j-core to at least 2.17.1 and minimist to at least 1.2.8";
const STOPPED = "[bench turns=16] what the cost limit stops";
/** One is started at the desktop, one on the phone: the other person looks at it. */
const ARCHIVED = "Raise log4j-core to at least version 2.17.1";
const SLOW = "[bench turns=100 delay=2000] what takes long";

/** The open menu lies within what scrolls around it. */
const MENU_IS_WHOLE = `(() => {
  const menu = document.querySelector("details.menu[open]");
  const own = menu.querySelector("[role=menu]").getBoundingClientRect();
  const seen = (menu.closest(".scroll") ?? document.documentElement).getBoundingClientRect();
  return own.top >= seen.top && own.bottom <= seen.bottom;
})()`;

/** The list on the dashboard, below what runs and waits. */
const jobsOn = (page: Page) => page.locator(".home").locator("xpath=.//h3[text()='Jobs']/following-sibling::*");

/** Both at once on one stack: a desktop and a phone, each a person with a channel of their own. */
describe.skipIf(!CHROMIUM)("the product in a browser (needs Chromium, skipped without it)", () => {
  let office: Office;
  let seats: Seat[] = [];

  beforeAll(async () => {
    office = await openOffice();
    seats = await Promise.all([
      takeSeat(office, "desktop", "requester", "cody"),
      takeSeat(office, "phone", "second", "another-team"),
    ]);
  });
  afterAll(() => office?.close());
  beforeEach(({ onTestFailed }) => onTestFailed(async () => console.error(await office.sights())));
  afterEach(() => expect(office.faults()).toEqual([]));

  const otherOf = (seat: Seat) => seats.find((one) => one !== seat)!;

  let waiting = Promise.withResolvers<void>();
  let here = 0;
  /** Until each of the two has come this far. */
  async function bothHere() {
    const { promise, resolve } = waiting;
    if (++here === seats.length) {
      here = 0;
      waiting = Promise.withResolvers();
      resolve();
    }
    await promise;
  }

  const both = (name: string, journey: (seat: Seat) => Promise<void>) =>
    it(name, async () => {
      await Promise.all(
        seats.map((seat) =>
          journey(seat).catch((cause: Error) => {
            throw new Error(`on the ${seat.size}: ${cause.message}`, { cause });
          }),
        ),
      );
      expect(office.faults()).toEqual([]);
    });

  both("says what is wrong beside each field, and takes it back when it is put right", async (seat) => {
    const { modal, page } = seat;
    await seat.openRunModal();
    expect(await seat.disorder()).toEqual([]);
    const run = modal.locator("footer").getByRole("button", { name: "Run" });
    await seat.press(run);
    await expect.poll(() => modal.locator(".wrong .error").count(), WAIT).toBe(2);
    expect(await page.evaluate("document.activeElement.closest('.field')?.dataset.block")).toBe("prompt");
    await modal.getByLabel("What should Cody do?").fill("Anything");
    expect(await modal.locator(".wrong").count()).toBe(1);
    await seat.choose("acme/orders");
    // From here on it is the app that objects.
    await modal.getByLabel("Base branch").fill("--upload-pack=evil");
    await modal.getByLabel("Cost limit in US dollars").fill("0");
    await seat.press(run);
    await expect
      .poll(() => modal.locator(".wrong").evaluateAll((all) => all.map((one) => one.getAttribute("data-block"))), WAIT)
      .toEqual(["base-branch", "cap"]);
    expect(await seat.disorder()).toEqual([]);
    await seat.leaveModal();
  });

  both("leaves the hands on the field that is being written in when the estimate arrives", async (seat) => {
    const { modal, page } = seat;
    await seat.openRunModal();
    const limit = modal.getByLabel("Cost limit in US dollars");
    await limit.selectText();
    const { modal: sameModal } = office.slack.people[seat.person];
    await (await sameModal()).fill({ repositories: ["acme/orders", "acme/ledger"] });
    await modal.getByText("The estimate follows your choice.").waitFor({ state: "detached" });
    await page.keyboard.insertText("0.03");
    expect(await limit.inputValue()).toBe("0.03");
    await seat.leaveModal();
  });

  both("starts jobs: by the command alone or with a prompt, on a message, by a mention in a thread", async (seat) => {
    const { page, modal } = seat;
    const prompt = modal.getByLabel("What should Cody do?");
    if (seat.size === "phone") await seat.run({ prompt: SLOW, repositories: ["acme/gateway", "acme/ledger"] });
    await seat.openRunModal(seat.size === "phone" ? "" : REVIEWED);
    if (seat.size === "phone") await prompt.fill(REVIEWED);
    await seat.submit({ repositories: ["acme/orders", "acme/gateway"], review: true });

    await seat.send(ARCHIVED);
    const message = page.locator("#conversation .message", { hasText: ARCHIVED }).first();
    const more = message.getByLabel("More actions on this message");
    const items = message.getByRole("menuitem");
    await seat.press(more);
    await items.first().waitFor();
    // The lowest message's menu, which opens upwards where it would be cut off.
    await expect.poll(() => page.evaluate(MENU_IS_WHOLE)).toBe(true);
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain("Run Cody on this");
    await page.keyboard.press("Escape");
    await items.first().waitFor({ state: "hidden" });
    await seat.press(more);
    await seat.press(message.getByRole("menuitem", { name: "Run Cody on this" }));
    await expect.poll(() => prompt.inputValue()).toBe(ARCHIVED);
    if (seat.size === "desktop") {
      await seat.choose(ATTIC);
      await modal.getByText(`${ATTIC}: `).waitFor(WAIT);
      // Put away while the form is open: it is Plan that finds out.
      office.forge.admin.repository(ATTIC).archived = true;
      await seat.submit({ repositories: [] });
    } else await seat.leaveModal();

    await seat.press(more);
    await seat.press(message.getByRole("menuitem", { name: "Reply in thread" }));
    // With its first card the app has joined the channel: only then it hears a mention.
    await seat.card(REVIEWED).waitFor(WAIT);
    await seat.send(`@Cody ${STOPPED}`, page.getByLabel("Reply…"));
    await seat.press(seat.thread.getByRole("button", { name: "Open the form" }));
    await modal.waitFor();
    // The thread follows once the form is open.
    await expect
      .poll(() => prompt.inputValue(), WAIT)
      .toBe(`${STOPPED}\n\nWhat was said in the thread before:\n> ${ARCHIVED}`);
    await seat.submit({ repositories: ["acme/orders"], cap: "0.03" });
    await seat.press(page.getByRole("button", { name: "Close thread" }));
  });

  both("cancels one repository and then all, after a question, and only for who may", async (seat) => {
    const { page } = seat;
    const card = seat.card(SLOW);
    const question = page.locator("dialog.confirm");
    if (seat.size === "desktop") await seat.goTo(otherOf(seat).channel);
    await card.until("2 working");
    await seat.press(card.button("Cancel all"));
    expect(await seat.disorder()).toEqual([]);
    await seat.press(question.getByRole("button", { name: "Let it run" }));

    if (seat.size === "desktop") {
      await seat.press(card.button("Cancel all"));
      await seat.press(question.getByRole("button", { name: "Cancel the job" }));
      await page.getByText(/Only the person who asked for this job/).waitFor();
    }
    await bothHere();
    if (seat.size === "phone") {
      await seat.press(card.getByLabel("More actions", { exact: true }));
      await seat.press(card.getByRole("menuitem", { name: "Cancel acme/ledger" }));
      await seat.press(question.getByRole("button", { name: "Cancel it" }));
      await card.says("■ Cancelled · 2. acme/ledger");
      expect(await card.locator(".task.in_progress").count()).toBe(1);
      await seat.press(card.button("Cancel all"));
      await seat.press(question.getByRole("button", { name: "Cancel the job" }));
    }
    await card.says(`Cancelled by @${seat.size === "phone" ? seat.name : otherOf(seat).name}`);
    await card.until("2 cancelled");
    expect(await seat.disorder()).toEqual([]);
    if (seat.size === "desktop") await seat.goTo(seat.channel);
  });

  both("shows on the dashboard what runs, without being asked again", async (seat) => {
    const { page } = seat;
    const home = page.locator(".home");
    await seat.goTo("Cody home");
    await home.getByRole("heading", { name: "Running and waiting" }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await home
      .getByText(/2 waiting for approval/)
      .first()
      .waitFor(WAIT);
    await home.getByRole("combobox").first().selectOption({ label: "My jobs" });
    await expect
      .poll(() => jobsOn(page).locator(".mention").allTextContents(), WAIT)
      .not.toContain(`@${otherOf(seat).name}`);
    await seat.goTo(seat.channel);
  });

  both("raises the cost limit that stopped a job, to a higher one only", async (seat) => {
    const { modal } = seat;
    const card = seat.card(STOPPED);
    await seat.press(card.button("Raise the cost limit"));
    await modal.getByLabel("New cost limit in US dollars").fill("0.01");
    await seat.press(seat.inModal("Raise it"));
    await modal.locator(".error", { hasText: "name a higher one" }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await modal.getByLabel("New cost limit in US dollars").fill("1");
    await seat.press(seat.inModal("Raise it"));
    await modal.waitFor({ state: "detached" });
  });

  both("retries what failed once its cause is gone", async (seat) => {
    if (seat.size === "phone") await seat.goTo(otherOf(seat).channel);
    const title = seat.card(ARCHIVED).locator(".task.error .title");
    await title.waitFor(WAIT);
    // A style of the forms' errors once squeezed it into the column of the sign.
    expect(await title.evaluate((node) => node.clientWidth)).toBeGreaterThan(100);
    expect(await seat.disorder()).toEqual([]);
    await bothHere();
    if (seat.size === "phone") return seat.goTo(seat.channel);
    office.forge.admin.repository(ATTIC).archived = false;
    await seat.press(seat.card(ARCHIVED).button("Retry 1 failed"));
  });

  both("reviews: diffstat, hunks and verdict, then a decision, and only by who may", async (seat) => {
    const { modal } = seat;
    const card = seat.card(REVIEWED);
    const refusal = seat.page.getByText(/Only the person who asked for this job/);
    await seat.goTo(otherOf(seat).channel);
    await card.until("2 waiting for approval");
    const before = await refusal.count();
    await seat.press(card.button("Approve all"));
    await refusal.nth(before).waitFor();
    await seat.page.getByText("Only visible to you").last().waitFor();
    await bothHere();
    await seat.goTo(seat.channel);
    await card.until("2 waiting for approval");
    expect(await refusal.count()).toBe(0);

    await seat.press(card.button("Review 2 changes"));
    await modal.getByText("1 file, +1 −1").waitFor();
    await modal.getByText("+    <log4j2.version>2.17.1</log4j2.version>").waitFor();
    await modal.getByText("[scripted model] Raised minimist to 1.2.8").waitFor();
    expect(await modal.locator("li code").allTextContents()).toContain("pom.xml");
    expect(await seat.disorder()).toEqual([]);
    if (seat.size === "phone") await seat.press(seat.inModal("Approve all 2"));
    else {
      await seat.press(seat.inModal("Approve: acme/orders"));
      await seat.press(seat.inModal("Reject: acme/gateway"));
      await seat.press(seat.page.locator("dialog.confirm").getByRole("button", { name: "Reject it" }));
      await modal.getByText(/Rejected by/).waitFor();
    }
    await modal
      .getByText(/Approved by @/)
      .first()
      .waitFor();
    await seat.leaveModal();
    await card.until(seat.size === "phone" ? "2 of 2 done" : "1 of 2 done · 1 rejected");
    await card.says(seat.size === "phone" ? /Round 2: approved in 2 repositories/ : /acme\/gateway rejected by/);
    expect(await seat.disorder()).toEqual([]);

    const url = await card.getByRole("link", { name: /^Open PR #\d+.*: acme\/orders$/ }).getAttribute("href");
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

  both("downloads a patch, all patches, the conversation, and opens its page", async (seat) => {
    const { page, modal } = seat;
    const card = seat.card(REVIEWED);
    await seat.press(card.button("See 2 changes"));
    await seat.press(seat.inModal(/^Download patch.*: acme\/orders$/));
    const patch = await seat.download(page.getByRole("link", { name: /^acme-orders-.*\.patch$/ }));
    expect(patch.name).toMatch(/^acme-orders-j[0-9a-f]{16}-r1\.patch$/);
    expect(patch.body.toString()).toContain("+    <log4j2.version>2.17.1</log4j2.version>");
    await seat.leaveModal();

    await seat.press(card.button("Details"));
    await modal.getByRole("heading", { name: "Job", exact: true }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.press(seat.inModal("Download 2 patches (zip)"));
    const zip = await seat.download(modal.getByRole("link", { name: /-patches\.zip$/ }));
    expect(zip.body.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    for (const name of ["acme-orders", "acme-gateway"]) expect(zip.body.toString("latin1")).toContain(name);
    await page.keyboard.press("Escape");

    await seat.press(seat.inModal(/^Details/));
    await modal.getByRole("heading", { name: "Repository in a job" }).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.press(seat.inModal("As JSON"));
    const json = await seat.download(modal.getByRole("link", { name: /-conversation\.json$/ }));
    expect(JSON.parse(json.body.toString())).toMatchObject({ repository: "acme/orders" });
    await page.keyboard.press("Escape");

    await seat.press(seat.inModal("As a page"));
    const [transcript] = await Promise.all([
      page.waitForEvent("popup"),
      modal.getByRole("link", { name: "The conversation about acme/orders" }).click(),
    ]);
    await transcript.getByRole("heading", { name: /acme\/orders/ }).waitFor();
    expect(await seat.disorder(transcript)).toEqual([]);
    await transcript.close();
    await seat.leaveModal();
  });

  both("refines by a reply in the thread, and only for who may", async (seat) => {
    const { page, thread } = seat;
    const follow = "repository 1: raise log4j-core to at least 2.20.0";
    if (seat.size === "phone") await seat.goTo(otherOf(seat).channel);
    await seat.press(seat.card(REVIEWED).button(/repl/));
    if (seat.size === "phone") {
      await seat.send(`@Cody ${follow}`, page.getByLabel("Reply…"));
      await thread.getByText(/Only the person who asked/).waitFor();
    }
    await bothHere();
    expect(await thread.getByText(/is on its way/).count()).toBe(0);
    if (seat.size === "desktop") {
      await seat.send(follow, page.getByLabel("Reply…"));
      await thread.getByText(/Round \d is on its way for acme\/orders\./).waitFor();
    }
    expect(await seat.disorder()).toEqual([]);
    await seat.press(page.getByRole("button", { name: "Close thread" }));
    if (seat.size === "phone") await seat.goTo(seat.channel);
  });

  both("went on where the cost limit had stopped it, and ran what had failed", async (seat) => {
    await seat
      .card(STOPPED)
      .locator(".task .title", { hasText: /no changes needed/i })
      .waitFor(WAIT);
    await seat.card(STOPPED).until("of $1.00");
    expect(await seat.disorder()).toEqual([]);
    if (seat.size === "phone") return;
    await seat
      .card(ARCHIVED)
      .locator(".task .title", { hasText: /pull request #/i })
      .waitFor(WAIT);
    await seat.card(ARCHIVED).says("Round 2: run again");
    expect(await seat.disorder()).toEqual([]);
  });

  both("looks back: jobs by filter, a job, the conversation page by page, a repository's history", async (seat) => {
    const { page, modal } = seat;
    const home = page.locator(".home");
    await seat.goTo("Cody home");
    await seat.press(home.getByRole("button", { name: "Show all" }));
    await home.getByText("Repositories this month").waitFor();
    await seat.press(home.getByRole("button", { name: "Repository or text" }));
    await modal.getByLabel("Text").fill("limit stops");
    await seat.press(seat.inModal("Show"));
    await modal.waitFor({ state: "detached" });
    await home.getByText("Jobs with “limit stops”").waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.press(jobsOn(page).getByRole("button", { name: "Details" }).first());
    await modal.getByRole("heading", { name: "Job", exact: true }).waitFor();
    await seat.press(seat.inModal(/^Details/));
    await seat.press(seat.inModal("Read the conversation"));
    await modal.getByText(/turns 1 to 15 of/).waitFor();
    await modal.getByText("[scripted model]").first().waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.press(seat.inModal("Later →"));
    await modal.getByText(/turns 16 to \d+ of/).waitFor();
    await seat.press(seat.inModal("Technical view"));
    await modal.getByText(/turns 16 to \d+ of .* calls, results, tokens/).waitFor();
    await seat.press(seat.inModal("First"));
    await modal.getByText(/turns 1 to 5 of/).waitFor();
    expect(await seat.disorder()).toEqual([]);
    await modal.getByLabel("Go to turns …").first().selectOption({ index: 1 });
    await modal.getByText(/turns 6 to 10 of/).waitFor();
    await seat.press(seat.inModal("← Back"));
    await seat.press(seat.inModal("Earlier jobs here"));
    await modal
      .getByRole("heading", { name: /History|Repository/ })
      .first()
      .waitFor();
    expect(await seat.disorder()).toEqual([]);
    await seat.leaveModal();
    await seat.press(home.getByRole("button", { name: "Show all" }));
    await seat.goTo(seat.channel);
  });

  it("publishes the refined patch: a second commit on the same pull request", async () => {
    const seat = seats[0]!;
    const card = seat.card(REVIEWED);
    await card.says(/refined in 1 repository/);
    await seat.press(card.button("Approve: acme/orders"));
    await card.says("Raised log4j-core to 2.20.0");
    await card.until("1 of 2 done · 1 rejected");
    const url = await card.getByRole("link", { name: /^Open PR #\d+.*: acme\/orders$/ }).getAttribute("href");
    const pull = await office.openPage(seat.size, url!);
    await pull.getByText("<log4j2.version>2.20.0</log4j2.version>").waitFor();
    await pull.close();
    expect(await seat.disorder()).toEqual([]);
  });

  it("closes a pull request that a later round made needless", async () => {
    const seat = seats[1]!;
    const card = seat.card(REVIEWED);
    const { id: userId } = office.slack.people[seat.person];
    await takeBack(userId);
    await card.says(/of an earlier round is still open/);
    await seat.press(card.button(/^Close PR #\d+.*: acme\/orders$/));
    await seat.press(seat.page.locator("dialog.confirm").getByRole("button", { name: "Close it" }));
    await card.says(/Pull request #\d was closed/);
    expect(await seat.disorder()).toEqual([]);
  });

  /** The scripted model takes nothing back: the rows of a round that did. */
  async function takeBack(userId: string) {
    const repository = "acme/orders";
    const { items } = await office.store.jobsOfUser({ teamId: "T0LOCAL", userId }, { limit: 20 });
    const { jobId } = items.find(({ prompt }) => prompt === REVIEWED)!;
    const { runs, rounds } = (await office.store.readJob(jobId))!;
    const run = runs.find((one) => one.repository === repository)!;
    const round = rounds.length + 1;
    const at = new Date().toISOString();
    const asked = { requestedBy: userId, requestedAt: at, startedAt: at, finishedAt: at };
    await office.store.insertRound({
      jobId,
      round,
      kind: "refine",
      repositories: [repository],
      prompt: "Take it back",
      ...asked,
    });
    const verdict = {
      ...run.verdict!,
      wereChangesNecessary: false,
      summary: "The service does not log at all any more.",
    };
    await office.store.openRun({ ...run, round, state: "queued", ending: "unchanged", verdict });
    await office.store.moveRun({ jobId, round, repository }, ["queued"], { state: "unchanged", patch: undefined });
  }

  it("gives axe nothing to object to, in any view: wide and narrow, by day and by night", async () => {
    const { page, modal, goTo, press, send, openRunModal, choose, leaveModal, card, inModal } = seats[0]!;
    const home = page.locator(".home");
    const found: Record<string, string[]> = {};
    const look = async (name: string, on: Page = page) => Object.assign(found, await objections(name, on));

    await goTo("cody");
    await look("channel");
    await press(card(REVIEWED).button(/repl/));
    await look("thread");
    await press(page.getByRole("button", { name: "Close thread" }));
    await press(card(ARCHIVED).button("Details"));
    await press(inModal(/^Details/));
    await modal.getByRole("heading", { name: "Repository in a job" }).waitFor();
    await look("details");
    await press(inModal("Read the conversation"));
    await modal.getByText("[scripted model]").first().waitFor();
    await look("conversation");
    await leaveModal();
    // Escape leads back to what opened it.
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Details");
    await openRunModal("Raise <<package>>");
    await choose("acme/orders");
    await press(modal.locator("footer").getByRole("button", { name: "Run", exact: true }));
    // Refused: the form is looked at with its error and an open list.
    await modal.locator(".wrong .error").waitFor();
    await modal.getByRole("combobox", { name: "Repositories" }).fill("acme");
    await modal.getByRole("option", { name: "acme/ledger" }).waitFor();
    await look("form");
    await leaveModal();
    await expect.poll(() => page.evaluate("document.activeElement.closest('.composer') !== null")).toBe(true);
    await send("/cody gallery");
    await modal.getByRole("heading", { name: "Jobs to start from" }).waitFor();
    await look("gallery");
    await leaveModal();
    await goTo("Cody home");
    await home.getByText("Repositories this month").waitFor();
    await look("home");
    await press(home.getByRole("button", { name: "Your defaults" }));
    await modal.getByLabel("Model").waitFor();
    await look("defaults");
    await leaveModal();
    await press(home.getByRole("button", { name: "Settings of a repository" }));
    // A small dialog does not cut its list off.
    const where = modal.getByRole("combobox", { name: "Repository" });
    await where.fill("ledger");
    const offer = modal.getByRole("option", { name: "acme/ledger" });
    await offer.waitFor();
    expect(
      await offer.evaluate((node) => {
        const { left, top, width, height } = node.getBoundingClientRect();
        return node.contains(node.ownerDocument.elementFromPoint(left + width / 2, top + height / 2));
      }),
    ).toBe(true);
    await look("choice");
    await where.press("Enter");
    await press(inModal("Open"));
    const check = modal.getByRole("textbox", { name: "Check (optional)" });
    await check.waitFor();
    await check.fill("npm run “test”");
    await press(inModal("Save"));
    // Refused: the form is looked at with its error.
    await modal.locator(".error").waitFor();
    await look("settings");
    await leaveModal();
    await goTo("cody");

    const url = await card(REVIEWED)
      .getByRole("link", { name: /^Open PR #\d+.*: acme\/orders$/ })
      .getAttribute("href");
    const pull = await office.openPage("desktop", url!);
    await look("forge", pull);
    await pull.close();
    await press(card(ARCHIVED).button("Details"));
    await press(inModal(/^Details/));
    await press(inModal("As a page"));
    const [transcript] = await Promise.all([
      page.waitForEvent("popup"),
      modal.getByRole("link", { name: /^The conversation about/ }).click(),
    ]);
    await transcript
      .getByRole("heading", { name: /acme\// })
      .first()
      .waitFor();
    await look("transcript", transcript);
    await transcript.close();
    await leaveModal();
    expect(found).toEqual({});
  });

  it("has asked only this machine for anything", () => {
    expect([...office.hosts]).toEqual(["127.0.0.1"]);
  });
});
