import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "..");
const readText = (file: string) => readFileSync(resolve(ROOT, file), "utf8");

/** One file per Lambda; what they share (config, on-first-call) exports no handler and is bundled into them. */
export const functionEntries = () =>
  globSync("functions/*.ts", { cwd: ROOT })
    .filter((file) => /^export const handler\b/m.test(readText(file)))
    .map((file) => basename(file, ".ts"))
    .toSorted();

/** `read-token` > `ReadToken`: the name of the function's resources. */
export const functionTitle = (entry: string) =>
  entry.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

export const RUNNER_ENTRIES = ["work", "publish"];

export type Bundle = {
  entry: string;
  outfile: string;
  /** Every file that went into it, relative to the repository. */
  inputs: string[];
};

/** `<folder>/<entry>/index.mjs` for every function: each folder is what Lambda gets. */
export const bundleFunctions = (folder: string) =>
  bundle(
    functionEntries().map((entry) => ({ entry, source: `functions/${entry}.ts`, out: join(folder, entry, "index") })),
  );

/** `<folder>/work.mjs` and `<folder>/publish.mjs`: the image needs no npm and no node_modules. */
export const bundleRunner = (folder: string) =>
  bundle(RUNNER_ENTRIES.map((entry) => ({ entry, source: `containers/runner/${entry}.ts`, out: join(folder, entry) })));

/** Names stay as they are written, so that a stack trace can be read; the rest is made small. */
async function bundle(entries: { entry: string; source: string; out: string }[]): Promise<Bundle[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries.map(({ source, out }) => ({ in: source, out })),
    outdir: "/",
    outExtension: { ".js": ".mjs" },
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
  return entries.map(({ entry, source, out }) => {
    const [outfile, { inputs }] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === source)!;
    const files = Object.keys(inputs);
    copyTexts(files, dirname(out));
    return { entry, outfile: resolve(ROOT, outfile), inputs: files };
  });
}

/** Prompts and the transcript's style and script are files that their module reads from beside itself: beside the bundle, here. */
function copyTexts(inputs: string[], folder: string) {
  const readers = inputs.filter((file) => file.startsWith("packages/") && /import\.meta\.url/.test(readText(file)));
  for (const file of new Set(
    readers.flatMap((reader) => globSync(`${dirname(reader)}/*.{md,css,js}`, { cwd: ROOT })),
  )) {
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
