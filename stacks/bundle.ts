import { globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { bundle, bundleRunner } from "../packages/bundle/bundle.ts";

const ROOT = resolve(import.meta.dirname, "..");

/** One file per Lambda; what they share (config, on-first-call) exports no handler and is bundled into them. */
export const functionEntries = () =>
  globSync("functions/*.ts", { cwd: ROOT })
    .filter((file) => /^export const handler\b/m.test(readFileSync(join(ROOT, file), "utf8")))
    .map((file) => basename(file, ".ts"))
    .toSorted();

/** `read-token` > `ReadToken`: the name of the function's resources. */
export const functionTitle = (entry: string) =>
  FIRST_TITLES[entry] ?? entry.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A resource keeps the name it was made with: another one would replace the function, its role and its stream reader. */
const FIRST_TITLES: Record<string, string> = { dispatch: "Drive" };

/** `<folder>/<entry>/index.mjs` for every function: each folder is what Lambda gets. */
export const bundleFunctions = (folder: string) =>
  bundle(
    functionEntries().map((entry) => ({ entry, source: `functions/${entry}.ts`, out: join(folder, entry, "index") })),
  );

/** `node stacks/bundle.ts functions FOLDER` when deploying; `... runner FOLDER` inside the image's build. */
if (import.meta.main) {
  const [what, folder] = process.argv.slice(2);
  if (!folder || (what !== "functions" && what !== "runner"))
    throw new Error("Say: functions FOLDER, or runner FOLDER.");
  await (what === "functions" ? bundleFunctions(resolve(folder)) : bundleRunner(resolve(folder)));
}
