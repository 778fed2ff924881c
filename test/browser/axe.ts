import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { SIZES } from "./chromium.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Objection = { rule: string; help: string; where: string[] };

/**
 * What is the same at each width and in each colour is looked at once: at night it is the colours that differ. A dialog
 * has the same controls on the same ground at each width; of a page, parts are hidden or lie over others.
 */
const LOOKS = [
  { size: "desktop", colorScheme: "light", rules: undefined, inDialogs: true },
  { size: "desktop", colorScheme: "dark", rules: ["color-contrast"], inDialogs: true },
  { size: "phone", colorScheme: "light", rules: undefined, inDialogs: true },
  { size: "phone", colorScheme: "dark", rules: ["color-contrast"], inDialogs: false },
] as const;

/** What axe-core finds on a page as it stands. Nothing: an empty object. */
export async function objections(name: string, page: Page): Promise<Record<string, string[]>> {
  const before = page.viewportSize();
  const found: Record<string, string[]> = {};
  // By the debugger: the page's own policy lets no script of others in.
  if (!(await page.evaluate<boolean>("typeof axe === 'object'"))) await page.evaluate(AXE);
  const isDialog = (await page.locator("dialog[open]").count()) > 0;
  for (const { size, colorScheme, rules, inDialogs } of LOOKS) {
    if (isDialog && !inDialogs) continue;
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme });
    const all = await page.evaluate<Objection[]>(`(${run})(${JSON.stringify(rules ?? null)})`);
    if (all.length > 0) found[`${name}, ${size}, ${colorScheme}`] = all.map(wordsOfObjection);
  }
  if (before) await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}

const wordsOfObjection = ({ rule, help, where }: Objection) => `${rule}: ${help}: ${where.slice(0, 3).join(" | ")}`;

/** Runs in the page. What lies behind an open dialog is inert, and is looked at in views of its own. */
const run = `async (rules) => {
  const shown = document.querySelector("dialog[open]") ?? document;
  const options = { resultTypes: ["violations"], ...(rules && { runOnly: { type: "rule", values: rules } }) };
  const { violations } = await axe.run(shown, options);
  return violations.map(({ id, help, nodes }) => ({ rule: id, help, where: nodes.map(({ html }) => html.slice(0, 160)) }));
}`;
