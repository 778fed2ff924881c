import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const readText = (file: string) => readFileSync(resolve(ROOT, file), "utf8");

/** One file per Lambda; what they share (config, on-first-call) exports no handler and is bundled into them. */
export const functionEntries = () =>
  globSync("functions/*.ts", { cwd: ROOT })
    .filter((file) => /^export const handler\b/m.test(readText(file)))
    .map((file) => basename(file, ".ts"))
    .toSorted();

export const RUNNER_ENTRIES = ["work", "publish"];

/** `<folder>/<entry>/index.mjs` for every function: each folder is what Lambda gets. Resolves to what went into each. */
export async function bundleFunctions(folder: string, entries = functionEntries()) {
  return Promise.all(
    entries.map(async (entry) => ({
      entry,
      ...(await bundle(`functions/${entry}.ts`, join(folder, entry, "index.mjs"))),
    })),
  );
}

/** `<folder>/work.mjs` and `<folder>/publish.mjs`: the image needs no npm and no node_modules. */
export async function bundleRunner(folder: string) {
  return Promise.all(
    RUNNER_ENTRIES.map(async (entry) => ({
      entry,
      ...(await bundle(`containers/runner/${entry}.ts`, join(folder, `${entry}.mjs`))),
    })),
  );
}

/** Names stay as they are written, so that a stack trace can be read; the rest is made small. */
async function bundle(entryPoint: string, outfile: string) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minifySyntax: true,
    minifyWhitespace: true,
    /** An uncaught error prints its line of source: not a megabyte of it. */
    lineLimit: 200,
    legalComments: "none",
    metafile: true,
    logLevel: "error",
    tsconfigRaw: {},
    /** CommonJS packages inside an ES module still say `require("node:...")`. */
    banner: {
      js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
    },
  });
  copyProse(metafile, dirname(outfile));
  return { outfile, inputs: Object.keys(metafile.inputs) };
}

/** Prompts are prose in .md files, which their module reads from beside itself: beside the bundle, here. */
function copyProse({ inputs }: Metafile, folder: string) {
  const readers = Object.keys(inputs).filter(
    (file) => file.startsWith("packages/") && /import\.meta\.url/.test(readText(file)),
  );
  for (const file of new Set(readers.flatMap((reader) => globSync(`${dirname(reader)}/*.md`, { cwd: ROOT })))) {
    const target = join(folder, basename(file));
    const text = readText(file);
    if (existsSync(target) && readText(target) !== text)
      throw new Error(`Two files are called ${basename(file)}; in a bundle they would stand in one folder.`);
    writeFileSync(target, text);
  }
}

/** `node stacks/bundle.ts functions FOLDER` when deploying; `... runner FOLDER` inside the image's build. */
if (import.meta.main) {
  const [what, folder] = process.argv.slice(2);
  if (!folder || (what !== "functions" && what !== "runner"))
    throw new Error("Say: functions FOLDER, or runner FOLDER.");
  await (what === "functions" ? bundleFunctions(resolve(folder)) : bundleRunner(resolve(folder)));
}
