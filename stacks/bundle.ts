import { join, resolve } from "node:path";
import { bundle, bundleRunner } from "../packages/bundle/bundle.ts";
import { FUNCTIONS } from "../packages/config/zones.ts";

/** `<folder>/<entry>/index.mjs` for every function: each folder is what Lambda gets. */
export const bundleFunctions = (folder: string) =>
  bundle(FUNCTIONS.map((entry) => ({ entry, source: `functions/${entry}.ts`, out: join(folder, entry, "index") })));

/** `node stacks/bundle.ts functions FOLDER` when deploying; `... runner FOLDER` inside the image's build. */
if (import.meta.main) {
  const [what, folder] = process.argv.slice(2);
  if (!folder || (what !== "functions" && what !== "runner"))
    throw new Error("Say: functions FOLDER, or runner FOLDER.");
  await (what === "functions" ? bundleFunctions(resolve(folder)) : bundleRunner(resolve(folder)));
}
