import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** undefined: none is installed. Debian's is `apt-get install chromium`. */
export const CHROMIUM = PLACES.find((path) => existsSync(path));

export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;

export function launchChromium(): Promise<Browser> {
  if (!CHROMIUM) throw new Error(`There is no Chromium at ${PLACES.join(", ")}.`);
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(" ") });
}
