import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { SAMPLE_CHECK, SAMPLE_PROMPT } from "../../packages/local/demo/options.ts";
import { openOffice } from "./office.ts";
import { takeSeat } from "./seat.ts";

/** Makes the README's pictures: `node test/browser/screenshots.ts`. */
const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SAMPLES = ["acme/orders", "acme/gateway", "acme/ledger"];

mkdirSync(IMAGES, { recursive: true });
const office = await openOffice();
try {
  const desk = await takeSeat(office, "desktop", "requester", "cody");
  const phone = await takeSeat(office, "phone", "second", "another-team");
  const keep = (name: string, page: Page = desk.page, fullPage = false) =>
    page.screenshot({ path: `${IMAGES}${name}.png`, fullPage });
  const toTopOfCard = (page: Page) =>
    page.evaluate(`document.activeElement.blur();
      document.querySelector("#conversation .message:has(.plan)").scrollIntoView({ block: "start" })`);

  await desk.openRunModal(SAMPLE_PROMPT);
  await desk.choose("acme/orders");
  await desk.modal.getByRole("combobox", { name: "Repositories" }).fill("acme");
  await desk.modal.getByRole("option", { name: "acme/ledger" }).waitFor();
  await keep("workspace-modal");
  await desk.leaveModal();

  await desk.run({ prompt: SAMPLE_PROMPT, repositories: SAMPLES, verify: SAMPLE_CHECK });
  const card = desk.card(SAMPLE_PROMPT);
  await card.until("3 of 3 done");
  await card.getByRole("button", { name: "1 reply" }).waitFor();
  await toTopOfCard(desk.page);
  await keep("workspace-card");

  const url = await card.getByRole("link", { name: /^Open PR #\d+.*: acme\/gateway$/ }).getAttribute("href");
  await keep("forge-pr", await office.openPage("desktop", url!), true);

  // Another version: the same again would be a repeat of what is open.
  const later = SAMPLE_PROMPT.replace("2.17.1", "2.20.0");
  await phone.run({ prompt: later, repositories: ["acme/orders", "acme/gateway"], review: true });
  await phone.card(later).until("2 waiting for approval");
  await toTopOfCard(phone.page);
  await keep("workspace-phone", phone.page);

  await desk.goTo("Cody home");
  await desk.page.getByText("Repositories this month").waitFor();
  await keep("home");
} finally {
  await office.close();
}
