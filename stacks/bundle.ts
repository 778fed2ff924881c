import { join, resolve } from "node:path";
import { bundle, bundleRunner } from "../packages/bundle/bundle.ts";
import { FUNCTIONS } from "../packages/config/zones.ts";

/** `<folder>/<entry>/index.mjs` for every function: each folder is what Lambda gets. */
const bundleFunctions = (folder: string) =>
  bundle(FUNCTIONS.map((entry) => ({ entry, source: `functions/${entry}.ts`, out: join(folder, entry, "index") })));

/** `functions FOLDER` when deploying; `runner FOLDER` inside the image's build. */
export function bundleAs(said: string[]) {
  const [what, folder] = said;
  if (!folder || (what !== "functions" && what !== "runner"))
    throw new Error(`Say: functions FOLDER, or runner FOLDER, and not: ${said.join(" ")}`);
  return what === "functions" ? bundleFunctions(resolve(folder)) : bundleRunner(resolve(folder));
}

if (import.meta.main) await bundleAs(process.argv.slice(2));
