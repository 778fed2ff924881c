import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { Bundle } from "../../../packages/bundle/bundle.ts";
import { bundleAs } from "../../../stacks/bundle.ts";
import { bundleConfig, PROGRAM } from "./bundle.ts";
import { type Deployment, TOGETHER } from "./deployments.ts";
import { once } from "./once.ts";
import { unpackPlatform } from "./platform.ts";

export const ROOT = join(import.meta.dirname, "../../..");
const KEPT = join(ROOT, "node_modules/.cache/cody-synthesis");

export type Resource = { type: string; name: string; inputs: Record<string, unknown> };
/** `outputs`: what the deploying person reads at the end. */
export type Synthesis = {
  app: Record<string, unknown>;
  outputs: Record<string, unknown>;
  resources: Resource[];
};

/**
 * Everything that `sst deploy` would ask AWS for, worked out with no network, no account and no Pulumi engine. Rejects
 * with what the deploying person would read. Answers are kept beside node_modules under a hash of all that they are made
 * of, so that several test files pay for them once; the variants of a deployment are worked out together.
 */
export async function synthesise(deployment: Deployment): Promise<Synthesis> {
  const together = TOGETHER.find((some) => some.includes(deployment)) ?? [deployment];
  const answers = await once(join(KEPT, hashOf(JSON.stringify(together))), (folder) => work(together, folder));
  return JSON.parse(await readFile(join(answers, `${together.indexOf(deployment)}.json`), "utf8")) as Synthesis;
}

/**
 * The functions' and the runner's bundles, copied into `folder`: made once for the state of the sources. Gives what the
 * bundler says of them.
 */
export async function copyBundles(folder: string): Promise<{ functions: Bundle[]; runner: Bundle[] }> {
  await cp(await bundles(), folder, { recursive: true });
  const { made, functions, runner } = JSON.parse(await readFile(join(folder, SAID), "utf8"));
  const here = (bundle: Bundle) => ({ ...bundle, outfile: join(folder, relative(made, bundle.outfile)) });
  return { functions: functions.map(here), runner: runner.map(here) };
}

const SAID = "bundles.json";

const bundles = () =>
  once(join(KEPT, `bundles-${hashOf("")}`), async (made) => {
    const [functions, runner] = await Promise.all([
      bundleAs(["functions", join(made, "functions")]),
      bundleAs(["runner", join(made, "runner")]),
    ]);
    await writeFile(join(made, SAID), JSON.stringify({ made, functions, runner }));
  });

async function work(deployments: readonly Deployment[], answers: string): Promise<void> {
  const program = await once(join(KEPT, `program-${hashOf("")}`), async (folder) => {
    const platform = await unpackPlatform({ root: ROOT, folder });
    await bundleConfig({ root: ROOT, platform, folder });
    // 27 MB that the bundle does not need any more.
    await rm(platform, { recursive: true });
  });
  const folder = await mkdtemp(join(tmpdir(), "cody-synthesis-"));
  try {
    const asked = join(folder, "deployments.json");
    await writeFile(asked, JSON.stringify(deployments));
    const functions = join(await bundles(), "functions");
    const child = [
      join(import.meta.dirname, "child.ts"),
      join(program, PROGRAM),
      ROOT,
      folder,
      asked,
      answers,
      functions,
    ];
    const env = { PATH: process.env.PATH, HOME: folder };
    await promisify(execFile)(process.execPath, ["--no-deprecation", ...child], { env, maxBuffer: 64 * 1024 * 1024 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whatever the program may be made of: to read it all takes a tenth of the time that bundling takes. */
const SOURCES = [
  "sst.config.ts",
  "package-lock.json",
  "{stacks,functions,packages,containers,slack,test/infra/synth}/**/*.{ts,md,css}",
];
let sources: Buffer | undefined;

function hashOf(what: string): string {
  sources ??= globSync(SOURCES, { cwd: ROOT })
    .toSorted()
    .reduce((hash, file) => hash.update(`\n${file}\n`).update(readFileSync(join(ROOT, file))), createHash("sha256"))
    .digest();
  return createHash("sha256")
    .update(JSON.stringify([ROOT, what]))
    .update(sources)
    .digest("hex");
}
