import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";

/** A page that hangs must not hold up the rest. */
const LONGEST_LOOK_MS = 5_000;

/** What a page shows at this moment, for the log of a journey that failed: a few lines, however much there is. */
export async function sightOf(page: Page): Promise<string> {
  const lines = await Promise.race([
    page.evaluate<string[]>(`(${inShort})()`).catch((error: Error) => [`cannot be looked at: ${error.message}`]),
    sleep(LONGEST_LOOK_MS, ["does not answer"], { ref: false }),
  ]);
  return [page.url().replace(/key=[^&]*/, "key=…"), ...lines].join("\n  ");
}

/** Runs in the page. */
const inShort = `() => {
  const words = (node) => node.innerText.replace(/\\s+/g, " ").trim();
  const dialogs = [...document.querySelectorAll("dialog[open]")].map(
    (node) => "dialog " + (node.dataset.view ?? node.className) + ": " + words(node).slice(0, 800),
  );
  const toast = document.querySelector("#toast.shown");
  const errors = [...document.querySelectorAll(".wrong .error")].map((node) => "error: " + words(node).slice(0, 200));
  return [
    ...dialogs,
    ...errors,
    ...(toast ? ["toast: " + words(toast)] : []),
    "focus: " + document.activeElement?.outerHTML.slice(0, 200),
    "at the end of the page: " + words(document.querySelector("#conversation") ?? document.body).slice(-800),
  ];
}`;
