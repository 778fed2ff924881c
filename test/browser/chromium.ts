import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** The shell has no window around its pages, whose drawing is a quarter of what the browser costs. */
const PLACES = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** undefined: none is installed. Debian's is `apt-get install chromium-headless-shell`, or `chromium`. */
export const CHROMIUM = PLACES.find((path) => existsSync(path));

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

export function launchChromium(): Promise<Browser> {
  if (!CHROMIUM) throw new Error(`There is no Chromium at ${PLACES.join(", ")}.`);
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
}
