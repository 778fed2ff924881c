import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");
const readText = (file: string) => readFileSync(resolve(ROOT, file), "utf8");

/** `source`: relative to the repository. `out`: the bundle's path without its extension. */
type BundleEntry = { entry: string; source: string; out: string };

export type Bundle = {
  entry: string;
  outfile: string;
  /** Every file that went into it, relative to the repository. */
  inputs: string[];
};

export const RUNNER_ENTRIES = ["work", "publish"];

/**
 * `<folder>/work.mjs` and `<folder>/publish.mjs`, beside them what they share and what they load only when they need
 * it. They run without npm and without node_modules.
 */
export const bundleRunner = (folder: string) =>
  bundle(
    RUNNER_ENTRIES.map((entry) => ({ entry, source: `containers/runner/${entry}.ts`, out: join(folder, entry) })),
    { splitInto: folder },
  );

/** Names stay as they are written, so that a stack trace can be read; the rest is made small. */
export async function bundle(
  entries: readonly BundleEntry[],
  { splitInto }: { splitInto?: string } = {},
): Promise<Bundle[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries.map(({ source, out }) => ({ in: source, out })),
    outdir: "/",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    ...(splitInto !== undefined && { splitting: true, chunkNames: join(splitInto, "part-[hash]").slice(1) }),
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
  const outputs = Object.entries(metafile.outputs);
  const partsOf = (outfile: string): string[] => {
    const seen = new Set([outfile]);
    for (const file of seen) for (const { path } of metafile.outputs[file]?.imports ?? []) seen.add(path);
    return [...seen].filter((file) => file in metafile.outputs);
  };
  return entries.map(({ entry, source, out }) => {
    const [outfile] = outputs.find(([, output]) => output.entryPoint === source)!;
    const inputs = [...new Set(partsOf(outfile).flatMap((file) => Object.keys(metafile.outputs[file]!.inputs)))];
    copyTexts(inputs, dirname(out));
    return { entry, outfile: resolve(ROOT, outfile), inputs };
  });
}

/** Prompts, the transcript's style and script, and the sandbox's program are files that their module reads from beside itself: beside the bundle, here. */
function copyTexts(inputs: string[], folder: string) {
  const readers = inputs.filter((file) => file.startsWith("packages/") && /import\.meta\.url/.test(readText(file)));
  for (const file of new Set(
    readers.flatMap((reader) => globSync(`${dirname(reader)}/*.{md,css,js,pl}`, { cwd: ROOT })),
  )) {
    const target = join(folder, basename(file));
    const text = readText(file);
    if (existsSync(target) && readText(target) !== text)
      throw new Error(`Two files are called ${basename(file)}; in a bundle they would stand in one folder.`);
    writeFileSync(target, text);
  }
}
